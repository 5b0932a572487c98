/* A log: dropped, its fields looked at and mapped, audited. */
import { el, get, post, table, link, show, failed, clear, bytes, watch, address, query, say } from './tools.mjs';

export async function drop(place, search, signal) {
  const chosen = el('input', { type: 'file', id: 'log-file', multiple: true, accept: '.jsonl,.ndjson,.parquet,.gz,.zst', change: () => {
    if (chosen.files.length > 0) { sendAll([...chosen.files]); }
  } });
  const area = el('div', { class: 'drop',
    dragover: event => { event.preventDefault(); area.classList.add('over'); },
    dragleave: () => area.classList.remove('over'),
    drop: event => {
      event.preventDefault();
      area.classList.remove('over');
      if (event.dataTransfer.files.length > 0) { sendAll([...event.dataTransfer.files]); }
    } },
    el('p', {}, 'Drop a rollout log here, in one file or several: JSON Lines (plain, .gz or .zst) or Parquet.'),
    el('label', { for: 'log-file' }, 'Or choose'), chosen);
  const going = el('div');
  place.replaceChildren(el('h1', {}, 'Drop a log'),
    el('p', { class: 'lead' }, 'It is copied into the folder served and stays on this machine. Then its fields are shown, can be mapped, and the log is audited here.'),
    area, going);

  /* One after the other; several are one log, to be audited together. */
  function sendAll(files) {
    clear(place);
    const kept = [];
    const next = () => {
      if (kept.length < files.length) {
        send(files[kept.length], name => { kept.push(name); next(); });
      } else {
        say(files.length === 1 ? `${files[0].name} is there` : `${files.length} files are there`);
        location.hash = address('log', { file: kept });
      }
    };
    next();
  }

  /* XMLHttpRequest tells how much is sent; fetch does not. */
  function send(file, then) {
    const bar = el('progress', { max: 1, value: 0, 'aria-label': 'Sent' });
    const told = el('span', {}, `0 of ${bytes(file.size)}`);
    const request = new XMLHttpRequest();
    const stop = el('button', { type: 'button', click: () => request.abort() }, 'Cancel');
    going.replaceChildren(el('div', { class: 'actions' }, file.name, told, stop), bar);
    request.upload.addEventListener('progress', event => {
      bar.value = event.total ? event.loaded / event.total : 0;
      told.textContent = `${bytes(event.loaded)} of ${bytes(file.size)}`;
    });
    const ended = message => {
      going.replaceChildren();
      chosen.value = '';
      if (message) { failed(place, new Error(message)); }
    };
    request.addEventListener('abort', () => ended('cancelled; nothing was kept'));
    request.addEventListener('error', () => ended('the file was not taken: it may be too large, or the server is gone'));
    request.addEventListener('load', () => {
      let body = {};
      try { body = JSON.parse(request.responseText); } catch (failure) { body = { error: 'the server\'s answer is broken' }; }
      if (request.status !== 200) { ended(body.error); return; }
      then(body.file);
    });
    request.open('POST', `/api/logs?${query({ name: file.name })}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  }

  /* Two clicks: what was copied here is deleted, and only that. */
  function removal(log) {
    let asked = false;
    const button = el('button', { type: 'button', 'data-remove': log.file, click: async () => {
      if (!asked) { asked = true; button.textContent = 'Remove for good?'; return; }
      clear(place);
      try {
        await post('/api/logs/remove', { file: log.file }, signal);
        say(`${log.file} is removed`);
        await list();
      } catch (failure) { failed(place, failure); }
    } }, 'Remove');
    return button;
  }

  const there = el('section');
  place.append(there);
  async function list() {
    const { logs } = await get('/api/audits', {}, signal);
    there.replaceChildren(...(logs.length === 0 ? [] : [el('h2', {}, 'Logs that are there'), table('Below the folder served, the newest first. Those that were dropped here can be removed; their audits stay.',
      [{ name: 'Log', class: 'names' }, { name: 'Size', number: true }, { name: 'Remove', quiet: true }],
      logs.map(log => [link(log.file, 'log', { file: log.file }), { text: bytes(log.bytes), sort: log.bytes }, log.dropped ? removal(log) : '']))]));
    show(place);
  }
  await list();
}

const needed = ['prompt', 'completion', 'reward', 'logp_prior', 'logp_policy', 'source'];

export async function one(place, search, signal) {
  const files = search.getAll('file');
  const file = files[0] || '';
  const format = search.get('format') || '';
  place.replaceChildren(el('h1', {}, 'Log'), el('p', { class: 'lead' }, el('code', {}, file)));
  const log = await get('/api/log', { file, format }, signal);
  const places = Object.keys(log.found);
  const parents = new Set();
  places.forEach(path => path.split('.').slice(0, -1).reduce((above, part) => {
    const whole = above ? `${above}.${part}` : part;
    parents.add(whole);
    return whole;
  }, ''));
  const options = [...places, ...parents].sort();
  const tool = el('select', { id: 'format', change: () => { location.hash = address('log', { file: files, format: tool.value }); } },
    el('option', { value: '' }, 'Credence’s own names'),
    ...log.formats.map(name => el('option', { value: name, selected: name === format }, name)));
  const selects = new Map();
  const choice = field => {
    const select = el('select', { id: `field-${field}`, 'data-field': field },
      el('option', { value: '' }, log.mapped[field] === null ? '(not there)' : `as it is: ${log.mapped[field]}`),
      ...options.map(path => el('option', { value: path }, path)));
    selects.set(field, select);
    const missing = needed.includes(field) && log.mapped[field] === null && !(field === 'source' && format);
    return el('div', {}, el('label', { for: `field-${field}` }, field), select,
      missing ? el('p', { class: 'hint state failed' }, 'every record has it: choose where') : null);
  };
  const others = Object.keys(log.mapped).filter(field => !needed.includes(field));
  const beta = el('input', { id: 'beta', inputmode: 'decimal', placeholder: 'not given' });
  const reward = el('input', { id: 'reward', placeholder: 'the log’s only one' });
  const value = el('input', { id: 'value', placeholder: 'ref=prior,pi=policy' });
  const range = el('input', { id: 'reward-range', placeholder: '0..1' });
  const evidence = el('input', { id: 'evidence', placeholder: 'the reward itself' });
  const prior = el('input', { id: 'prior', placeholder: 'checkpoints/base' });
  const policy = el('input', { id: 'policy', placeholder: 'checkpoints/tuned' });
  const step = el('input', { id: 'step', placeholder: 'the only one' });
  const skip = el('input', { type: 'checkbox', id: 'skip' });
  const thin = el('input', { type: 'checkbox', id: 'thin' });
  const together = el('input', { type: 'checkbox', id: 'together' });
  const work = el('section');
  const go = el('button', { type: 'submit', class: 'main' }, 'Audit');
  const fields = {};
  const form = el('form', { submit: async event => {
    event.preventDefault();
    clear(place);
    go.disabled = true;
    selects.forEach((select, field) => { if (select.value) { fields[field] = select.value; } else { delete fields[field]; } });
    try {
      const job = await post('/api/audits', { log: file, more: files.slice(1), beta: beta.value, reward: reward.value, 'reward-range': range.value, evidence: evidence.value,
        value: value.value, prior: prior.value, policy: policy.value, step: step.value, format, fields, skip_bad: skip.checked, drop_thin: thin.checked, together: together.checked }, signal);
      watch(work, job.id, signal, done => {
        go.disabled = false;
        if (done.state === 'done') { location.hash = address('audit', { file: done.target }); }
      });
    } catch (failure) { go.disabled = false; failed(place, failure); }
  } },
  el('h2', {}, 'Fields'),
  el('p', { class: 'lead' }, `What stands where, by the first ${log.sampled} records. Choose another place where it is wrong.`),
  el('div', { class: 'fields' }, el('div', {}, el('label', { for: 'format' }, 'Written by'), tool), ...needed.map(choice)),
  el('details', {}, el('summary', {}, 'Other fields'), el('div', { class: 'fields' }, ...others.map(choice))),
  el('h2', {}, 'Question'),
  el('div', { class: 'fields' },
    el('div', {}, el('label', { for: 'beta' }, 'β, the KL coefficient of the tuning'), beta),
    el('div', {}, el('label', { for: 'reward' }, 'Reward: field:NAME, contains:TEXT, count:PATTERN …'), reward),
    el('div', {}, el('label', { for: 'value' }, 'Words of the log for its sources'), value)),
  el('details', {}, el('summary', {}, 'More of the question'), el('div', { class: 'fields' },
    el('div', {}, el('label', { for: 'reward-range' }, 'Range that the reward has on every text'), range),
    el('div', {}, el('label', { for: 'evidence' }, 'Evidence in the place of the reward: at-least:1, contains:TEXT …'), evidence))),
  el('details', { open: format !== '' }, el('summary', {}, 'Models, where log-probabilities or draws of the prior are missing'),
    el('p', { class: 'hint' }, 'Folders of checkpoints below the folder served. A trainer’s dump has neither; the reward must then be one of the text.'),
    el('div', { class: 'fields' },
      el('div', {}, el('label', { for: 'prior' }, 'Prior'), prior),
      el('div', {}, el('label', { for: 'policy' }, 'Policy'), policy),
      el('div', {}, el('label', { for: 'step' }, 'Step of the dump that this policy wrote: a number, or last'), step))),
  el('label', { class: 'check', for: 'skip' }, skip, 'Leave out records that break a rule, and count them'),
  el('label', { class: 'check', for: 'thin' }, thin, 'Leave out prompts with too few records, and name them'),
  files.length > 1 ? el('label', { class: 'check', for: 'together' }, together, 'The files are one policy’s, whatever their names say') : null,
  el('div', { class: 'actions' }, go));
  place.replaceChildren(el('h1', {}, 'Log'), el('p', { class: 'lead' }, el('code', {}, file), ` · ${bytes(log.bytes)}`, files.length > 1 ? ` · audited with ${files.slice(1).join(', ')}` : ''),
    ...(log.broken ? [el('p', { class: 'hint state failed' }, `${log.broken}. To audit the rest, leave out records that break a rule.`)] : []), form, work,
    el('section', {}, el('h2', {}, 'What the records hold'), table(`The first ${log.sampled} records.`,
      [{ name: 'Place', class: 'place' }, { name: 'Values', class: 'names', whole: true }],
      places.map(path => [el('code', {}, path), log.found[path].join(' · ')]))));
  show(place);
}
