/* Experiments: run with other settings, and the pages of those that were run. */
import { el, get, post, link, when, table, fill, show, failed, clear, watch, address } from './tools.mjs';

export async function list(place, search, signal) {
  const document = await get('/api/experiments', {}, signal);
  const byName = new Map(document.experiments.map(one => [one.name, one]));
  const first = byName.get(search.get('name')) || document.experiments[0];
  const name = el('select', { id: 'experiment', change: () => choose(byName.get(name.value)) },
    ...document.experiments.map(one => el('option', { value: one.name, selected: one === first }, one.name)));
  const question = el('p', { class: 'lead' });
  const keys = el('div', { class: 'fields' });
  const quick = el('input', { type: 'checkbox', id: 'quick', checked: true, change: () => choose(byName.get(name.value)) });
  const go = el('button', { type: 'submit', class: 'main' }, 'Run');
  const work = el('section');
  let inputs = new Map();
  function choose(experiment) {
    question.textContent = experiment.question;
    inputs = new Map();
    keys.replaceChildren(...experiment.settings.map(setting => {
      const standard = quick.checked ? setting.quick : setting.standard;
      const input = el('input', { id: `key-${setting.key}`, value: standard, 'data-standard': standard, autocomplete: 'off' });
      inputs.set(setting.key, input);
      return el('div', {}, el('label', { for: `key-${setting.key}` }, setting.key), input,
        el('p', { class: 'hint' }, `${setting.help} (${setting.rule})`));
    }));
  }
  const form = el('form', { submit: async event => {
    event.preventDefault();
    clear(place);
    const settings = {};
    inputs.forEach((input, key) => { if (input.value !== input.dataset.standard) { settings[key] = input.value; } });
    go.disabled = true;
    try {
      const job = await post('/api/experiments', { name: name.value, quick: quick.checked, settings }, signal);
      watch(work, job.id, signal, done => {
        go.disabled = false;
        if (done.state === 'done') { location.hash = address('experiment', { file: `${done.target}/figures.json` }); }
      });
    } catch (failure) { go.disabled = false; failed(place, failure); }
  } }, el('div', { class: 'fields' }, el('div', {}, el('label', { for: 'experiment' }, 'Experiment'), name)), question,
  el('label', { class: 'check', for: 'quick' }, quick, 'Smaller grids and trainings'),
  el('details', { open: true }, el('summary', {}, 'Settings'), keys), el('div', { class: 'actions' }, go));
  place.replaceChildren(el('h1', {}, 'Experiments'), form, work);
  choose(first);
  if (document.past.length > 0) {
    place.append(el('section', {}, el('h2', {}, 'Run before'), table('The newest first.',
      [{ name: 'Experiment', class: 'names' }, { name: 'Settings that were changed', class: 'names', whole: true }, { name: 'Size' }, { name: 'Written', class: 'moment' }],
      document.past.map(past => [link(past.file.replace(/\/figures\.json$/, ''), 'experiment', { file: past.file }),
        past.reason || Object.entries(past.settings).map(([key, value]) => `${key}=${value}`).join(' ') || 'none',
        past.reason ? null : past.quick ? 'smaller' : 'usual', when(past.changed)]))));
    show(place);
  }
}

export async function one(place, search, signal) {
  const file = search.get('file') || '';
  const part = el('div');
  place.replaceChildren(el('h1', {}, file.replace(/\/figures\.json$/, '')), part);
  fill(part, await get('/part/experiment', { file }, signal));
}
