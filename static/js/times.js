// Times: the reader's zone, and text that counts by itself.
//
// <time datetime="…Z" data-as="clock|second|stamp"> is rewritten when the server wrote
// another zone than the browser's; data-tick="since|until|late" counts once a second.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

if (!document.cookie.includes(`orion_zone=${encodeURIComponent(zone)}`)) {
  document.cookie = `orion_zone=${encodeURIComponent(zone)};path=/;max-age=31536000;samesite=lax`;
}

function parts(date) {
  const found = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3,
  }).formatToParts(date);
  return Object.fromEntries(found.map(({type, value}) => [type, value]));
}

function written(date, as) {
  const p = parts(date), today = parts(new Date());
  const day = `${p.year}-${p.month}-${p.day}`;
  const clock = `${p.hour}:${p.minute}`;
  if (as === 'stamp') return `${day} ${clock}:${p.second}`;
  if (as === 'ms') return `${clock}:${p.second}.${p.fractionalSecond}`;
  const here = day === `${today.year}-${today.month}-${today.day}`;
  const rest = as === 'second' ? `:${p.second}` : '';
  return here ? clock + rest : `${p.month}-${p.day} ${clock}${rest}`;
}

export function duration(seconds) {
  const s = Math.max(0, seconds), two = (n) => String(n).padStart(2, '0');
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 60) return s < 10 ? `${s.toFixed(1)} s` : `${Math.floor(s)} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} m ${two(Math.floor(s % 60))} s`;
  const h = Math.floor(m / 60);
  return h < 24 ? `${h} h ${two(m % 60)} m` : `${Math.floor(h / 24)} d ${h % 24} h`;
}

export function rough(seconds) {
  const s = Math.abs(seconds);
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} d`;
}

const said = {
  since: (left, base) => duration(base - left),
  until: (left) => (left > 0 ? `in ${rough(left)}` : `${rough(left)} ago`),
  late: (left) => (left > 0 ? `in ${rough(left)}` : `${rough(left)} late`),
};

function tick() {
  if (document.hidden) return;
  for (const el of document.querySelectorAll('[data-tick]')) {
    const left = (Date.parse(el.dateTime) - Date.now()) / 1000;
    const text = said[el.dataset.tick](left, Number(el.dataset.base ?? 0));
    if (el.textContent !== text) el.textContent = text;
  }
}

function settle() {
  const label = document.getElementById('zone');
  if (label && label.dataset.zone !== zone) {
    for (const el of document.querySelectorAll('time[data-as]')) {
      el.textContent = written(new Date(el.dateTime), el.dataset.as);
      el.title = `${written(new Date(el.dateTime), 'stamp')} ${zone}`;
    }
    label.textContent = zone;
  }
  tick();
}

// The first visit ever was painted in UTC, charts too: ask once more, now that the
// cookie names the zone.
window.addEventListener('load', () => {
  const label = document.getElementById('zone'), part = document.getElementById('live-part');
  if (!part || label?.dataset.zone === zone) return;
  const event = part.getAttribute('hx-trigger').split(' ')[0];
  setTimeout(() => document.body.dispatchEvent(new CustomEvent(event)));
});

settle();
setInterval(tick, 1000);
document.addEventListener('htmx:after:swap', settle);
document.addEventListener('visibilitychange', tick);
