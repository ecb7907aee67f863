// What must be true, after every step and at the end, whatever happened: I1 to I8 of docs/SIMULATION.md.

import { createHash } from 'node:crypto';
import type { TransferView } from '../shared/model/transfer.ts';
import { type Computer, dataFolder, documents, downloads, trashFolder } from './computer.ts';
import type { Inode } from './disk/inode.ts';
import { homeFolder } from './guard.ts';
import { forgottenBlocks, lostBlocks, namedSince, settledMs } from './journal-check.ts';
import { type Picked, type Sources, storedNames } from './sources.ts';
import { startOfTimeMs, type World } from './world.ts';

type Found = { readonly name: string; readonly inode: Inode; readonly bytes: Uint8Array };
export type Sent = {
  readonly picked: Picked;
  readonly sources: Sources;
  readonly from: Computer;
  readonly to: Computer;
};

/** What is published just then comes to its end. */
const movedNoticedMs = 10_000;

/** Whoever receives said yes before. */
const beyondAsking: ReadonlySet<string> = new Set(['waiting', 'receiving', 'verifying', 'done']);

export class Oracle {
  readonly #world: World;
  readonly sent = new Map<string, Sent>();
  readonly #granted = new Set<string>();
  /** What lay in the destination before, by content: it stays somewhere, for ever. */
  readonly #treasures = new Map<Computer, Map<string, string>>();
  readonly #dirty = new Set<Computer>();
  readonly #delivered = new Set<string>();

  constructor(world: World, computers: readonly Computer[]) {
    this.#world = world;
    for (const computer of computers) this.#watch(computer);
  }

  #watch(computer: Computer): void {
    computer.files.onName = (folder, name) => {
      const where = `${computer.files.pathOf(folder)}/${name}`;
      // A folder that the person moved away while it was in use is still the one that was chosen.
      const isOurs = [downloads, `${dataFolder}/`, `${trashFolder}/`].some((own) => where.startsWith(own));
      if (where.startsWith(`${downloads}/`)) this.#dirty.add(computer);
      if (!isOurs && !computer.isPersonActing) this.#world.fail(`${computer.name} touched ${where} (I3)`);
      if (where.startsWith(`${downloads}-moved/`) && !computer.isPersonActing) this.#checkMoved(computer, where);
      const isStaging = where.startsWith(`${downloads}/.tincan-`);
      if (isStaging && ![...this.#granted].some((id) => this.sent.get(id)?.to === computer)) {
        this.#world.fail(`${computer.name} made ${where} before anybody said yes (I8)`);
      }
    };
  }

  /** Another folder has stood in the destination's place for long: what comes now is not for the one that was moved away. */
  #checkMoved({ name, files, movedMs = Number.POSITIVE_INFINITY }: Computer, where: string): void {
    const isStaging = where.startsWith(`${downloads}-moved/.tincan-`);
    const isReplaced = files.place(downloads, false).inode !== undefined;
    if (isStaging || !isReplaced || this.#world.nowMs - movedMs < movedNoticedMs) return;
    this.#world.fail(`${name} puts ${where} into a folder that was moved away`);
  }

  /** A file that was in the destination before Tincan came. */
  treasure(computer: Computer, name: string, bytes: Uint8Array): void {
    const known = this.#treasures.get(computer) ?? new Map();
    this.#treasures.set(computer, known.set(hashOf(bytes), name));
  }

  /** What was there before has its name, or is in the trash; or beside the new file, where the trash may have refused it. */
  checkReplaced(computer: Computer, { mayRefuse }: { readonly mayRefuse: boolean }): void {
    for (const { name, bytes } of filesBelow(computer, downloads)) {
      const before = this.#treasures.get(computer)?.get(hashOf(bytes));
      const own = mayRefuse ? name.replace(/ \(replaced\)(?=\.[^./]*$|$)/, '') : name;
      if (before !== undefined && before !== own)
        this.#world.fail(`${computer.name} has ${before}, which was there before, as ${name}`);
    }
  }

  granted(transfer: string): void {
    this.#granted.add(transfer);
  }

  /** After every step. */
  check(computers: readonly Computer[]): void {
    for (const computer of computers) {
      if (this.#dirty.delete(computer)) this.#checkDestination(computer);
    }
  }

  /** After a power cut and at the end, whatever was said to have changed. */
  checkAll(computer: Computer, isOver: boolean): void {
    this.#checkDestination(computer, isOver);
    const left = new Set(filesBelow(computer, homeFolder).map(({ bytes }) => hashOf(bytes)));
    for (const [hash, name] of this.#treasures.get(computer) ?? []) {
      if (!left.has(hash)) this.#world.fail(`${computer.name} lost ${name}, which was there before (I2)`);
    }
  }

  /** After a power cut. */
  checkJournals(computer: Computer): void {
    const lost = lostBlocks(computer);
    if (lost.length > 0)
      this.#world.fail(`${computer.name}: the journal names what is not there: ${lost.join(', ')} (I5)`);
  }

  /** Before a power cut. Answers what to call after it: what a journal named for a while it still names. */
  beforePowerCut(computer: Computer): () => void {
    const named = namedSince(computer, this.#world.nowMs - settledMs, startOfTimeMs);
    return () => {
      const forgotten = forgottenBlocks(computer, named);
      if (forgotten.length > 0)
        this.#world.fail(`${computer.name}: a journal that was written long ago forgot ${forgotten.join(', ')} (I5)`);
    };
  }

  /** One transfer puts a file in place once. After a power cut two names may be left of it. */
  #checkTwins(computer: Computer, found: readonly Found[]): void {
    if (computer.hasLostPower) return;
    const times = new Map<string, number>();
    for (const { name, bytes } of found) {
      if (bytes.byteLength === 0 || isOurs(name)) continue;
      const key = `${plain(name)} ${hashOf(bytes)}`;
      times.set(key, (times.get(key) ?? 0) + 1);
      const sents = [...this.sent.values()].filter(
        ({ to, sources, picked }) =>
          to === computer &&
          sources.knows(plain(name), bytes) &&
          picked.files.some((full) => full.endsWith(`/${plain(name)}`)),
      );
      if (sents.length > 0 && times.get(key)! > sents.length)
        this.#world.fail(
          `${computer.name} has ${plain(name)} ${times.get(key)} times, sent ${sents.length} times (I2)`,
        );
    }
  }

  /** And one folder, which is not left beside it empty. */
  #checkFolders(computer: Computer): void {
    if (computer.hasLostPower) return;
    const times = new Map<string, number>();
    for (const [name, { kind }] of findFolder(computer.files.root, downloads, 'entries')?.entries ?? []) {
      if (kind === 'folder') times.set(plain(name), (times.get(plain(name)) ?? 0) + 1);
    }
    const treasures = [...(this.#treasures.get(computer)?.values() ?? [])];
    for (const [name, count] of times) {
      if (isOurs(name)) continue;
      const tops = [...this.sent.values()].filter(({ to, picked }) => to === computer && topOf(picked) === name);
      const before = treasures.some((each) => each.startsWith(`${name}/`)) ? 1 : 0;
      if (count > before + tops.length)
        this.#world.fail(`${computer.name} has the folder ${name} ${count} times, sent ${tops.length} times (I2)`);
    }
  }

  #checkDestination(computer: Computer, isOver = false): void {
    const treasures = this.#treasures.get(computer);
    const found = filesBelow(computer, downloads);
    if (isOver) this.#checkTwins(computer, found);
    if (isOver) this.#checkFolders(computer);
    for (const { name, bytes } of found) {
      if (isOurs(name)) continue;
      if (treasures?.has(hashOf(bytes)) === true) continue;
      // A disk without links has names reserved by empty files for a moment. A power cut may leave one, and forget why it is there.
      const hasReservations = !computer.files.hasLinks || computer.calls.hasRefusedLink;
      if (bytes.byteLength === 0 && hasReservations && (!isOver || computer.hasLostPower)) continue;
      const sents = [...this.sent.values()].filter(
        ({ to, sources }) => to === computer && sources.knows(plain(name), bytes),
      );
      if (sents.length === 0) {
        this.#world.fail(`${computer.name} has ${name} of ${bytes.byteLength} bytes, which nobody sent (I1)`);
      }
    }
  }

  /** Each time a row changes. */
  shown(computer: Computer, { id, direction, state }: TransferView): void {
    if (direction !== 'receive' || !beyondAsking.has(state) || this.#granted.has(id)) return;
    this.#world.fail(`${computer.name} receives ${id.slice(0, 6)} (${state}), and nobody said yes (I8)`);
  }

  /** At the moment a person is told so. */
  ended(computer: Computer, view: TransferView): void {
    const sent = this.sent.get(view.id);
    if (sent === undefined || view.state !== 'done') return;
    const { to, picked, sources } = sent;
    this.#delivered.add(view.id);
    const there = new Set<string>();
    const tops = `${documents}/`.length;
    const wanted = new Set(picked.files.flatMap((full) => storedNames(full.slice(tops))));
    // The person may have moved the folder away while it was in use.
    const areas = [downloads, `${downloads}-moved`, `${downloads}-other`, trashFolder];
    for (const { name, bytes } of areas.flatMap((area) => durableBelow(to, area))) {
      if (wanted.has(plain(name)) && sources.knows(plain(name), bytes)) there.add(plain(name));
    }
    const least = view.wantedFiles - view.fileFaultCount;
    if (there.size < least) {
      const missing = [...wanted].filter((name) => !there.has(name)).slice(0, 4);
      this.#world.fail(
        `${computer.name} says ${view.direction} ${view.id.slice(0, 6)} is done, and a power cut would leave ${there.size} of ${least} files, not ${missing.join(', ')} (I4)`,
      );
    }
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function topOf({ top }: Picked): string {
  return top.slice(documents.length + 1);
}

/** In a staging folder, or a copy beside its name on another disk. */
function isOurs(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.tincan-'));
}

/** Without the numbers that names in use get. */
function plain(name: string): string {
  return name.replaceAll(/( \(\d+\))+(?=\.[^./]*$|\/|$)/g, '');
}

export function filesBelow(computer: Computer, area: string): Found[] {
  return below(findFolder(computer.files.root, area, 'entries'), '', 'entries', (inode) => inode.bytes);
}

/** What would be left if the power went now and the disk kept only what it must. */
function durableBelow(computer: Computer, area: string): Found[] {
  const root = findFolder(computer.files.root, area, 'durableEntries');
  const found = below(root, '', 'durableEntries', (inode) => inode.durable);
  return found.map((each) => (area === trashFolder ? { ...each, name: computer.trashedAs(each.name) } : each));
}

type Which = 'entries' | 'durableEntries';

function findFolder(root: Inode, area: string, which: Which): Inode | undefined {
  let at: Inode | undefined = root;
  for (const name of area.split('/').filter(Boolean)) at = at?.[which].get(name);
  return at;
}

function below(folder: Inode | undefined, prefix: string, which: Which, read: (inode: Inode) => Uint8Array): Found[] {
  const found: Found[] = [];
  for (const [name, inode] of folder?.[which] ?? []) {
    const full = prefix === '' ? name : `${prefix}/${name}`;
    if (inode.kind === 'folder') found.push(...below(inode, full, which, read));
    else if (inode.kind === 'file') found.push({ name: full, inode, bytes: read(inode) });
  }
  return found;
}
