// What went into a transfer can be offered once more, wherever it came from.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openBlockMemory } from '../../../host/block-memory.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openSending } from '../../../host/source/send-service.ts';
import { systemClock } from '../../../host/system-clock.ts';
import { idOf, openBench, transfer } from './stage.ts';

describe('sending again', () => {
  it('gives the same files to the engine under a new name', () => {
    const bench = openBench();
    const file = Object.assign(new File(['x'], 'x.txt'), { webkitRelativePath: '' });
    bench.tincan.actions.pastedFiles([file]);
    const first = bench.commands.at(-1) as unknown as { transfer: string; files: readonly { file: File }[] };
    void bench.tincan.actions.sendAgain(first.transfer);
    const again = bench.commands.at(-1) as unknown as typeof first;
    expect(again.files.map((each) => each.file)).toEqual([file]);
    expect(again.transfer).not.toBe(first.transfer);
  });

  it('asks the host for what only the host can read, and says so when it is gone', async () => {
    const bench = openBench();
    await bench.pick([{ id: 'a', name: 'a', kind: 'file' }]);
    const { transfer: name } = bench.commands.at(-1) as unknown as { transfer: string };
    bench.answers.set('stage.again', [{ id: 'b', name: 'a', kind: 'file' }]);
    await bench.tincan.actions.sendAgain(name);
    expect(bench.commands.at(-1)).toMatchObject({ do: 'send-items', items: ['b'] });
    expect(bench.tincan.store.getState().toasts).toEqual([]);
    bench.answers.set('stage.again', []);
    await bench.tincan.actions.sendAgain(name);
    expect(bench.tincan.store.getState().toasts.map(({ say }) => say)).toMatchObject([
      { is: 'fault', fault: { code: 'source-missing' } },
    ]);
  });
});

describe('what is not there any more of several', () => {
  const both = ['film', 'notes'].map((name) => ({ id: name, name, kind: 'file' as const }));
  async function sendBoth() {
    const bench = openBench();
    await bench.pick(both);
    const { transfer: name } = bench.commands.at(-1) as unknown as { transfer: string };
    bench.answers.set('stage.again', [{ ...both[1]!, id: 'again' }]);
    const said = () => bench.tincan.store.getState().toasts.map(({ say }) => say);
    return { ...bench, name, said };
  }

  it('is named where they are sent again', async () => {
    const { commands, name, said, tincan } = await sendBoth();
    await tincan.actions.sendAgain(name);
    expect(commands.at(-1)).toMatchObject({ do: 'send-items', items: ['again'] });
    expect(said()).toEqual([{ is: 'left-out', names: ['film'] }]);
  });

  it('is named where nobody answered the offer of them', async () => {
    const { emit, name, said, tincan } = await sendBoth();
    emit(transfer(1, { id: name, state: 'offered' }));
    emit(transfer(1, { id: name, state: 'failed', fault: { code: 'peer-left' } }));
    await vi.waitFor(() => expect(tincan.store.getState().staged.map(({ id }) => id)).toEqual(['again']));
    expect(said()).toEqual([{ is: 'left-out', names: ['film'] }]);
  });

  it('is named where nothing of them is left, and what the host keeps of the transfer stays', async () => {
    const { answers, calls, emit, name, said } = await sendBoth();
    answers.set('stage.again', []);
    emit(transfer(1, { id: name, state: 'offered' }));
    emit(transfer(1, { id: name, state: 'failed', fault: { code: 'peer-left' } }));
    await vi.waitFor(() => expect(said()).toEqual([{ is: 'left-out', names: ['film', 'notes'] }]));
    expect(calls.map(({ name }) => name)).not.toContain('unfinished.discard');
  });
});

describe('a transfer of an earlier link', () => {
  it('is left until both sides take it up', () => {
    const bench = openBench();
    bench.emit(transfer(1, { state: 'failed' }));
    bench.emit({ is: 'transfers-left', transfers: [idOf(1)] });
    expect(bench.tincan.store.getState().left).toEqual(new Set([idOf(1)]));
    bench.emit(transfer(1, { state: 'waiting' }));
    expect(bench.tincan.store.getState().left).toEqual(new Set());
  });
});

describe('the host', () => {
  async function openHere() {
    const folder = mkdtempSync(path.join(tmpdir(), 'tincan-again-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'a.txt');
    writeFileSync(file, 'again');
    const sending = await openSending({
      disk: openRealDisk(),
      dataDir: folder,
      memory: openBlockMemory(systemClock),
    });
    onTestFinished(() => sending.close());
    const [item] = await sending.stage([file]);
    const open = async (at: number, id: string) =>
      sending.handlers['send.open']({ transfer: idOf(at), secret: 'ab'.repeat(32), items: [id], peerName: 'Ben' });
    return { file, sending, id: item!.id, open };
  }

  it('puts down once more what a transfer of this run came from, as long as it is there', async () => {
    const { file, sending, id, open } = await openHere();
    await open(1, id);
    await sending.handlers['send.close']({ transfer: idOf(1), keep: false });
    expect(await sending.again(idOf(1))).toMatchObject([{ name: 'a.txt', kind: 'file', sizeBytes: 5 }]);
    rmSync(file);
    expect(await sending.again(idOf(1))).toEqual([]);
    expect(await sending.again(idOf(2))).toEqual([]);
  });

  it('puts down once more what was not there when it was to be sent, and has it once', async () => {
    const { file, sending, id, open } = await openHere();
    rmSync(file);
    await expect(open(1, id)).rejects.toMatchObject({ code: 'source-missing' });
    writeFileSync(file, 'again');
    const again = await sending.again(idOf(1));
    expect(again).toMatchObject([{ name: 'a.txt', kind: 'file', sizeBytes: 5 }]);
    expect(sending.staged()).toEqual(again);
    await open(2, again[0]!.id);
    expect(sending.staged()).toEqual([]);
  });

  it('keeps what was put down for the next page where this one went away while it was being opened', async () => {
    const { sending, id, open } = await openHere();
    const opening = open(1, id);
    await Promise.all([expect(opening).rejects.toMatchObject({ code: 'bridge-closed' }), sending.park()]);
    expect(sending.staged()).toMatchObject([{ id, name: 'a.txt' }]);
  });
});
