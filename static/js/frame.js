// The frame: what a plain page does by itself and a page swapped by htmx must be told.
const open = 'details.pick[open], details.menu-of[open]';

// Addresses carry only what is set.
document.addEventListener('htmx:config:request', ({detail: {ctx}}) => {
  if (!ctx.sourceElement.matches('form[method=get]')) return;
  for (const [key, value] of [...ctx.request.body]) {
    if (value === '') ctx.request.body.delete(key);
  }
});

// An answer to an older question does not overwrite a newer one.
document.addEventListener('htmx:before:swap', (event) => {
  const {ctx} = event.detail, part = ctx.sourceElement;
  if (!part?.matches?.('[data-part][hx-get]')) return;
  const asked = new URL(ctx.request.action, location.href).href;
  if (asked !== new URL(part.getAttribute('hx-get'), location.href).href) event.preventDefault();
});

// After a boosted click the reader is at the new page's heading.
document.addEventListener('htmx:after:swap', ({detail: {ctx}}) => {
  if (ctx.target === document.body) document.querySelector('h1')?.focus({preventScroll: true});
});

document.addEventListener('click', ({target}) => {
  for (const sheet of document.querySelectorAll(open)) {
    if (!sheet.contains(target)) sheet.open = false;
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const sheet of document.querySelectorAll(open)) {
    sheet.open = false;
    sheet.querySelector('summary').focus();
  }
});
