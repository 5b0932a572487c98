/* Runs: the list, and one run as it goes on. */
import { el, get, post, table, when, state, link, every, fill, failed, show, query, watch, clear, keeping, filtered } from './tools.mjs';

async function jobs(signal) {
  const all = (await get('/api/jobs', {}, signal)).jobs;
  return new Map(all.map(job => [job.target, job])); // the newest of each target
}

function word(run, job) { return job && (job.state === 'running' || job.state === 'stopping') ? job.state : run.status; }

export async function list(place, search, signal) {
  const body = el('div');
  place.replaceChildren(el('h1', {}, 'Runs'),
    el('p', { class: 'lead' }, 'Trainings, conditioned policies, experiments and sweeps below the folder served, and where they stand. ', link('Compare', 'compare'), ' lays their curves over each other.'),
    body);
  let last = '';
  async function turn() {
    const [{ runs }, known] = await Promise.all([get('/api/runs', {}, signal), jobs(signal)]);
    const text = JSON.stringify([runs, [...known.values()].map(job => [job.target, job.state])]);
    if (text === last) { return; }
    last = text;
    if (runs.length === 0) {
      body.replaceChildren(el('p', { class: 'empty' }, 'There are no runs yet. Train or condition a model with ',
        el('code', {}, 'credence train'), ' or ', el('code', {}, 'credence condition'), ', or ',
        link('run an experiment', 'experiments'), '.'));
      return;
    }
    const number = name => ({ name, number: true });
    const columns = [{ name: 'Run', class: 'names' }, { name: 'Kind' }, { name: 'Status' }, number('Step'), number('of'),
      number('Loss'), number('Held out'), number('Reward'), number('KL, nats'), { name: 'Last figure', class: 'moment' }];
    const rows = runs.map(run => {
      const shown = run.shown || {};
      const cell = name => ({ text: shown[name], sort: run[name] === null || run[name] === undefined ? 'NaN' : run[name] });
      return [link(run.run, 'run', { name: run.run }), run.kind, state(word(run, known.get(run.run))),
        { text: run.step === undefined ? null : String(run.step), sort: run.step }, run.steps,
        cell('loss'), cell('validation_loss'), cell('reward'), cell('kl'), when(run.changed)];
    });
    keeping(body, () => {
      body.replaceChildren(filtered(table(`${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`, columns, rows), 'Runs that contain'));
      show(body);
    });
  }
  await turn();
  every(2000, signal, turn);
}

export async function one(place, search, signal) {
  const name = search.get('name') || '';
  const buttons = el('div', { class: 'actions' });
  const work = el('div');
  const figures = el('div', { 'aria-live': 'off' });
  const below = el('div');
  const audits = el('div');
  place.replaceChildren(el('h1', {}, name), buttons, work, below, figures, audits);
  let last = '';
  let watched = '';
  async function turn() {
    const [document, known] = await Promise.all([get('/api/run', { name }, signal), jobs(signal)]);
    const run = document.runs[0];
    const job = known.get(name);
    const parts = run.metrics.length > 0 ? [] // of several methods, or of experiments: each has figures of its own
      : (await get('/api/runs', {}, signal)).runs.filter(each => each.run.startsWith(`${name}/`));
    const key = JSON.stringify([run.status, run.metrics.length, job && job.state, parts]);
    if (key === last) { return; }
    last = key;
    const drawn = await get('/part/run', { name }, signal);
    keeping(figures, () => fill(figures, drawn));
    below.replaceChildren(...(parts.length === 0 ? [] : [el('h2', {}, 'Its runs'), el('ul', {}, ...parts.map(each =>
      el('li', {}, link(each.run, 'run', { name: each.run }), ' ', state(word(each, known.get(each.run))))))]));
    actions(run, job);
    if (job && job.id !== watched) {
      watched = job.id;
      watch(work, job.id, signal, () => {});
    }
  }
  function actions(run, job) {
    const going = job && (job.state === 'running' || job.state === 'stopping');
    const resume = el('button', { type: 'button', class: 'main', click: async () => {
      try {
        clear(place);
        await post(`/api/runs/resume?${query({ name })}`);
        last = '';
        await turn();
      } catch (failure) { failed(place, failure); }
    } }, 'Resume');
    buttons.replaceChildren(state(word(run, job)));
    if (job && !going && run.status === 'resumable') { buttons.append(resume); }
    if (!job && run.status === 'resumable') {
      buttons.append(el('span', { class: 'muted' }, 'Not started here: if no other process is at work on it, ',
        el('code', {}, run.resume), ' goes on.'));
    }
  }
  await turn();
  const { audits: all } = await get('/api/audits', {}, signal);
  const own = all.filter(audit => audit.file.startsWith(`${name}/`));
  if (own.length > 0) {
    audits.replaceChildren(el('h2', {}, 'Audits of this run'), el('ul', {}, ...own.map(audit =>
      el('li', {}, link(audit.file, 'audit', { file: audit.file }), audit.verdict ? `: ${audit.verdict}` : ''))));
    const compared = el('div', { class: 'parts' });
    audits.append(compared);
    fill(compared, await get('/part/compare', { file: own.slice(0, 12).map(audit => audit.file) }, signal));
  }
  every(1000, signal, turn);
}
