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
