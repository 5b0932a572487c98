/* What every page uses. Texts of logs become text nodes; only parts of reports, which the server escapes, become elements. */

export class Refusal extends Error {}

async function answer(response) {
  const type = response.headers.get('Content-Type') || '';
  const body = type.startsWith('application/json') ? await response.json() : await response.text();
  if (!response.ok) { throw new Refusal(body.error || `status ${response.status}`); }
  return body;
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (failure) {
    if (failure.name === 'AbortError') { throw failure; }
    throw new Refusal('the server is gone: start `credence serve` again, and open the address that it prints');
  }
  return answer(response);
}

export function query(values) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of [].concat(value)) { search.append(name, one); }
  }
  return search.toString();
}

export function get(path, values = {}, signal) {
  const search = query(values);
  return ask(search ? `${path}?${search}` : path, { signal });
}

export function post(path, body, signal) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body || {}),
    signal
  });
}

/* Text to be looked at: what turns the direction of a line, begins another, or is no character to see, by its number, as reports have it. */
function visible(text) {
  return text.replace(/(?![\t\n\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    c => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/* An element; attributes that are functions listen, and texts are made visible. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false)
    .map(child => typeof child === 'string' ? visible(child) : child));
  return element;
}

/* A part of a report, with its drawings and tables alive. */
export function fill(element, html) {
  element.innerHTML = html;
  window.credenceReport.show(element);
}

export function show(element) { window.credenceReport.show(element); }

export function say(text) { document.getElementById('status').textContent = text; }

export function failed(place, failure) {
  if (failure.name === 'AbortError') { return; }
  const box = el('p', { class: 'error', role: 'alert' }, failure.message);
  place.querySelectorAll('.error').forEach(old => old.remove());
  place.prepend(box);
}

export function clear(place) { place.querySelectorAll('.error').forEach(old => old.remove()); }

/* A table that sorts, of cards where the page is narrow; a cell is a text, an element, or {text, sort}. */
export function table(caption, columns, rows) {
  const head = el('tr', {}, ...columns.map(column =>
    column.quiet ? el('td', {}) // of buttons: nothing to sort by
      : el('th', { scope: 'col', class: column.number ? 'num' : 'words' }, column.name)));
  const body = rows.map(row => el('tr', {}, ...row.map((cell, at) => {
    const { number, whole, quiet } = columns[at];
    const name = quiet ? null : columns[at].name;
    const given = cell && typeof cell === 'object' && !(cell instanceof Node) ? cell : { text: cell };
    const shown = given.text === null || given.text === undefined ? '–' : given.text;
    const kind = [number ? 'num' : columns[at].class || '', whole ? 'whole' : ''].join(' ').trim();
    return el('td', { class: kind, 'data-column': name, 'data-sort': given.sort }, shown);
  })));
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', { class: 'sortable cards' }, el('caption', {}, el('span', {}, caption)),
      el('thead', {}, head), el('tbody', {}, ...body)));
}

const reached = 'a[href], button, input, select, summary, [tabindex]';

/* Replaces what is shown and leaves it as the reader had it: what was unfolded, how tables were sorted, where the keyboard stood. */
export function keeping(place, change) {
  const folds = [...place.querySelectorAll('details')].map(details => details.open);
  const sorted = [...place.querySelectorAll('table')].map(table => {
    const heads = [...table.querySelectorAll('thead th')];
    const at = heads.findIndex(head => head.hasAttribute('aria-sort'));
    return at < 0 ? null : { at, way: heads[at].getAttribute('aria-sort') };
  });
  const typed = [...place.querySelectorAll('input[type=search]')].map(input => input.value);
  const scrolled = [...place.querySelectorAll('.scroll')].map(part => part.scrollLeft);
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const named = focused && focused.getAttribute('href');
  const number = focused ? [...place.querySelectorAll(reached)].indexOf(focused) : -1;
  change();
  place.querySelectorAll('details').forEach((details, at) => { if (at in folds) { details.open = folds[at]; } });
  place.querySelectorAll('table').forEach((table, at) => {
    const was = sorted[at];
    const head = was && table.querySelectorAll('thead th')[was.at];
    const button = head && head.querySelector('button');
    for (let turns = 0; button && turns < 2 && head.getAttribute('aria-sort') !== was.way; turns++) { button.click(); }
  });
  place.querySelectorAll('input[type=search]').forEach((input, at) => {
    if (typed[at]) { input.value = typed[at]; input.dispatchEvent(new Event('input')); }
  });
  place.querySelectorAll('.scroll').forEach((part, at) => { part.scrollLeft = scrolled[at] || 0; });
  if (focused) {
    const all = [...place.querySelectorAll(reached)];
    const again = (named && all.find(each => each.getAttribute('href') === named)) || all[number];
    if (again) { again.focus({ preventScroll: true }); }
  }
}

/* Above a long table: its rows by a part of what stands in them. */
export function filtered(list, label) {
  const rows = [...list.querySelectorAll('tbody tr')];
  if (rows.length <= 10) { return list; }
  const count = el('span', { class: 'hint', role: 'status' });
  const id = `filter-${label.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  const input = el('input', { type: 'search', id, input: () => {
    const wanted = input.value.toLowerCase();
    const left = rows.filter(row => {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      return !row.hidden;
    });
    count.textContent = wanted ? `${left.length} of ${rows.length}` : '';
  } });
  return el('div', {}, el('div', { class: 'filter' }, el('label', { for: id }, label), input, count), list);
}

export function when(milliseconds) {
  return milliseconds ? new Date(milliseconds).toISOString().replace('T', ' ').slice(0, 16) : '–';
}

export function bytes(count) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let left = count;
  while (left >= 1024 && at < units.length - 1) { left /= 1024; at++; }
  return `${at === 0 ? left : left.toFixed(1)} ${units[at]}`;
}

export function state(word) { return el('span', { class: `state ${word}` }, word); }

export function link(text, ...path) {
  return el('a', { href: address(...path) }, text);
}

export function address(page, values = {}) {
  const search = query(values);
  return `#/${page}${search ? `?${search}` : ''}`;
}

/* Asks again and again until the page is left; what fails is told and asked again later. */
export function every(milliseconds, signal, work) {
  async function turn() {
    if (signal.aborted) { return; }
    let on = true;
    try { on = (await work()) !== false; } catch (failure) { if (signal.aborted) { return; } say(failure.message); }
    if (on && !signal.aborted) { setTimeout(turn, document.hidden ? milliseconds * 4 : milliseconds); }
  }
  turn();
}

/* Work that the server does: its lines, its state, and a button that stops it. */
export function watch(place, id, signal, done) {
  const word = el('span');
  const lines = el('pre', { class: 'lines', tabindex: '0', 'aria-label': 'What the work says' });
  const bar = el('progress', { 'aria-label': 'Working' });
  const stop = el('button', {
    type: 'button',
    click: () => post(`/api/jobs/stop?${query({ id })}`).catch(failure => failed(place, failure))
  }, 'Stop');
  place.replaceChildren(el('div', { class: 'actions' }, word, stop,
    el('span', { class: 'hint' }, 'It goes on if this page is left, and is found under ', link('Work', 'work'), '.')), bar, lines);
  every(700, signal, async () => {
    const { jobs } = await get('/api/jobs', {}, signal);
    const job = jobs.find(one => one.id === id);
    if (!job) { return false; }
    word.replaceChildren(state(job.state));
    const text = job.lines.join('\n');
    if (lines.textContent !== text) { lines.textContent = text; lines.scrollTop = lines.scrollHeight; }
    lines.hidden = text === '';
    const going = job.state === 'running' || job.state === 'stopping';
    stop.disabled = job.state !== 'running';
    if (going) { return true; }
    bar.remove();
    stop.remove();
    place.querySelector('.hint').remove();
    say(`${job.title}: ${job.state}`);
    done(job);
    return false;
  });
}
