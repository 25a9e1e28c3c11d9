// Forms: what is typed counts, whatever the switch beside it said before.
const show = (mode) => {
  const control = mode.closest('.control');
  if (mode.value === 'value') control.removeAttribute('data-mode');
  else control.dataset.mode = mode.value;
};

document.addEventListener('input', ({target}) => {
  if (target.matches('.modes > select')) { show(target); return; }
  for (let one = target.closest('.control'); one; one = one.parentElement.closest('.control')) {
    const mode = one.querySelector(':scope > .modes > select');
    if (mode && mode.value !== 'value') { mode.value = 'value'; show(mode); }
  }
});

// What was typed and not sent is not thrown away by a slip.
let dirty = false;
document.addEventListener('input', ({target}) => { dirty = dirty || Boolean(target.closest('form.asking')); });
document.addEventListener('submit', ({target}) => { if (target.matches('form.asking')) dirty = false; });
document.addEventListener('htmx:after:swap', ({detail: {ctx}}) => { if (ctx.target === document.body) dirty = false; });
window.addEventListener('beforeunload', (event) => { if (dirty) event.preventDefault(); });
