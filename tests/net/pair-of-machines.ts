// Two machines on a network of their own, each with a Chromium and one link: what every namespace test starts from.

import { type LinkBrowser, openBrowser, type TestLink } from './link-browser.ts';
import { type Network, openNetwork } from './namespaces.ts';

export type Machines = {
  readonly network: Network;
  readonly anna: TestLink;
  readonly ben: TestLink;
  readonly browsers: readonly [LinkBrowser, LinkBrowser];
  close(): Promise<void>;
};

export type MachineOptions = { readonly firewalls: boolean; readonly retriesCandidates?: boolean };

export async function openMachines({ firewalls, retriesCandidates = true }: MachineOptions): Promise<Machines> {
  const network = openNetwork({ firewalls });
  try {
    const browsers = await Promise.all([openBrowser(network.name('a')), openBrowser(network.name('b'))]);
    const [anna, ben] = await Promise.all([
      browsers[0].open('anna', { retriesCandidates }),
      browsers[1].open('ben', { retriesCandidates }),
    ]);
    return {
      network,
      anna,
      ben,
      browsers,
      async close() {
        network.close();
        await Promise.all(browsers.map((browser) => browser.close()));
      },
    };
  } catch (error) {
    network.close();
    throw error;
  }
}

export function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
