/* Audits: the list, a report, the texts behind it. */
import { el, get, table, when, link, fill, show, bytes, address, query, filtered } from './tools.mjs';

export async function list(place, search, signal) {
  const document = await get('/api/audits', {}, signal);
  place.replaceChildren(el('h1', {}, 'Audits'),
    el('p', { class: 'lead' }, 'Kept as JSON below the folder served, the newest first. ', link('Drop a log', 'drop'), ' to make one.'));
  if (document.audits.length === 0) {
    place.append(el('p', { class: 'empty' }, 'There is none yet: ', el('code', {}, 'credence audit LOG --json runs/NAME.json'), ' keeps one here.'));
  } else {
    place.append(filtered(audited(document.audits, false), 'Audits that contain'));
    if (document.left_off > 0) { place.append(el('p', { class: 'muted' }, `${document.left_off} older ones are left off.`)); }
  }
  if (document.logs.length > 0) {
    place.append(el('section', {}, el('h2', {}, 'Logs'), filtered(table('Rollouts that can be audited here.',
      [{ name: 'Log', class: 'names' }, { name: 'Size', number: true }],
      document.logs.map(log => [link(log.file, 'log', { file: log.file }), { text: bytes(log.bytes), sort: log.bytes }])), 'Logs that contain')));
  }
  show(place);
}

/* A figure with its interval below it. */
function stacked(shown) {
  const [estimate, interval] = (shown || '–').split(/ (?=\[)/);
  return el('span', { class: 'stacked' }, el('span', {}, estimate), interval ? el('span', { class: 'interval' }, interval) : null);
}

/* The list; with boxes to choose by where they are to be compared. */
export function audited(audits, choosing) {
  const number = name => ({ name, number: true });
  const columns = [{ name: 'Audit', class: 'names' }, { name: 'Verdict', class: 'verdict' },
    number('Bayes fraction'), number('Copies'), number('KL, nats'), number('Steps'),
    ...(choosing ? [] : [{ name: 'Reward', whole: true }, { name: 'β' }, { name: 'Written', class: 'moment' }])];
  const figure = (audit, id) => ({
    text: stacked((audit.shown || {})[id]), sort: audit.findings && audit.findings[id] ? audit.findings[id].estimate : 'NaN'
  });
  const rows = audits.map(audit => {
    const named = link(audit.file, 'audit', { file: audit.file });
    return [choosing ? chosen(audit.file, named) : named, audit.verdict || audit.reason,
      figure(audit, 'bayes_fraction'), figure(audit, 'copies.moment_match'), figure(audit, 'kl.policy_prior'),
      { text: String(audit.steps || '–'), sort: audit.steps }, ...(choosing ? [] : [audit.reward, audit.beta, when(audit.changed)])];
  });
  return table('With 95 % intervals, of the last step.', columns, rows);
}

/* A box before a name. */
export function chosen(name, shown) {
  return el('span', { class: 'chosen' }, el('input', { type: 'checkbox', value: name, 'aria-label': `Compare ${name}` }), shown);
}

export async function one(place, search, signal) {
  const file = search.get('file') || '';
  const part = el('div');
  place.replaceChildren(el('h1', {}, 'Audit'), el('p', {}, el('code', {}, file)));
  const audit = await get('/part/audit', { file }, signal);
  place.append(el('div', { class: 'actions' },
    link('Texts', 'texts', { file }),
    link('Compare', 'compare', { file }),
    el('a', { href: `/report?${query({ file })}`, download: true }, 'Save the report'),
    el('a', { href: `/api/audit?${query({ file })}` }, 'JSON')), part);
  fill(part, audit);
  const prompts = part.querySelector('table.prompts');
  if (prompts) { filter(prompts, file); }
}

/* Prompts by a part of their text; each leads to its texts. */
function filter(prompts, file) {
  const rows = [...prompts.tBodies[0].rows];
  const count = el('span', { class: 'hint', role: 'status' }, `${rows.length} prompts`);
  const input = el('input', { type: 'search', id: 'prompt-filter', input: () => {
    const wanted = input.value.toLowerCase();
    let left = 0;
    rows.forEach(row => {
      row.hidden = !(row.dataset.prompt || '').toLowerCase().includes(wanted);
      left += row.hidden ? 0 : 1;
    });
    count.textContent = `${left} of ${rows.length} prompts`;
  } });
  prompts.closest('.scroll').before(el('div', { class: 'filter' }, el('label', { for: 'prompt-filter' }, 'Prompts that contain'), input, count));
  rows.forEach(row => row.cells[0].append(' ',
    el('a', { class: 'small', href: address('texts', { file, prompt: row.dataset.prompt }) }, 'texts')));
}

/* The texts themselves. */
function card(text, heading) {
  return el('div', { class: 'card' }, heading ? el('h3', {}, heading) : null,
    el('p', { class: 'figures' }, text.shown), el('p', { class: 'text', tabindex: '0' }, text.completion || '(empty)'));
}

/* As much of a prompt as tells it from others; its own page and the JSON have it whole. */
function begin(prompt, most) {
  return prompt.length > most ? `${prompt.slice(0, most)} … ${prompt.length} characters` : prompt || '(empty)';
}

function promptLine(file, prompt) {
  return el('p', { class: 'explained-line' }, 'Prompt: ', el('a', { href: address('texts', { file, prompt }) }, begin(prompt, 160)));
}

export async function texts(place, search, signal) {
  const file = search.get('file') || '';
  const asked = search.get('prompt');
  place.replaceChildren(el('h1', {}, 'Texts'), el('p', { class: 'lead', role: 'status' }, 'The log is being read …'));
  const found = await get('/api/texts', asked === null ? { file } : { file, prompt: asked }, signal);
  const select = el('select', { id: 'prompt', change: () => {
    location.hash = address('texts', select.value === '' ? { file } : { file, prompt: found.prompts[Number(select.value)] });
  } }, el('option', { value: '' }, 'all prompts'), ...found.prompts.map((prompt, at) =>
    el('option', { value: at, selected: prompt === found.prompt }, begin(prompt, 80))));
  const whole = found.whole ? '' : ` The log is longer than the first ${found.records} records, which these are of.`;
  place.replaceChildren(el('h1', {}, 'Texts'),
    el('p', { class: 'lead' }, 'The records of ', el('code', {}, found.log), ', behind ', link(file, 'audit', { file }), '.', whole,
      found.passed_over ? ` ${found.passed_over} records without what is needed are passed over.` : ''),
    el('div', { class: 'filter' }, el('label', { for: 'prompt' }, 'Prompt'), select));
  if (found.prompt) { place.append(el('p', { class: 'text', tabindex: '0', 'aria-label': 'The prompt' }, found.prompt)); }
  if (found.prior) {
    const side = (name, texts) => el('div', { class: 'side' }, el('h3', {}, name),
      ...(texts.length ? texts.map(text => card(text)) : [el('p', { class: 'empty' }, 'None.')]));
    place.append(el('section', {}, el('h2', {}, 'Prior and policy'),
      el('p', { class: 'lead' }, 'The texts that each finds likeliest, among those of the log.'),
      el('div', { class: 'two' }, side('Prior', found.prior), side('Policy', found.policy))));
  }
  const some = (shown, all, which) => shown < all ? `The ${shown} ${which} of ${all}.` : '';
  place.append(el('section', {}, el('h2', {}, 'Equal reward, different log-ratio'),
    el('p', { class: 'lead' }, 'Conditioning on a reward moves texts of one reward alike. Where their log-ratios are apart, something else has moved them. '
      + some(found.equal_reward.length, found.equal_reward_all, 'widest')),
    ...(found.equal_reward.length === 0 ? [el('p', { class: 'empty' }, 'No two texts of equal reward have different log-ratios.')] : []),
    ...found.equal_reward.map(pair => el('div', {}, found.prompt === null ? promptLine(file, pair.prompt) : null,
      el('p', { class: 'explained-line' }, `${pair.shown} nats apart`, pair.within > 0 ? `; rewards within ${pair.within.toPrecision(3)} count as equal` : ''),
      el('div', { class: 'two' }, card(pair.highest, 'Highest'), card(pair.lowest, 'Lowest'))))));
  place.append(el('section', {}, el('h2', {}, 'Dropped modes'),
    el('p', { class: 'lead' }, `Texts that the policy gives less than half of what the posterior at ${Number(found.copies.toPrecision(3))} ${found.copies === 1 ? 'copy' : 'copies'} of the reward does. `
      + some(found.dropped.length, found.dropped_all, 'largest')),
    ...(found.dropped.length === 0 ? [el('p', { class: 'empty' }, 'There is none.')] : []),
    ...found.dropped.map(text => el('div', {}, found.prompt === null ? promptLine(file, text.prompt) : null, card(text)))));
}
