/* Audits side by side, and runs. */
import { el, get, table, link, fill, show, failed, clear, address, state, filtered, every, keeping } from './tools.mjs';
import { audited, chosen } from './audits.mjs';

function listed(runs) {
  const number = name => ({ name, number: true });
  const columns = [{ name: 'Run', class: 'names' }, { name: 'Kind' }, { name: 'Status' }, number('Step'),
    number('Loss'), number('Reward'), number('KL, nats')];
  return table('Where each stands.', columns, runs.map(run => {
    const cell = name => ({ text: (run.shown || {})[name], sort: run[name] === null || run[name] === undefined ? 'NaN' : run[name] });
    return [chosen(run.run, link(run.run, 'run', { name: run.run })), run.kind, state(run.status),
      { text: run.step === undefined ? null : String(run.step), sort: run.step }, cell('loss'), cell('reward'), cell('kl')];
  }));
}

/* A list with boxes; what is chosen is drawn below it. */
function choice(heading, list, wanted, empty, part, drawn, changed) {
  const drawing = el('div', { class: 'parts' });
  const boxes = [...list.querySelectorAll('input[type=checkbox]')];
  const names = () => boxes.filter(box => box.checked).map(box => box.value);
  const section = el('section', {}, el('h2', {}, heading), filtered(list, `${heading} that contain`), drawing);
  let asked = 0;
  let last = '';
  async function draw() {
    const mine = ++asked; // an answer to an earlier choice that comes late is not shown
    const wanted = names();
    if (wanted.length === 0) {
      clear(section);
      last = '';
      drawing.replaceChildren(el('p', { class: 'empty' }, empty));
      return;
    }
    try {
      const html = await get(part, { [drawn]: wanted });
      if (mine !== asked || html === last) { return; }
      clear(section);
      last = html;
      keeping(drawing, () => fill(drawing, html));
    } catch (failure) { if (mine === asked) { failed(section, failure); } }
  }
  boxes.forEach(box => {
    box.checked = wanted.includes(box.value);
    box.addEventListener('change', () => { changed(); draw(); });
  });
  return { section, names, draw };
}

export async function compare(place, search, signal) {
  const [{ audits }, { runs }] = await Promise.all([get('/api/audits', {}, signal), get('/api/runs', {}, signal)]);
  const measured = runs.filter(run => run.step > 0 && (run.loss !== null || run.reward !== null || run.kl !== null));
  place.replaceChildren(el('h1', {}, 'Compare'),
    el('p', { class: 'lead' }, 'Choose audits to see them in one table, with the ledger of each and their figures against training step; or runs, for what each was asked, the reward that it paid KL for, and its figures as they go on. Up to twelve of either. The address of this page keeps the choice.'));
  if (audits.length === 0 && measured.length === 0) {
    place.append(el('p', { class: 'empty' }, 'There is no audit yet, and no run that measured something.'));
    return;
  }
  const all = [];
  const changed = () => history.replaceState(null, '', address('compare', { file: all[0].names(), name: all[1].names() }));
  all.push(choice('Audits', audited(audits, true), search.getAll('file'), 'No audit is chosen.', '/part/compare', 'file', changed));
  all.push(choice('Runs', listed(measured), search.getAll('name'), 'No run is chosen.', '/part/runs', 'name', changed));
  const shown = all.filter((each, at) => [audits, measured][at].length > 0);
  place.append(...shown.map(each => each.section));
  show(place);
  await Promise.all(shown.map(each => each.draw()));
  every(3000, signal, () => all[1].names().length === 0 || all[1].draw()); // runs go on
}
