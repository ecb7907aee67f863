// Transfers that are kept to go on with another day, of both directions: listed, discarded, moved to another folder, published.

import type { CallOutput, Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import { resumeClaimsMax } from '../../shared/wire/limits.ts';
import type { History } from '../history.ts';
import type { RunSettings } from '../run-settings.ts';
import type { Destinations } from '../sink/destination.ts';
import type { PublishedKept, Receiving } from '../sink/receive-service.ts';
import type { Sending } from '../source/send-service.ts';
import type { EmitUi, UiGroup } from './call-groups.ts';
import type { PickFolder } from './folder-picker.ts';
import type { ReceivedFiles } from './received-files.ts';

export type UnfinishedOptions = {
  readonly sending: Sending;
  readonly receiving: Receiving;
  readonly destinations: Destinations;
  readonly settings: RunSettings;
  readonly history: History;
  readonly received: ReceivedFiles;
  readonly pickFolder: PickFolder;
  readonly emit: EmitUi;
};

type Claim = CallOutput<EngineCalls, 'unfinished.claims'>[number];

export type UnfinishedCalls = {
  readonly ui: UiGroup<'unfinished'>;
  readonly engine: Pick<Handlers<EngineCalls>, 'unfinished.claims'>;
};

export function unfinishedCalls(options: UnfinishedOptions): UnfinishedCalls {
  const { sending, receiving, destinations, settings, history, received, pickFolder, emit } = options;
  const changed = () => emit('unfinished-changed', null);
  /** In this run, the newest: whoever has the other half goes on listing it until it hears of that, on a later link. */
  let discarded: readonly Claim[] = [];

  async function kept() {
    const sends = (await sending.kept()).map(({ totals, selection: _, ...send }) => ({
      ...send,
      direction: 'send' as const,
      bytesTotal: totals.bytes,
      files: totals.files,
      isPublished: false,
    }));
    return newestFirst([...sends, ...(await receiving.kept())]);
  }

  async function claimable() {
    const sends = (await sending.kept()).map(({ id, secret, updatedAtMs }) => {
      return { id, secret, updatedAtMs, direction: 'send' as const, isPublished: false };
    });
    return newestFirst([...sends, ...(await receiving.claims())]);
  }

  /** What is in place was not discarded, whatever becomes of its record. */
  async function discard(transfer: string): Promise<void> {
    const known = (await claimable().catch(() => [])).find(({ id, isPublished }) => id === transfer && !isPublished);
    if (!(await receiving.discard(transfer))) await sending.discard(transfer);
    if (known === undefined) return;
    const { secret, direction } = known;
    discarded = [{ id: transfer, secret, direction, isDiscarded: true } as const, ...discarded].slice(
      0,
      resumeClaimsMax,
    );
  }

  async function claims(): Promise<readonly Claim[]> {
    const claimed = (await claimable()).map(({ id, secret, direction }) => ({ id, secret, direction }));
    return [...claimed, ...discarded.filter(({ id }) => !claimed.some((each) => each.id === id))];
  }

  async function addToHistory({ record, published, faults }: PublishedKept): Promise<void> {
    const { id, title, peerName, checked, wantedBytes } = record;
    const missingFolders = faults.filter(({ isFolder }) => isFolder === true).length;
    const missing = faults.length - missingFolders;
    await history.add({
      ...{ id, title, peerName, checked, bytes: wantedBytes, files: published + missing },
      ...(missing === 0 ? {} : { missing }),
      ...(missingFolders === 0 ? {} : { missingFolders }),
      direction: 'receive',
      state: 'done',
      endedAtMs: Date.now(),
      landedAt: received.landedNow(id),
    });
  }

  return {
    ui: {
      'unfinished.list': async () =>
        (await kept())
          .filter(({ isLive, isPublished }) => !isLive && !isPublished)
          .map(({ secret: _, isLive: __, isPublished: ___, ...view }) => view),
      'unfinished.discard': async ({ transfer }) => {
        await discard(transfer);
        changed();
      },
      'unfinished.move': async ({ transfer }) => {
        const folder = await pickFolder();
        if (folder === undefined) return { isMoved: false };
        const { id } = await destinations.admit(folder);
        await receiving.moveKept(transfer, destinations.find(id));
        changed();
        return { isMoved: true };
      },
      'unfinished.publish': async ({ transfer }) => {
        const answer = await receiving.publishKept(transfer);
        changed();
        if (settings.get().history) await addToHistory(answer);
        return { published: answer.published };
      },
    },
    engine: { 'unfinished.claims': claims },
  };
}

function newestFirst<T extends { readonly updatedAtMs: number }>(all: T[]): T[] {
  return all.sort((a, b) => b.updatedAtMs - a.updatedAtMs);
}
