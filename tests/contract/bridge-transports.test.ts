// The contract between page and host, against a real host on a real disk, once for each way the two can be joined: the
// local server's WebSocket of the browser shell, with a host's port and a page's at this end, and Electron's message ports
// (Node's own stand for Electron's here).

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { openLocalServer } from '../../browser/local-server.ts';
import { openShellServices } from '../../browser/shell-services.ts';
import { openSocketPort } from '../../browser/socket-port.ts';
import { openPagePort } from '../../electron/page-port.ts';
import type { Host } from '../../host/host.ts';
import { openHost } from '../../host/open-host.ts';
import { openHostSocket, portFromSocket } from '../../renderer/bridge/host-socket.ts';
import { portFromMessagePort } from '../../renderer/bridge/message-port.ts';
import { bridgePaths, tokenProtocol } from '../../shared/ipc/bridge-protocol.ts';
import {
  type EngineCalls,
  type EngineEvents,
  engineCalls,
  type UiCalls,
  type UiEvents,
  uiCalls,
} from '../../shared/ipc/contract.ts';
import { openRpcClient, type RpcClient, type RpcPort, serveRpc } from '../../shared/ipc/rpc.ts';
import { blockBytes, bridgeMaxOutstanding } from '../../shared/wire/limits.ts';
import { everyHostKeepsTheContract } from './every-host.ts';
import { hex32, receive, sha256 } from './receive.ts';

/** Both ends of a port that is wired to `role` of the host, as the shell does it. */
type Transport = {
  connect(role: 'ui' | 'engine'): Promise<RpcPort>;
  close(): Promise<void>;
};

const transports: Record<string, (host: Host) => Promise<Transport>> = {
  'the local server': async (host) => {
    const server = await openLocalServer({ host, pageDir: pagesDir(), port: 0 });
    const token = server.printedUrl().split('#')[1]!;
    return {
      async connect(role) {
        const socket = new WebSocket(
          `ws://127.0.0.1:${server.port}${bridgePaths[role]}?page=${'a'.repeat(32)}`,
          tokenProtocol(token),
          { headers: { Origin: `http://127.0.0.1:${server.port}` } },
        );
        await new Promise<void>((resolve, reject) => {
          socket.once('message', () => resolve());
          socket.once('error', reject);
        });
        // What this end reads is left to the collector.
        return openSocketPort({ socket, stream: new PassThrough() });
      },
      close: () => server.close(),
    };
  },
  'the local server, as a page holds it': async (host) => {
    const server = await openLocalServer({ host, pageDir: pagesDir(), port: 0 });
    const [address, token] = server.printedUrl().split('/#') as [string, string];
    // A page's sockets name its origin; Node's own do not.
    vi.stubGlobal(
      'WebSocket',
      class extends WebSocket {
        constructor(url: string, protocol: string) {
          super(url, protocol, { headers: { Origin: address } });
        }
      },
    );
    const order = { origin: address.replace('http', 'ws'), token, page: 'a'.repeat(32), take: false };
    return {
      async connect(role) {
        const socket = await openHostSocket(order, role);
        if (typeof socket === 'string') throw new Error(socket);
        return portFromSocket(socket);
      },
      async close() {
        vi.unstubAllGlobals();
        await server.close();
      },
    };
  },
  'message ports': async (host) => {
    const open: { close(): void }[] = [];
    return {
      async connect(role) {
        const { port1, port2 } = new MessageChannel();
        const far = openPagePort(likeElectron(port1));
        if (role === 'ui') {
          const page = host.openPage();
          const server = serveRpc<UiCalls, UiEvents>(far, { calls: uiCalls, handlers: page.ui });
          open.push(server, { close: host.onUiEvent((name, payload) => server.emit(name, payload)) });
        } else open.push(serveRpc<EngineCalls, EngineEvents>(far, { calls: engineCalls, handlers: host.engine }));
        return portFromMessagePort(port2 as unknown as MessagePort, 'process');
      },
      async close() {
        for (const each of open) each.close();
      },
    };
  },
};

let folder: string;
let host: Host;
let transport: Transport;
let ui: RpcClient<UiCalls, UiEvents>;
let engine: RpcClient<EngineCalls, EngineEvents>;

describe.each(Object.entries(transports))('page and host over %s', (_name, openTransport) => {
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'tincan-contract-'));
    host = await openHost({
      dataDir: path.join(folder, 'data'),
      downloadDir: path.join(folder, 'downloads'),
      version: '1.2.3',
      services: openShellServices(),
    });
    transport = await openTransport(host);
    ui = openRpcClient(await transport.connect('ui'));
    engine = openRpcClient(await transport.connect('engine'));
  });

  afterEach(async () => {
    await transport.close();
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  everyHostKeepsTheContract(() => ({ ui, engine, connect: () => transport.connect('engine') }), 'browser');

  it('reads what was staged, block by block, as it is on the disk', async () => {
    const content = randomBytes(blockBytes * 2 + 12_345);
    const transfer = await openSend('big.bin', content);
    const blocks = await Promise.all(
      [0, 1, 2].map(async (block) => (await engine.call('send.read', { transfer, block })).bytes),
    );
    expect(sha256(Buffer.concat(blocks))).toBe(sha256(content));
  });

  it('stores what it is given and lays it in place once it is whole', async () => {
    const content = randomBytes(blockBytes + 7);
    const { transfer, root } = await receive({ engine, ui }, 'notes ✓ 文件.bin', content);
    expect(await engine.call('receive.commit', { transfer, root })).toMatchObject({ published: 1, faults: [] });
    expect(readFileSync(path.join(folder, 'downloads', 'notes ✓ 文件.bin'))).toEqual(content);
  });

  it('shows a list of the longest names to its end, a page at a time', async () => {
    const transfer = randomBytes(16).toString('hex');
    await engine.call('receive.begin', { transfer, secret: hex32(), peerName: 'ben', checked: true });
    const long = (nth: number) => [...Array.from({ length: 59 }, () => 'x'.repeat(60)), `${nth}`];
    for (let from = 0; from < 1_300; from += 100) {
      const entries = Array.from({ length: 100 }, (_, nth) => {
        return { kind: 'file', path: long(from + nth), size: 1, mtimeMs: 0, executable: false };
      });
      await engine.call('receive.entries', { transfer, entries });
    }
    await engine.call('receive.plan', { transfer });
    const names: (string | undefined)[] = [];
    while (names.length < 1_300) {
      const { rows } = await ui.call('offer.rows', { transfer, from: names.length, count: 2_000 });
      expect(rows.length).toBeGreaterThan(0);
      names.push(...rows.map((row) => row.path.at(-1)));
    }
    expect(names).toEqual(Array.from({ length: 1_300 }, (_, nth) => `${nth}`));
  });

  it('tells events to the page that listens', async () => {
    const heard = new Promise((resolve) => ui.on('staged', resolve));
    const file = path.join(folder, 'late.txt');
    writeFileSync(file, 'late');
    await host.stageOpened({ batch: 1, told: 1, paths: [file] });
    expect(await heard).toMatchObject({ items: [{ name: 'late.txt', kind: 'file', sizeBytes: 4 }] });
    const asked = new Promise((resolve) => ui.on('pick', resolve));
    host.pick('folder');
    expect(await asked).toEqual({ kind: 'folder', nth: 1 });
  });

  it('answers more calls at once than the host takes', async () => {
    const transfer = await openSend('small.bin', randomBytes(1000));
    const asked = Array.from({ length: bridgeMaxOutstanding * 3 }, () =>
      engine.call('send.read', { transfer, block: 0 }),
    );
    for (const { bytes } of await Promise.all(asked)) expect(bytes.byteLength).toBe(1000);
  });
});

async function openSend(name: string, content: Buffer): Promise<string> {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  const [item] = await host.stagePaths([file]);
  const transfer = randomBytes(16).toString('hex');
  await engine.call('send.open', { transfer, secret: hex32(), items: [item!.id], peerName: 'ben' });
  await engine.call('send.select', { transfer, selection: 'all' });
  return transfer;
}

/** Electron's port gives the message inside an event; Node's gives it bare. */
function likeElectron(port: InstanceType<typeof MessageChannel>['port1']): Parameters<typeof openPagePort>[0] {
  const wrapped = new Map<unknown, (data: unknown) => void>();
  const like = {
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
    on(name: string, listener: (event: { data: unknown }) => void) {
      const take = (data: unknown) => listener({ data });
      wrapped.set(listener, take);
      port.on(name as 'message', take);
    },
    off: (name: string, listener: unknown) => port.off(name as 'message', wrapped.get(listener)!),
  };
  return like as unknown as Parameters<typeof openPagePort>[0];
}

function pagesDir(): string {
  const pages = path.join(folder, 'pages');
  mkdirSync(pages, { recursive: true });
  writeFileSync(path.join(pages, 'index.html'), 'page');
  return pages;
}
