// One action of a UPnP service of the gateway: what it answers by name, or the number of its error.

import type { Clock } from '../../shared/model/clock.ts';
import { soapAnswerMaxBytes } from '../../shared/wire/limits.ts';
import { askHttp } from './gateway-http.ts';
import type { GatewayPlace } from './gateway-place.ts';
import type { IgdService } from './igd-description.ts';
import { childText, elementsNamed, readXml } from './read-xml.ts';

export type SoapCall = {
  readonly place: GatewayPlace;
  readonly service: IgdService;
  readonly action: string;
  /** Ours, all of them: numbers, an address of this computer, fixed words. */
  readonly values: Readonly<Record<string, string | number>>;
};

export type SoapAnswer =
  | { readonly at: 'done'; value(name: string): string | undefined }
  | { readonly at: 'fault'; readonly code: number };

export async function callSoap(
  { place, service, action, values }: SoapCall,
  clock: Clock,
  signal: AbortSignal,
): Promise<SoapAnswer | undefined> {
  const inside = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`);
  const body =
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
    `<u:${action} xmlns:u="${service.type}">${inside.join('')}</u:${action}></s:Body></s:Envelope>`;
  const headers = {
    'content-type': 'text/xml; charset="utf-8"',
    'content-length': String(Buffer.byteLength(body)),
    soapaction: `"${service.type}#${action}"`,
  };
  const post = { body, headers };
  const answer = await askHttp({ place, url: service.control, maxBytes: soapAnswerMaxBytes, post }, clock, signal);
  return answer === undefined ? undefined : readSoap(answer.text, action);
}

export function readSoap(text: string, action: string): SoapAnswer | undefined {
  const root = readXml(text);
  if (root === undefined) return undefined;
  const [done] = elementsNamed(`${action}Response`, root);
  if (done !== undefined) return { at: 'done', value: (name) => childText(name, done) };
  const [fault] = elementsNamed('errorCode', root);
  return fault !== undefined && /^\d{1,4}$/.test(fault.text) ? { at: 'fault', code: Number(fault.text) } : undefined;
}
