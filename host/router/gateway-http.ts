// One request to the gateway over HTTP. Promises: it goes to the gateway's address whatever the router says, follows no
// redirect, and ends within bounds of bytes and time.

import { request } from 'node:http';
import { familyOf } from '../../shared/code/address.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { gatewayHeadersMaxBytes, gatewayHttpMs } from '../../shared/wire/limits.ts';
import { type GatewayPlace, withinTime } from './gateway-place.ts';
import type { GatewayUrl } from './igd-description.ts';

export type GatewayRequest = {
  readonly place: GatewayPlace;
  readonly url: GatewayUrl;
  readonly maxBytes: number;
  readonly post?: { readonly body: string; readonly headers: Readonly<Record<string, string>> };
};

export type GatewayResponse = { readonly status: number; readonly text: string };

export function askHttp(
  asking: GatewayRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<GatewayResponse | undefined> {
  return withinTime({ clock, ms: gatewayHttpMs, signal }, (stop) => ask(asking, stop));
}

function ask({ place, url, maxBytes, post }: GatewayRequest, stop: AbortSignal): Promise<GatewayResponse | undefined> {
  const isV6 = familyOf(place.address) === 6;
  const host = isV6 ? `[${place.address.replace(/%.*$/, '')}]` : place.address;
  return new Promise((resolve) => {
    if (stop.aborted) return resolve(undefined);
    const asked = request({
      host: place.address,
      // A pinhole is given to the address that asks for it.
      ...(isV6 ? { localAddress: place.ownAddress } : {}),
      port: url.port,
      path: url.path,
      method: post === undefined ? 'GET' : 'POST',
      headers: { host: `${host}:${url.port}`, connection: 'close', ...post?.headers },
      agent: false,
      maxHeaderSize: gatewayHeadersMaxBytes,
    });
    const end = (answer?: GatewayResponse) => {
      resolve(answer);
      asked.destroy();
    };
    stop.addEventListener('abort', () => end(), { once: true });
    asked.on('error', () => end());
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let received = 0;
      response.on('error', () => end());
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received > maxBytes) return end();
        chunks.push(chunk);
        return undefined;
      });
      response.on('end', () => end({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('close', () => end());
    });
    return void asked.end(post?.body);
  });
}
