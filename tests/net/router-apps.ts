// Whole Tincans in two homes whose own routers may open ports, and whom they sent packets to.

import { expect } from 'vitest';
import { decodeCode } from '../../shared/code/code-text.ts';
import type { Settings } from '../../shared/ipc/settings.ts';
import type { Instance } from '../e2e/instance.ts';
import { codeOf } from '../e2e/pairing.ts';
import { openApps, type SettingsOf } from './home-apps.ts';
import { type Grounds, type Homes, openHomes } from './homes.ts';
import { addressV6, gatewayV6 } from './v6-home.ts';

export type RouterApps = { readonly anna: Instance; readonly ben: Instance; readonly homes: Homes };

/** "Anywhere", and nothing but the router is asked. */
export const routerOnly: Partial<Settings> & Pick<Settings, 'internet' | 'servers'> = {
  internet: true,
  askRouter: true,
  askStun: false,
  servers: [],
};

export async function withRouterApps(
  grounds: Grounds,
  settingsOf: SettingsOf,
  use: (apps: RouterApps) => Promise<void>,
): Promise<void> {
  const homes = await openHomes(grounds);
  let apps: Instance[] = [];
  try {
    for (const side of ['a', 'b'] as const) homes.watch(side);
    apps = await openApps(homes, settingsOf);
    await use({ anna: apps[0]!, ben: apps[1]!, homes });
    expect(apps.flatMap(({ complaints }) => complaints)).toEqual([]);
  } catch (error) {
    await Promise.all(apps.map((app) => app.screenshot('router')));
    throw error;
  } finally {
    await Promise.all(apps.map((app) => app.stop()));
    homes.close();
  }
}

/** The invite on the screen once the port outside stands in it: on a busy machine the first one does not wait for that. */
export async function inviteWithPort(instance: Instance): Promise<string> {
  let invite = '';
  const hasPort = async () => {
    invite = await codeOf(instance, 'invite');
    const read = decodeCode(invite);
    return read.ok && read.code.candidates.some(({ kind }) => kind === 'srflx');
  };
  await expect.poll(hasPort, { timeout: 20_000, interval: 200 }).toBe(true);
  return invite;
}

/** Whom a home sent packets to, apart from its router and the addresses in the other's code. */
export function strangers(homes: Homes, side: 'a' | 'b'): readonly string[] {
  const [own, other, otherSide] =
    side === 'a' ? ['192.168.10.1', '192.168.20.2', 'b' as const] : ['192.168.20.1', '192.168.10.2', 'a' as const];
  const known = new Set([own, other, homes.publicAddress(otherSide), gatewayV6, addressV6(otherSide)]);
  // The browser asks for names of its own at its start.
  const isOfTincan = (port: number) => port !== 53;
  return homes
    .contacted(side)
    .filter(([address, , port]) => !known.has(address) && isOfTincan(port))
    .map((way) => way.join(' '));
}
