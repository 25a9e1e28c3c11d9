// The line to the server: names of changed things become events that parts listen to.
//
// A message is {"changed": ["runs", "run:<id>"]}. Each name's first word makes an event on
// <body> ("runs-changed"), on which the page is asked again. Bursts are merged here.
const REST = {runs: 2000, run: 1000, logs: 500}, POLL = 10000, GRACE = 3000;
const WORDS = {on: 'Live', off: 'Not live', paused: 'Paused'}, timers = new Map();
let poll = null, grace = null, steady = null, paused = false, missed = false, opened = false;

const kind = (name) => name.split(':')[0], find = (id) => document.getElementById(id);
const fire = (topic) => document.body.dispatchEvent(new CustomEvent(`${topic}-changed`));

function all() {
  new Set((find('live-socket')?.dataset.live ?? '').split(' ').map(kind)).forEach(changed);
}

function show(state) {
  const light = find('live');
  if (!light) return;
  light.hidden = false;
  light.dataset.state = paused ? 'paused' : state;
  light.setAttribute('aria-pressed', String(paused));
  light.querySelector('span').textContent = WORDS[light.dataset.state];
}

// Rows must not jump under a reader: a list being read offers a button instead.
function held(topic) {
  const list = document.querySelector(`[data-hold="${topic}"]`);
  if (!list || !find('held')) return false;
  const reading = window.scrollY > list.offsetTop || list.querySelector('[data-more]');
  return Boolean(reading || list.contains(document.activeElement));
}

function tell(topic) {
  if (paused || document.hidden) missed = true;
  else if (held(topic)) find('held').hidden = false;
  else fire(topic);
}

// At once, then at most once per rest; what came meanwhile is told at its end.
function changed(topic) {
  if (timers.has(topic)) return void timers.set(topic, true);
  timers.set(topic, false);
  tell(topic);
  setTimeout(() => {
    const again = timers.get(topic);
    timers.delete(topic);
    if (again) changed(topic);
  }, REST[topic] ?? 2000);
}

// A line that breaks at once is none: it counts when it has held.
function up() {
  if (opened) all();
  opened = true;
  steady = setTimeout(() => {
    clearTimeout(grace);
    clearInterval(poll);
    grace = poll = null;
    show('on');
    if (find('offline')) find('offline').hidden = true;
  }, 500);
}

function down({detail}) {
  clearTimeout(steady);
  if (detail.reason === 'removed') opened = false;
  if (detail.reason === 'removed' || document.hidden || grace || poll) return;
  grace = setTimeout(() => {
    const out = detail.code === 4401, banner = find('offline');
    show('off');
    if (!out) poll = setInterval(all, POLL);
    if (!banner) return;
    banner.textContent = out ? 'Signed out, sign in again.' : 'Live updates are off, checking every 10 s.';
    banner.hidden = false;
  }, GRACE);
}

document.addEventListener('htmx:ws:after:connection', up);
document.addEventListener('htmx:ws:close', down);
// htmx may have started before its socket extension was read: look again.
document.addEventListener('DOMContentLoaded', () => window.htmx.process(find('live-socket')));
document.addEventListener('htmx:ws:before:message:incoming', (event) => {
  event.preventDefault();
  new Set(JSON.parse(event.detail.message.data).changed.map(kind)).forEach(changed);
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && missed && !paused) { missed = false; all(); }
});
document.addEventListener('click', ({target}) => {
  if (target.closest('#held')) {
    find('held').hidden = true;
    fire('runs');
    window.scrollTo(0, 0);
  }
  if (target.closest('#live')) {
    paused = !paused;
    show(poll ? 'off' : 'on');
    if (!paused) all();
  }
});
