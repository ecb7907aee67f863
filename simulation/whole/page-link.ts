// The link of a page that has a host and a disk.

import type { Link } from '../../link/link.ts';
import { openLink } from '../../link/open-link.ts';
import { linkEngine } from '../link/link-computer.ts';
import type { SimulatedRtc } from '../link/peer-connection.ts';
import type { Page } from '../page.ts';
import type { World } from '../world.ts';

export type PageLinkParts = {
  readonly world: World;
  readonly name: string;
  readonly rtc: SimulatedRtc;
  readonly isAlive: () => boolean;
};

export function openLinkOf(page: Page, { world, name, rtc, isAlive }: PageLinkParts): Link {
  const clock = world.clock(isAlive);
  const link = openLink(
    { deviceName: name, servers: [] },
    { rtc: rtc.forPage(), clock, engine: linkEngine(page.engine, page.listeners) },
  );
  link.onChange((view) => {
    if (!isAlive()) return;
    const trust = view.at === 'linked' ? view.peer.trust.at : '';
    world.note(`${name} sees ${view.at} ${trust}`);
    world.count(`link ${view.at} ${trust}`.trim());
    const code = view.at === 'pairing' && typeof view.ended === 'object' ? view.ended.code : undefined;
    if (code === 'link-tampered' || code === 'internal') world.fail(`${name} says of an honest link: ${code}`);
  });
  return link;
}
