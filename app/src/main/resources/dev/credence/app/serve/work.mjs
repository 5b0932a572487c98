/* Work that was begun on these pages: all of it in one place, whichever page began it. */
import { el, get, post, link, state, every, failed, clear, query, when, keeping, say } from './tools.mjs';

const going = job => job.state === 'running' || job.state === 'stopping';

/* In the head of every page: how much is at work, and the way to it. */
export function count() {
  const entry = document.getElementById('work');
  const anchor = entry.querySelector('a');
  const seen = new Map(); // job to its last state
  every(3000, new AbortController().signal, async () => {
    const { jobs } = await get('/api/jobs');
    const running = jobs.filter(going).length;
    entry.hidden = jobs.length === 0;
    const text = running > 0 ? `Work (${running})` : 'Work';
    if (anchor.textContent !== text) { anchor.textContent = text; }
    jobs.forEach(job => {
      const was = seen.get(job.id);
      if (was && was !== job.state && !going(job)) { say(`${job.kind} ${job.title}: ${job.state}`); }
      seen.set(job.id, job.state);
    });
  });
}

function result(job) {
  if (job.kind === 'audit') { return job.state === 'done' ? link('The audit', 'audit', { file: job.target }) : null; }
  const run = link('The run', 'run', { name: job.target });
  return job.kind === 'experiment' && job.state === 'done'
    ? el('span', {}, link('The experiment', 'experiment', { file: `${job.target}/figures.json` }), ' · ', run) : run;
}

function took(job) {
  const seconds = Math.max(0, Math.round(((job.ended || Date.now()) - job.started) / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

export async function list(place, search, signal) {
  const body = el('div');
  place.replaceChildren(el('h1', {}, 'Work'),
    el('p', { class: 'lead' }, 'What was begun on these pages since the server was started, the newest first. Each is a command in a process of its own; what is still running ends with the server.'),
    body);
  let last = '';
  async function turn() {
    const { jobs } = await get('/api/jobs', {}, signal);
    const key = JSON.stringify(jobs.map(job => [job.id, job.state, job.lines, going(job) ? took(job) : '']));
    if (key === last) { return; }
    last = key;
    const shown = jobs.length === 0
      ? [el('p', { class: 'empty' }, 'Nothing was begun yet. ', link('Drop a log', 'drop'), ' or ', link('run an experiment', 'experiments'), '.')]
      : jobs.reverse().map(one);
    keeping(body, () => body.replaceChildren(...shown));
  }
  function one(job) {
    const stop = job.state === 'running' && el('button', { type: 'button', 'aria-label': `Stop ${job.kind} ${job.title}`, click: async () => {
      clear(place);
      try { await post(`/api/jobs/stop?${query({ id: job.id })}`); await turn(); } catch (failure) { failed(place, failure); }
    } }, 'Stop');
    const lines = job.lines.join('\n');
    const closing = going(job) ? '' : job.lines.filter(line => line.trim()).slice(-1)[0] || '';
    return el('article', { class: 'card', 'data-job': job.id },
      el('h2', { class: 'job' }, `${job.kind} ${job.title}`),
      el('div', { class: 'actions' }, state(job.state), el('span', { class: 'muted' }, `${when(job.started)}, ${took(job)}`), result(job), stop),
      job.state === 'failed' ? el('p', { class: 'hint' }, closing || `It ended with exit code ${job.exit} and said nothing; 137 is a process that was killed.`) : null,
      el('details', {}, el('summary', {}, 'Command and what it said'),
        el('pre', { class: 'lines', tabindex: '0', 'aria-label': 'The command' }, job.command),
        lines ? el('pre', { class: 'lines', tabindex: '0', 'aria-label': 'What it said' }, lines) : el('p', { class: 'hint' }, 'It has said nothing yet.')));
  }
  await turn();
  every(1000, signal, turn);
}
