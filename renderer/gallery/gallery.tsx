// Shows one scene: gallery/?scene=offer&theme=dark&language=pseudo&dir=rtl. For tests and screenshots; never shipped.

import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import { languages } from '../../shared/model/language.ts';
import { words } from '../../shared/strings/languages.ts';
import { openApp } from '../state/open-app.ts';
import { App } from '../ui/app.tsx';
import { TincanProvider } from '../ui/app-context.tsx';
import { openSpoken } from '../ui/strings/spoken.ts';
import { openStrings, type Strings } from '../ui/strings/strings.ts';
import '../ui/styles.ts';
import { facts, openStage, settings } from './fake-ports.ts';
import { history, known, plan, rows, scenes, unfinished } from './scenes.ts';

const query = new URLSearchParams(location.search);
const scene = scenes[query.get('scene') ?? ''];
const root = document.getElementById('root');

if (root === null || scene === undefined) {
  const list = document.createElement('ul');
  for (const name of Object.keys(scenes)) {
    const link = document.createElement('a');
    link.href = `?scene=${name}`;
    link.textContent = name;
    list.appendChild(document.createElement('li')).append(link);
  }
  document.body.append(list);
} else {
  const shownRows = (scene.rows ?? rows).slice(0, Number(query.get('rows') ?? Number.POSITIVE_INFINITY));
  const stage = openStage(scene.view, shownRows, plan, {
    history,
    known: scene.known ? known : [],
    unfinished: scene.unfinished ? unfinished : [],
    ...(scene.camera === undefined ? {} : { camera: scene.camera }),
  });
  const theme = query.get('theme') === 'dark' ? 'dark' : 'light';
  const language = languages.find((each) => each === query.get('language')) ?? 'en';
  const tincan = openApp(stage.ports, {
    ...facts,
    router: scene.router ?? facts.router,
    ...(scene.isGuest ? { shell: 'guest', folderDialog: false } : {}),
    settings: { ...settings, ...scene.settings, theme, language },
  });
  const spoken =
    query.get('language') === 'pseudo'
      ? createStore<Strings>(() => openStrings('pseudo', words.en))
      : await openSpoken(tincan.store, async (each) => words[each]);
  createRoot(root).render(
    <TincanProvider tincan={tincan} spoken={spoken}>
      <App />
    </TincanProvider>,
  );
  for (const event of scene.events ?? []) stage.emit(event);
  if (scene.host !== undefined) tincan.store.setState({ host: scene.host });
  scene.act?.(tincan.actions);
  // A test looks at the screen once it is there.
  const later = scene.later?.(stage.emit);
  const shown = scene.scrollTo;
  // Over the direction of the language.
  whenDrawn(() => {
    const dir = query.get('dir');
    if (dir !== null) document.documentElement.dir = dir;
  });
  if (shown !== undefined) whenDrawn(() => document.querySelector(`[data-testid="${shown}"]`)?.scrollIntoView());
  Object.assign(window, { stage: { ...stage, plan, later }, tincan });
}

/** After what the stand-ins answered was drawn, too. */
function whenDrawn(act: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(act));
}
