// What holds of the contract between page and host whoever the host is and however the two are joined.

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { EngineCalls, EngineEvents, UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import type { RpcClient, RpcPort } from '../../shared/ipc/rpc.ts';
import { blockBytes } from '../../shared/wire/limits.ts';
import { hex32, receive } from './receive.ts';

export type Joined = {
  readonly ui: RpcClient<UiCalls, UiEvents>;
  readonly engine: RpcClient<EngineCalls, EngineEvents>;
  /** One more port to the host, of the role of the engine. */
  connect(): Promise<RpcPort>;
};

export function everyHostKeepsTheContract(joined: () => Joined, shell: 'browser' | 'guest'): void {
  it('tells the page what it runs on', async () => {
    expect(await joined().ui.call('app.facts', {})).toMatchObject({ version: '1.2.3', shell, staged: [] });
  });

  it('takes what the person granted, and says what is there once it is whole', async () => {
    const { engine, ui } = joined();
    const { transfer, root } = await receive({ engine, ui }, 'notes ✓ 文件.bin', randomBytes(blockBytes + 7));
    expect(await engine.call('receive.commit', { transfer, root })).toMatchObject({ published: 1, faults: [] });
  });

  it('starts nothing without the yes of the person', async () => {
    const { engine } = joined();
    const transfer = randomBytes(16).toString('hex');
    await engine.call('receive.begin', { transfer, secret: hex32(), peerName: 'anna', checked: true });
    const entries = [{ kind: 'file', path: ['x'], size: 1, mtimeMs: 0, executable: false }];
    await engine.call('receive.entries', { transfer, entries });
    await engine.call('receive.plan', { transfer });
    const starting = engine.call('receive.start', { transfer, leaveOut: [] });
    await expect(starting).rejects.toMatchObject({ code: 'transfer-refused' });
  });

  it('refuses a call that is not in the contract, and goes on', async () => {
    const { ui } = joined();
    const loose = ui as unknown as RpcClient<Record<string, never>, UiEvents>;
    for (const name of ['send.read', 'constructor', '__proto__', 'x'.repeat(1000)]) {
      await expect(loose.call(name, {} as never)).rejects.toMatchObject({ code: 'bridge-invalid' });
    }
    expect(await ui.call('history.list', {})).toEqual([]);
  });

  it('refuses input that is not what the contract says', async () => {
    const loose = joined().engine as unknown as { call(name: string, input: unknown): Promise<unknown> };
    for (const input of [
      undefined,
      null,
      7,
      [],
      { transfer: '../../etc' },
      { transfer: 'f'.repeat(32), block: -1 },
      { transfer: 'f'.repeat(32), block: 0, path: '/etc/passwd' },
    ]) {
      await expect(loose.call('send.read', input)).rejects.toMatchObject({ code: 'bridge-invalid' });
    }
  });

  it('answers with the code of what went wrong', async () => {
    const asked = joined().engine.call('receive.room', { transfer: 'f'.repeat(32) });
    await expect(asked).rejects.toMatchObject({ code: 'transfer-unknown' });
  });

  it('ends every waiting call when the way is closed', async () => {
    const { engine } = joined();
    const waiting = engine.call('unfinished.claims', {});
    engine.close();
    await expect(waiting).rejects.toMatchObject({ code: 'bridge-closed' });
    await expect(engine.call('unfinished.claims', {})).rejects.toMatchObject({ code: 'bridge-closed' });
  });

  it('says once that it closed, however often it is closed', async () => {
    const port = await joined().connect();
    let told = 0;
    port.onClose(() => {
      told += 1;
    });
    port.close();
    port.close();
    expect(told).toBe(1);
  });

  it('closes on a message that is no call', async () => {
    const port = await joined().connect();
    const closed = new Promise<void>((resolve) => port.onClose(() => resolve()));
    port.onMessage(() => undefined);
    port.post({ is: 'nonsense', id: 'x' });
    await closed;
  });
}
