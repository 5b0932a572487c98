/* Worlds: YAML on one side, prior and posterior on the other, as β moves. */
import { el, get, post, fill, failed, clear } from './tools.mjs';

/* The slider runs over log β. */
const low = Math.log(0.01);
const high = Math.log(100);

let draft = null; // what was written when the page was left

export async function edit(place, search, signal) {
  const listed = await get('/api/worlds', {}, signal);
  const worlds = listed.worlds.map(world => world.name);
  const named = worlds.includes(search.get('name')) ? search.get('name') : worlds[0];
  const yaml = el('textarea', { id: 'yaml', spellcheck: 'false', input: later });
  const name = el('select', { id: 'world', change: () => load(name.value) },
    ...worlds.map(world => el('option', { value: world, selected: world === named }, world)));
  const reward = el('select', { id: 'reward', change: later });
  const observe = el('input', { id: 'observe', placeholder: 'VARIABLE=VALUE', input: later });
  const beta = el('input', { id: 'beta', inputmode: 'decimal', value: '1', input: () => {
    const value = Number(beta.value);
    if (value > 0) { slider.value = Math.log(value); }
    later();
  } });
  const slider = el('input', { type: 'range', id: 'beta-slider', min: low, max: high, step: 0.01, value: 0, 'aria-label': 'β', input: () => {
    beta.value = Number(Math.exp(Number(slider.value)).toPrecision(3));
    later();
  } });
  const figures = el('ul', { class: 'explained-line' });
  const part = el('div', { class: 'parts' });
  const graph = el('div', { class: 'graph' });
  const network = el('figure', { class: 'chart', hidden: true }, el('figcaption', { class: 'chart-title' }, 'How far the evidence moves each variable'), graph,
    el('p', { class: 'chart-note' }, 'The number is the total variation between what is believed of the variable before and after: 0 where it stays, 1 where all of it moves.'));
  const drawing = el('div', {}, el('div', { role: 'status' }, figures), part, network);
  const save = el('button', { type: 'button', id: 'save', click: () => {
    const file = URL.createObjectURL(new Blob([yaml.value], { type: 'application/yaml' }));
    el('a', { href: file, download: `${(/^world:\s*([\w.-]+)\s*$/m.exec(yaml.value) || [])[1] || 'world'}.yaml` }).click();
    setTimeout(() => URL.revokeObjectURL(file), 1000);
  } }, 'Save as a file');
  const chosen = el('input', { type: 'file', id: 'world-file', accept: '.yaml,.yml', change: async () => {
    if (chosen.files.length === 0) { return; }
    yaml.value = await chosen.files[0].text();
    chosen.value = '';
    reward.replaceChildren();
    observe.value = '';
    draw();
  } });
  place.replaceChildren(el('h1', {}, 'Worlds'),
    el('p', { class: 'lead' }, 'A prior that is known exactly, as YAML: change it and see what conditioning does to it. It stays in this page until that is closed; a file keeps it, for ', el('code', {}, 'credence posterior FILE'), ' too.'),
    el('div', { class: 'two' },
      el('div', {}, el('label', { for: 'world' }, 'Begin with'), name, el('label', { for: 'world-file' }, 'or open a file of yours'), chosen,
        el('label', { for: 'yaml' }, 'World'), yaml, el('div', { class: 'actions' }, save)),
      el('div', {}, el('label', { for: 'beta' }, 'β: 1/β copies of the reward are asked for'), el('div', { class: 'beta' }, slider, beta),
        el('div', { class: 'fields' }, el('div', {}, el('label', { for: 'reward' }, 'Reward'), reward),
          el('div', {}, el('label', { for: 'observe' }, 'Observed (of a network)'), observe)),
        drawing)));
  let waiting = 0;
  let asking = new AbortController();
  signal.addEventListener('abort', () => asking.abort());
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 200);
  }
  async function load(world) {
    try {
      yaml.value = (await get('/api/world', { name: world }, signal)).yaml;
      reward.replaceChildren();
      observe.value = '';
      await draw();
    } catch (failure) { failed(place, failure); }
  }
  async function draw() {
    asking.abort();
    asking = new AbortController();
    try {
      const drawn = await post('/part/posterior', { yaml: yaml.value, beta: beta.value, reward: reward.value, observe: observe.value }, asking.signal);
      if (signal.aborted) { return; }
      clear(place);
      drawing.classList.remove('stale');
      const was = reward.value;
      reward.replaceChildren(...drawn.rewards.map(each => el('option', { value: each, selected: each === was }, each)));
      const found = drawn.posterior.findings;
      figures.replaceChildren(...drawn.shown.map(line => el('li', {}, line)));
      fill(part, drawn.html);
      network.hidden = !drawn.graph;
      if (drawn.graph) { graph.innerHTML = drawn.graph; }
      part.dataset.logZ = found.log_z.estimate;
    } catch (failure) {
      if (failure.name !== 'AbortError' && !signal.aborted) {
        drawing.classList.add('stale'); // it is of the world before
        failed(place, failure);
      }
    }
  }
  signal.addEventListener('abort', () => {
    draft = { world: name.value, yaml: yaml.value, beta: beta.value, reward: reward.value, observe: observe.value };
  });
  if (!draft || search.has('name')) { await load(named); return; }
  name.value = draft.world;
  yaml.value = draft.yaml;
  beta.value = draft.beta;
  observe.value = draft.observe;
  if (Number(draft.beta) > 0) { slider.value = Math.log(draft.beta); }
  reward.replaceChildren(el('option', { value: draft.reward, selected: true }, draft.reward));
  await draw();
}
