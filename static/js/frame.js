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

// After a boosted click the reader is at the new page's heading, or at what is wrong.
document.addEventListener('htmx:after:swap', ({detail: {ctx}}) => {
  if (ctx.target !== document.body) return;
  const wrongs = document.getElementById('wrongs');
  (wrongs ?? document.querySelector('h1'))?.focus({preventScroll: !wrongs});
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

// Keys. Off while typing; links and fields name their key in data-key.
let first = '';

const typing = ({target}) => target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]');
const press = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);

function row(step) {
  const rows = [...document.querySelectorAll('table.rows tbody tr')];
  const here = rows.findIndex((one) => one.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  next?.querySelector('td.name a')?.focus();
}

document.addEventListener('keydown', (event) => {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = first ? `${first} ${event.key}` : event.key;
  first = '';
  if (key === 'j' || key === 'k') { row(key === 'j' ? 1 : -1); return; }
  if (key === 'g') { first = 'g'; setTimeout(() => { first = ''; }, 1500); return; }
  const target = press(key);
  if (!target) return;
  event.preventDefault();
  if (target.matches('input')) target.focus();
  else target.click();
});
