// The yardstick: two bare Chromium pages and N connections with one ordered, reliable channel each, as fast as
// `send` takes it. No disk, no hashing, no acknowledgement: what the data channel itself can do here and now.

import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../build/chromium-path.ts';
import { bareFlags, chromiumFlags } from '../tests/e2e/instance.ts';
import { cpuSecondsOf } from './processes.ts';
import { detourScript, type UdpRelay } from './udp-relay.ts';

export type Blast = {
  readonly channels: number;
  readonly bytes: number;
  readonly relay?: UdpRelay;
  /** With what Tincan's own windows have: an inactive video section that gives sockets more room, and the switches. */
  readonly wide?: boolean;
};

export type BlastResult = {
  /** 10^6 bytes, as counted by the receiver, from its first message to its last. */
  readonly megabytesPerSecond: number;
  /** Of everything this process started: both browsers, while the bytes move. */
  readonly cpuSecondsPerGiB: number;
};

export async function blast({ channels, bytes, relay, wide = false }: Blast): Promise<BlastResult> {
  const browsers = await Promise.all([launch(wide), launch(wide)]);
  try {
    const [sender, receiver] = (await Promise.all(browsers.map((browser) => openPage(browser, relay)))) as [Page, Page];
    const offers = await sender.evaluate(makeOffers, { count: channels, wide });
    const answers = await receiver.evaluate(makeAnswers, { offers, expected: bytes });
    await sender.evaluate(takeAnswers, answers);
    const cpuBefore = cpuSecondsOf(process.pid);
    const [, seconds] = await Promise.all([
      sender.evaluate(sendAll, bytes),
      receiver.evaluate(() => (globalThis as unknown as Receiver).received),
    ]);
    const cpu = cpuSecondsOf(process.pid) - cpuBefore;
    return { megabytesPerSecond: bytes / 1e6 / seconds, cpuSecondsPerGiB: cpu / (bytes / 2 ** 30) };
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
  }
}

function launch(wide: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [...(wide ? chromiumFlags : bareFlags)],
  });
}

async function openPage(browser: Browser, relay: UdpRelay | undefined): Promise<Page> {
  const page = await browser.newPage();
  if (relay !== undefined) {
    await page.exposeFunction('__standIn', relay.standIn);
    await page.addInitScript(detourScript);
  }
  await page.goto('about:blank');
  return page;
}

type Sender = { connections: RTCPeerConnection[]; channels: RTCDataChannel[] };
type Receiver = { received: Promise<number> };

async function makeOffers({ count, wide }: { count: number; wide: boolean }): Promise<string[]> {
  const here = globalThis as unknown as Sender;
  here.connections = [];
  here.channels = [];
  for (let index = 0; index < count; index += 1) {
    const connection = new RTCPeerConnection();
    if (wide) connection.addTransceiver('video', { direction: 'inactive' });
    here.channels.push(connection.createDataChannel('bulk', { negotiated: true, id: 1 }));
    here.connections.push(connection);
    await connection.setLocalDescription();
    if (connection.iceGatheringState !== 'complete') {
      await new Promise<void>((resolve) => {
        connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve();
      });
    }
  }
  return here.connections.map((connection) => connection.localDescription?.sdp ?? '');
}

async function makeAnswers({ offers, expected }: { offers: string[]; expected: number }): Promise<string[]> {
  let got = 0;
  let startedAt = 0;
  let finish: (seconds: number) => void = () => undefined;
  (globalThis as unknown as Receiver).received = new Promise((resolve) => {
    finish = resolve;
  });
  const answers: string[] = [];
  for (const sdp of offers) {
    const connection = new RTCPeerConnection();
    const channel = connection.createDataChannel('bulk', { negotiated: true, id: 1 });
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => {
      if (startedAt === 0) startedAt = performance.now();
      got += (data as ArrayBuffer).byteLength;
      if (got >= expected) finish((performance.now() - startedAt) / 1000);
    };
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription();
    if (connection.iceGatheringState !== 'complete') {
      await new Promise<void>((resolve) => {
        connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve();
      });
    }
    answers.push(connection.localDescription?.sdp ?? '');
  }
  return answers;
}

async function takeAnswers(answers: string[]): Promise<void> {
  const { connections, channels } = globalThis as unknown as Sender;
  await Promise.all(
    connections.map((connection, at) => connection.setRemoteDescription({ type: 'answer', sdp: answers[at]! })),
  );
  await Promise.all(
    channels.map((channel) => channel.readyState === 'open' || new Promise((resolve) => (channel.onopen = resolve))),
  );
}

async function sendAll(bytes: number): Promise<void> {
  const { channels } = globalThis as unknown as Sender;
  const message = new Uint8Array(262_144).fill(7);
  let left = bytes;
  await Promise.all(
    channels.map(async (channel) => {
      channel.bufferedAmountLowThreshold = 1 << 20;
      while (left > 0) {
        if (channel.bufferedAmount > 4 << 20) {
          await new Promise((resolve) => (channel.onbufferedamountlow = resolve));
          continue;
        }
        const size = Math.min(left, message.byteLength);
        left -= size;
        channel.send(message.subarray(0, size));
      }
    }),
  );
}
