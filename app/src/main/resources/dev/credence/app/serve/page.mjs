/* The frame: which page is shown, by the address behind the #. */
import * as runs from './runs.mjs';
import * as audits from './audits.mjs';
import * as comparison from './compare.mjs';
import * as logs from './logs.mjs';
import * as experiments from './experiments.mjs';
import * as worlds from './worlds.mjs';
import * as work from './work.mjs';
import { el, failed } from './tools.mjs';

const pages = {
  runs: runs.list,
  run: runs.one,
  audits: audits.list,
  audit: audits.one,
  texts: audits.texts,
  compare: comparison.compare,
  drop: logs.drop,
  log: logs.one,
  experiments: experiments.list,
  experiment: experiments.one,
  worlds: worlds.edit,
  work: work.list
};
const above = { run: 'runs', audit: 'audits', texts: 'audits', log: 'drop', experiment: 'experiments' };

let leaving = new AbortController();

async function open(moved) {
  const [name, search] = location.hash.replace(/^#\/?/, '').split('?');
  const page = pages[name] ? name : 'runs';
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  document.querySelectorAll('.pages a').forEach(anchor => {
    const current = anchor.getAttribute('href') === `#/${above[page] || page}`;
    if (current) { anchor.setAttribute('aria-current', 'page'); } else { anchor.removeAttribute('aria-current'); }
  });
  const main = document.getElementById('page');
  const place = el('div', { 'data-page': page });
  main.replaceChildren(place);
  try {
    await pages[page](place, new URLSearchParams(search || ''), signal);
  } catch (failure) {
    place.querySelectorAll('[role=status].lead').forEach(waiting => waiting.remove());
    failed(place, failure);
  }
  if (signal.aborted) { return; }
  const heading = place.querySelector('h1');
  document.title = heading ? `${heading.textContent} · Credence` : 'Credence';
  place.setAttribute('data-ready', '');
  if (moved) { main.focus({ preventScroll: true }); window.scrollTo(0, 0); }
}

if (new URLSearchParams(location.search).has('token')) {
  history.replaceState(null, '', `/${location.hash}`);
}
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  document.getElementById('page').focus();
});
window.addEventListener('hashchange', () => open(true));
open(false);
work.count();
