// The application menu by each platform's convention. Reload and DevTools are there only while developing.

import { Menu, type MenuItemConstructorOptions } from 'electron/main';
import type { DesktopStrings } from './strings.ts';

export type MenuOptions = { readonly platform: string; readonly isPackaged: boolean; readonly strings: DesktopStrings };

type Item = MenuItemConstructorOptions;
/** Roles that are called by a string of their own name. */
type NamedRole = Extract<NonNullable<Item['role']>, keyof DesktopStrings>;

export function setMenu({ platform, isPackaged, strings }: MenuOptions): void {
  const isMac = platform === 'darwin';
  const gap: Item = { type: 'separator' };
  const named = (...roles: NamedRole[]): Item[] => roles.map((role) => ({ role, label: strings[role] }));
  const edit = [...named('undo', 'redo'), gap, ...named('cut', 'copy', 'paste', 'delete'), gap, ...named('selectAll')];
  const developing: Item[] = isPackaged ? [] : [gap, { role: 'reload' }, { role: 'toggleDevTools' }];
  const appMenu: Item = {
    // macOS puts the app's own name there, whatever is asked for.
    label: 'Tincan',
    submenu: [
      ...named('about'),
      gap,
      ...named('services'),
      gap,
      ...named('hide', 'hideOthers', 'unhide'),
      gap,
      ...named('quit'),
    ],
  };
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [appMenu] : []),
      { label: strings.file, submenu: named(isMac ? 'close' : 'quit') },
      { label: strings.edit, submenu: edit },
      {
        label: strings.view,
        submenu: [...named('resetZoom', 'zoomIn', 'zoomOut'), gap, ...named('togglefullscreen'), ...developing],
      },
      {
        role: 'window',
        label: strings.window,
        submenu: isMac ? [...named('minimize', 'zoom'), gap, ...named('front')] : named('minimize', 'close'),
      },
    ]),
  );
}
