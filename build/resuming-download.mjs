// Downloads one file over HTTP, with progress. It waits as long as bytes arrive. When they stop, or the connection
// breaks, it asks again for the rest. A later run continues where an earlier one ended.

import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A connection that brings nothing for this long is given up and asked for again. */
const defaultSilenceMs = 30_000;
/** This many attempts in a row that brought no byte end the download. */
const defaultFruitlessAttempts = 4;
const defaultPauseMs = 1_000;

/** An answer that will be the same next time: no file at this address, no permission. */
class RefusedError extends Error {}

/** Implements the `Downloader` of @electron/get. `partFolder` keeps unfinished files from run to run. */
export class ResumingDownload {
  #options;

  constructor(options) {
    this.#options = {
      silenceMs: defaultSilenceMs,
      fruitlessAttempts: defaultFruitlessAttempts,
      pauseMs: defaultPauseMs,
      onProgress: () => {},
      ...options,
    };
  }

  async download(url, target) {
    const { partFolder, fruitlessAttempts, pauseMs } = this.#options;
    mkdirSync(partFolder, { recursive: true });
    mkdirSync(path.dirname(target), { recursive: true });
    const part = new PartFile(path.join(partFolder, path.basename(target)), url);
    for (let fruitless = 0; ; ) {
      const before = part.size;
      try {
        await this.#attempt(url, part);
        part.moveTo(target);
        return;
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        fruitless = part.size > before ? 0 : fruitless + 1;
        if (fruitless >= fruitlessAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 ** fruitless));
      }
    }
  }

  async #attempt(url, part) {
    const silence = silenceWatch(this.#options.silenceMs);
    try {
      const response = await fetch(url, { headers: part.requestHeaders(), signal: silence.signal });
      if (response.status === 416) {
        part.discard();
        throw new Error(`${url} has fewer bytes than were asked for`);
      }
      if (!response.ok) throw refusalOrPassing(url, response.status);
      const resumed = response.status === 206 && startOf(response) === part.size;
      if (response.status === 206 && !resumed) {
        part.discard();
        throw new Error(`${url} answered with another part of the file`);
      }
      if (!resumed) part.begin(response.headers.get('etag'));
      await this.#store(response, part, silence);
    } finally {
      silence.end();
    }
  }

  async #store(response, part, silence) {
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : part.size + Number(length);
    let received = part.size;
    const { onProgress } = this.#options;
    onProgress({ received, total });
    await pipeline(
      Readable.fromWeb(response.body),
      async function* count(chunks) {
        for await (const chunk of chunks) {
          silence.heard();
          received += chunk.length;
          onProgress({ received, total });
          yield chunk;
        }
      },
      createWriteStream(part.file, { flags: 'a' }),
    );
    if (total !== undefined && received < total) throw new Error('The connection ended early');
  }
}

/** The bytes that are here already, and the mark (ETag) of the file that they are part of. */
class PartFile {
  file;
  #markFile;
  #url;

  constructor(base, url) {
    this.file = `${base}.part`;
    this.#markFile = `${base}.mark`;
    this.#url = url;
    // Without a mark of the same address nobody knows what these bytes belong to.
    if (this.#mark()?.url !== url) this.discard();
  }

  get size() {
    return existsSync(this.file) ? statSync(this.file).size : 0;
  }

  /** If-Range: a file that changed on the server comes whole, with status 200. */
  requestHeaders() {
    const mark = this.#mark()?.etag;
    if (this.size === 0) return {};
    return { Range: `bytes=${this.size}-`, ...(mark ? { 'If-Range': mark } : {}) };
  }

  begin(etag) {
    this.discard();
    // A weak mark does not promise equal bytes, so it is no use for If-Range.
    const strong = etag !== null && !etag.startsWith('W/') ? etag : undefined;
    writeFileSync(this.#markFile, JSON.stringify({ url: this.#url, etag: strong }));
  }

  discard() {
    for (const file of [this.file, this.#markFile]) rmSync(file, { force: true });
  }

  moveTo(target) {
    try {
      renameSync(this.file, target);
    } catch (error) {
      if (error.code !== 'EXDEV') throw error;
      writeFileSync(target, readFileSync(this.file));
    }
    this.discard();
  }

  #mark() {
    try {
      return JSON.parse(readFileSync(this.#markFile, 'utf8'));
    } catch {
      return undefined;
    }
  }
}

function silenceWatch(limitMs) {
  const controller = new AbortController();
  const giveUp = () => controller.abort(new Error('Nothing arrived for a while'));
  let timer = setTimeout(giveUp, limitMs);
  return {
    signal: controller.signal,
    heard() {
      clearTimeout(timer);
      timer = setTimeout(giveUp, limitMs);
    },
    end: () => clearTimeout(timer),
  };
}

function startOf(response) {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

function refusalOrPassing(url, status) {
  const passing = status === 408 || status === 429 || status >= 500;
  return new (passing ? Error : RefusedError)(`${url} answered ${status}`);
}
