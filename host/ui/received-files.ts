// Where received files lie, so that a person can open them and have them shown. Promises: the page learns no path, and nothing that
// can run programs is opened before a person confirmed it.

import path from 'node:path';
import { Fault } from '../../shared/model/fault.ts';
import type { Disk } from '../disk/disk.ts';
import type { History } from '../history.ts';
import type { ShellServices } from '../host.ts';
import { mayRunPrograms } from '../open-received.ts';
import type { UiGroup } from './call-groups.ts';

export type ReceivedFilesOptions = {
  readonly disk: Disk;
  readonly history: Pick<History, 'isReceived' | 'landedAt'>;
  readonly services: Pick<ShellServices, 'confirmOpen' | 'openFile' | 'reveal'>;
};

export class ReceivedFiles {
  readonly #options: ReceivedFilesOptions;
  /** Of this run; the history keeps those of earlier ones. */
  readonly #landed = new Map<string, string>();
  #isConfirming = false;

  constructor(options: ReceivedFilesOptions) {
    this.#options = options;
  }

  note(transfer: string, where: string): void {
    this.#landed.set(transfer, where);
  }

  /** In this run. */
  landedNow(transfer: string): string | undefined {
    return this.#landed.get(transfer);
  }

  /** Its id is used up: two transfers of one id could not be told apart, neither in the history nor where they lie. */
  isReceived(transfer: string): boolean {
    return this.#landed.has(transfer) || this.#options.history.isReceived(transfer);
  }

  /** If it is still there and no link. */
  async present(transfer: string): Promise<string | undefined> {
    const where = this.#find(transfer);
    const facts = where === undefined ? undefined : await this.#options.disk.facts(where).catch(() => undefined);
    return facts?.kind === 'file' || facts?.kind === 'folder' ? where : undefined;
  }

  readonly calls: UiGroup<'transfer'> = {
    'transfer.open': async ({ transfer, isConfirmed }) => {
      const { disk, services } = this.#options;
      const where = await this.#present(transfer);
      if (await mayRunPrograms(disk, where)) {
        if (services.confirmOpen !== undefined) {
          if (!(await this.#confirm(where, services.confirmOpen))) return { at: 'declined' };
        } else if (!isConfirmed) return { at: 'asks' };
      }
      // A question may stand for minutes, and it was about what lay there then.
      await this.#present(transfer);
      await services.openFile(where);
      return { at: 'opened' };
    },
    'transfer.reveal': async ({ transfer }) => {
      const where = this.#where(transfer);
      const folder = await this.#options.disk.facts(path.dirname(where)).catch(() => undefined);
      if (folder === undefined) throw new Fault('source-missing', 'the folder of what was received is not there');
      await this.#options.services.reveal(where);
    },
  };

  #find(transfer: string): string | undefined {
    return this.#landed.get(transfer) ?? this.#options.history.landedAt(transfer);
  }

  #where(transfer: string): string {
    const where = this.#find(transfer);
    if (where === undefined) throw new Fault('transfer-unknown', 'it is not known where this landed');
    return where;
  }

  /** A link that took its place may lead to anything. */
  async #present(transfer: string): Promise<string> {
    this.#where(transfer);
    const where = await this.present(transfer);
    if (where === undefined) throw new Fault('source-missing', 'what was received is not there any more');
    return where;
  }

  /** One question at a time: a page may ask for it as often as it likes. */
  async #confirm(where: string, ask: (name: string) => Promise<boolean>): Promise<boolean> {
    if (this.#isConfirming) throw new Fault('bridge-busy', 'a question is open already');
    this.#isConfirming = true;
    try {
      return await ask(path.basename(where));
    } finally {
      this.#isConfirming = false;
    }
  }
}
