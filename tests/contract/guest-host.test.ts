// The contract between page and host, with the host of the guest page: over the ports of a page, and the store that every browser has.

import { MessageChannel } from 'node:worker_threads';
import { beforeEach, describe } from 'vitest';
import { serveGuestHost } from '../../guest/guest-host.ts';
import { openMemoryStore } from '../../guest/store/memory-store.ts';
import { sealStore } from '../../guest/store/sealed-store.ts';
import { portFromMessagePort } from '../../renderer/bridge/message-port.ts';
import { openRpcClient, type RpcPort } from '../../shared/ipc/rpc.ts';
import { everyHostKeepsTheContract, type Joined } from './every-host.ts';

let joined: Joined;

describe('page and host of a guest page', () => {
  beforeEach(() => {
    const ends = () => {
      const { port1, port2 } = new MessageChannel();
      return [port1, port2].map((port) => portFromMessagePort(port as unknown as MessagePort)) as [RpcPort, RpcPort];
    };
    const options = { store: sealStore(openMemoryStore()), version: '1.2.3', platform: 'Linux', deviceName: 'Browser' };
    const open = () => {
      const [ui, engine, received] = [ends(), ends(), ends()];
      serveGuestHost(options, { ui: ui[1], engine: engine[1], received: received[1] });
      return { ui: ui[0], engine: engine[0] };
    };
    const { ui, engine } = open();
    joined = {
      ui: openRpcClient(ui),
      engine: openRpcClient(engine),
      connect: async () => open().engine,
    };
  });

  everyHostKeepsTheContract(() => joined, 'guest');
});
