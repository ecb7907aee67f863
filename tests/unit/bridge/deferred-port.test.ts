// A port that is used before its way is there.

import { describe, expect, it } from 'vitest';
import { deferredPort } from '../../../renderer/bridge/deferred-port.ts';
import type { RpcPort } from '../../../shared/ipc/rpc.ts';
import { bridgeMaxOutstanding } from '../../../shared/wire/limits.ts';

/** What was posted into the way, and its far end. */
function openWay() {
  const posted: unknown[] = [];
  let hear = (_message: unknown) => {};
  let end = () => {};
  let closed = 0;
  const port: RpcPort = {
    post: (message) => void posted.push(message),
    onMessage(listener) {
      hear = listener;
      return () => undefined;
    },
    onClose(listener) {
      end = listener;
      return () => undefined;
    },
    close() {
      closed += 1;
      end();
    },
  };
  return { port, posted, hear: (message: unknown) => hear(message), end: () => end(), closed: () => closed };
}

function openComing() {
  const { promise, resolve } = Promise.withResolvers<RpcPort | undefined>();
  const port = deferredPort(promise);
  let told = 0;
  port.onClose(() => {
    told += 1;
  });
  const arrive = async (way: RpcPort | undefined) => {
    resolve(way);
    await promise;
  };
  return { port, told: () => told, arrive };
}

describe('a port to come', () => {
  it('sends what was posted meanwhile first, in order and as it was then', async () => {
    const { port, arrive } = openComing();
    const way = openWay();
    const bytes = new Uint8Array([1, 2]);
    port.post({ first: bytes });
    port.post('second');
    bytes[0] = 9;
    await arrive(way.port);
    port.post('third');
    expect(way.posted).toEqual([{ first: new Uint8Array([1, 2]) }, 'second', 'third']);
  });

  it('closes where its way does not take what was posted', async () => {
    const { port, arrive, told } = openComing();
    const way = openWay();
    port.post('too large');
    await arrive({
      ...way.port,
      post: () => {
        throw new RangeError('too large');
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([told(), way.closed()]).toEqual([1, 1]);
  });

  it('takes what is given away at once', () => {
    const { port } = openComing();
    const bytes = new Uint8Array(8);
    port.post({ bytes }, [bytes.buffer]);
    expect(bytes.byteLength).toBe(0);
  });

  it('passes on what arrives, until nobody listens, and that it closed', async () => {
    const { port, told, arrive } = openComing();
    const way = openWay();
    const heard: unknown[] = [];
    const off = port.onMessage((message) => heard.push(message));
    await arrive(way.port);
    way.hear('one');
    off();
    way.hear('two');
    expect(heard).toEqual(['one']);
    way.end();
    port.close();
    expect(told()).toBe(1);
    port.post('late');
    expect(way.posted).toEqual([]);
  });

  it('closes when there is no way', async () => {
    const { port, told, arrive } = openComing();
    port.post('lost');
    await arrive(undefined);
    expect(told()).toBe(1);
    port.close();
    expect(told()).toBe(1);
  });

  it('closed meanwhile, closes the way and sends nothing', async () => {
    const { port, told, arrive } = openComing();
    const way = openWay();
    port.post('lost');
    port.close();
    expect(told()).toBe(1);
    await arrive(way.port);
    expect([way.closed(), way.posted]).toEqual([1, []]);
  });

  it('closes the way that it closes later', async () => {
    const { port, told, arrive } = openComing();
    const way = openWay();
    await arrive(way.port);
    port.close();
    expect([way.closed(), told()]).toEqual([1, 1]);
  });

  it('keeps no more than the host would take at once', () => {
    const { port, told } = openComing();
    for (let count = 0; count < bridgeMaxOutstanding; count += 1) port.post(count);
    expect(told()).toBe(0);
    port.post('one more');
    expect(told()).toBe(1);
  });
});
