// The smallest STUN server there can be: tells whoever asks where the question came from, and counts the questions.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type StunServer = {
  readonly url: string;
  asked(): number;
  close(): void;
};

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const xorMappedAddress = 0x0020;
const magicCookie = 0x2112a442;

export async function startStunServer(address: string): Promise<StunServer> {
  const socket = createSocket('udp4');
  let count = 0;
  socket.on('message', (question, from) => {
    count += 1;
    if (question.length < 20 || question.readUInt16BE(0) !== bindingRequest) return;
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(bindingSuccess, 0);
    answer.writeUInt16BE(12, 2);
    question.copy(answer, 4, 4, 20);
    answer.writeUInt16BE(xorMappedAddress, 20);
    answer.writeUInt16BE(8, 22);
    answer.writeUInt16BE(0x0001, 24);
    answer.writeUInt16BE(from.port ^ (magicCookie >>> 16), 26);
    const own = from.address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    answer.writeUInt32BE((own ^ magicCookie) >>> 0, 28);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, address);
  await once(socket, 'listening');
  return {
    url: `stun:${address}:${socket.address().port}`,
    asked: () => count,
    close: () => socket.close(),
  };
}
