// Whole links over whole engines: what goes to the next peer while the last one has not closed its end.

import { expect, it, vi } from 'vitest';
import type { Link } from '../../../link/link.ts';
import { openLink } from '../../../link/open-link.ts';
import { bytesDoneAt, expectArrived, fileOf, Side, sendFiles } from '../engine/engine-pair.ts';
import { settle } from '../engine/scripted-peer.ts';
import { linkEngineOf, type RealEngine, wiresIn } from './real-engines.ts';
import { SimulatedRtc } from './simulated-rtc.ts';
import { quickly } from './two-links.ts';
import { VirtualClock } from './virtual-clock.ts';

type Computer = { readonly side: Side; readonly link: Link; readonly engine: RealEngine };

const mib = 1024 * 1024;

async function code({ link }: Computer, kind: 'invite' | 'reply'): Promise<string> {
  return vi.waitFor(() => {
    const view = link.view();
    const shown = 'code' in view ? view.code : undefined;
    if (shown?.at !== 'ready' || shown.kind !== kind) throw new Error(`no ${kind}: ${view.at}`);
    return shown.text;
  }, quickly);
}

async function linkUp(inviter: Computer, replier: Computer): Promise<void> {
  const before = inviter.side.of('peer-name').length;
  expect(await replier.link.takeCode(await code(inviter, 'invite'), 'paste')).toBeUndefined();
  expect(await inviter.link.takeCode(await code(replier, 'reply'), 'paste')).toBeUndefined();
  for (const { link } of [inviter, replier]) {
    await vi.waitFor(() => expect(link.view().at).toBe('linked'), quickly);
    link.confirmVerification('match');
  }
  await inviter.side.until(() => inviter.side.of('peer-name').length > before);
}

it('C24 gives nothing of a file to the last peer, who was being sent another one and has not closed its end', async () => {
  const network = new SimulatedRtc();
  const clock = new VirtualClock();
  const computer = (deviceName: string, address: string): Computer => {
    const side = new Side();
    const engine = linkEngineOf(side);
    const rtc = network.browser(address);
    return { side, engine, link: openLink({ deviceName, servers: [] }, { rtc, clock, engine }) };
  };
  const anna = computer('Anna', '192.168.1.2');
  const ben = computer('Ben', '192.168.1.3');
  const carl = computer('Carl', '192.168.1.4');
  await linkUp(anna, ben);
  await sendFiles({ a: anna.side }, [fileOf('for ben', 60 * mib)]);
  await anna.side.until(() => bytesDoneAt(anna.side) > 0);

  const [bens] = ben.engine.connections.filter(({ connectionState }) => connectionState === 'connected');
  anna.link.disconnect();
  const { control, bulk } = wiresIn(bens!);
  const sentBefore = wiresIn(bens!.peer!).bulk.buffered;
  let came = 0;
  bulk.onItem = (item) => {
    came += item.length;
  };
  // The bye does not reach him.
  control.onItem = () => undefined;
  await linkUp(anna, carl);
  const files = [fileOf('for carl', 12 * mib)];
  const next = { a: anna.side, b: carl.side };
  await sendFiles(next, files);
  await anna.side.reached('done');
  await settle();
  expectArrived(next, files);
  expect(came).toBe(sentBefore);
  expect(control.isOpen).toBe(true);
  for (const { link, side } of [anna, ben, carl]) {
    link.close();
    side.engine.close();
  }
}, 30_000);
