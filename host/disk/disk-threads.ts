// Threads that do many small things to a disk, one system call after the other. A call costs microseconds. Asked for one by
// one through promises, four or five for each of ten thousand files, the asking costs more than the disk does. In a thread
// they come in batches, and a slow disk holds up nobody else.

import { Worker } from 'node:worker_threads';
import type { DiskThreads, DiskWork } from './disk.ts';

type Reply<Answer> = { readonly answer: Answer } | { readonly errno: string };
type Task<Batch, Answer> = {
  readonly batch: Batch;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

/** They start when there is something to do, at most `count` of them, or the first one when it is asked for. */
export function openDiskThreads<Batch, Answer>(
  work: DiskWork<Batch, Answer>,
  count: number,
): DiskThreads<Batch, Answer> {
  const idle: Worker[] = [];
  const busy = new Map<Worker, Task<Batch, Answer>>();
  const waiting: Task<Batch, Answer>[] = [];
  const asked = new Set<Promise<unknown>>();
  let isClosed = false;
  /** Whatever became of it: where none can be started, not everybody who asks tries it again. */
  let hasStarted = false;

  function begin(): void {
    if (waiting.length === 0) return;
    const thread = idle.pop() ?? (busy.size < count ? tryStart() : undefined);
    if (thread === undefined) return;
    const task = waiting.shift()!;
    busy.set(thread, task);
    thread.ref();
    thread.postMessage(task.batch);
  }

  /** Where the system gives no thread, those that work take what waits; without one there is nobody to wait for. */
  function tryStart(): Worker | undefined {
    try {
      return start();
    } catch (error) {
      if (busy.size === 0) for (const task of waiting.splice(0)) task.reject(error);
      return undefined;
    }
  }

  function start(): Worker {
    hasStarted = true;
    const thread = new Worker(scriptOf(work), { eval: true, execArgv: [], env: {} });
    let why: unknown = new Error('a thread for the disk ended');
    thread.on('message', (reply: Reply<Answer>) => {
      const task = busy.get(thread);
      busy.delete(thread);
      thread.unref();
      idle.push(thread);
      if ('answer' in reply) task?.resolve(reply.answer);
      else task?.reject(Object.assign(new Error(`the disk answered ${reply.errno}`), { code: reply.errno }));
      begin();
    });
    thread.on('error', (error) => {
      why = error;
    });
    thread.on('exit', () => {
      busy.get(thread)?.reject(why);
      busy.delete(thread);
      if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
      begin();
    });
    return thread;
  }

  return {
    start() {
      if (isClosed || hasStarted) return;
      // Only a preparation: where there is no thread, whoever asks for something is told.
      const thread = tryStart();
      if (thread === undefined) return;
      thread.unref();
      idle.push(thread);
    },
    do(batch) {
      if (isClosed) return Promise.reject(new Error('the threads for the disk have ended'));
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const settled: Promise<unknown> = promise.then(
        () => asked.delete(settled),
        () => asked.delete(settled),
      );
      asked.add(settled);
      waiting.push({ batch, resolve, reject });
      begin();
      return promise;
    },
    async close() {
      isClosed = true;
      await Promise.all(asked);
      await Promise.all(idle.map((thread) => thread.terminate()));
    },
  };
}

/** The function is its own script: a file would have to be found in every bundle, and in the packaged app's archive. */
function scriptOf(work: DiskWork<never, unknown>): string {
  return `
    // Electron's file system takes every *.asar file for a folder until it is told not to.
    process.noAsar = true;
    const { parentPort } = process.getBuiltinModule('node:worker_threads');
    const fs = process.getBuiltinModule('node:fs');
    const work = ${work.toString()};
    parentPort.on('message', (batch) => {
      try {
        const answer = work(fs, batch);
        parentPort.postMessage({ answer }, answer.bytes === undefined ? [] : [answer.bytes.buffer]);
      } catch (error) {
        parentPort.postMessage({ errno: String(error.code) });
      }
    });`;
}
