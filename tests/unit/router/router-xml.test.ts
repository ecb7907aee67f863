// What a router writes in XML, and what a hostile one writes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayUrl, portServicesOf } from '../../../host/router/igd-description.ts';
import { elementsNamed, readXml } from '../../../host/router/read-xml.ts';
import { readSoap } from '../../../host/router/soap.ts';
import { readSearchAnswer } from '../../../host/router/ssdp.ts';
import { xmlDepthMax, xmlElementsMax } from '../../../shared/wire/limits.ts';

const gateway = '192.168.10.1';
const base = { port: 5000, path: '/rootDesc.xml' };
const service = (control: string, type = 'urn:schemas-upnp-org:service:WANIPConnection:1') =>
  `<service><serviceType>${type}</serviceType><controlURL>${control}</controlURL></service>`;
const described = (...services: string[]) =>
  `<?xml version="1.0"?>\n<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device><serviceList>` +
  `${services.join('')}</serviceList></device></deviceList></device></root>\n`;
const controls = (text: string) => portServicesOf(text, gateway, base).map(({ control }) => control);

describe('XML of a router', () => {
  it('is read with prefixes, attributes, comments and the five entities', () => {
    const root = readXml(
      '<?xml version="1.0"?><!-- a > b --><s:a x="1>2"><b/><s:c d=\'e\'> &lt;&amp;amp; &#65; </s:c></s:a>',
    );
    expect(root?.name).toBe('a');
    expect(elementsNamed('c', root!)[0]?.text).toBe('<&amp; &#65;');
  });

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity from elsewhere', '<!DOCTYPE a SYSTEM "http://10.0.0.9/x.dtd"><a/>'],
    ['an element that is not closed', '<a><b></a>'],
    ['two roots', '<a/><b/>'],
    ['text outside', '<a/>b'],
    ['nothing', ''],
    ['a tag without end', `<a ${'x'.repeat(100_000)}`],
    ['elements without end', `<a>${'<b/>'.repeat(xmlElementsMax)}</a>`],
    ['depth without end', `${'<a>'.repeat(xmlDepthMax + 1)}${'</a>'.repeat(xmlDepthMax + 1)}`],
  ])('is none with %s', (_, text) => {
    expect(readXml(text)).toBeUndefined();
  });

  it('never makes the reader throw or hang', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '"',
      "'",
      '<a>',
      '</a>',
      '<!--',
      '-->',
      '<?',
      '?>',
      '&amp;',
      ' ',
      '<!',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => {
        readXml(pieces.join(''));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a description', () => {
  it('names where ports are opened, relative and absolute', () => {
    expect(controls(described(service('/ctl/IPConn'), service(`http://${gateway}:5001/x?y=1&amp;z`)))).toEqual([
      { port: 5000, path: '/ctl/IPConn' },
      { port: 5001, path: '/x?y=1&z' },
    ]);
  });

  it.each([
    ['another host', 'http://10.0.0.9/ctl'],
    ['another host in short', '//10.0.0.9/ctl'],
    ['a name', 'http://router.local/ctl'],
    ['this computer', 'http://127.0.0.1:631/'],
    ['the gateway in disguise', `http://${gateway}@10.0.0.9/`],
    ['a login', `http://admin:admin@${gateway}/`],
    ['another scheme', `https://${gateway}/ctl`],
    ['a file', 'file:///etc/passwd'],
    ['nothing', ''],
  ])('leads nowhere with %s', (_, control) => {
    const found = controls(described(service(control)));
    expect(found.filter(({ path }) => path !== base.path)).toEqual([]);
  });

  it('is not believed about other services', () => {
    expect(controls(described(service('/x', 'urn:schemas-upnp-org:service:Layer3Forwarding:1')))).toEqual([]);
  });

  it('is asked about a few services only', () => {
    expect(controls(described(...Array.from({ length: 50 }, (_, at) => service(`/${at}`)))).length).toBe(4);
  });
});

describe('an answer to the search', () => {
  const answer = (location: string, st = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1') =>
    `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nst: ${st}\r\nLocation: ${location}\r\n\r\n`;

  it('leads to the gateway, or nowhere', () => {
    expect(readSearchAnswer(answer(`http://${gateway}:5000/rootDesc.xml`), gateway)).toEqual(base);
    expect(readSearchAnswer(answer('http://10.0.0.9:5000/rootDesc.xml'), gateway)).toBeUndefined();
    expect(readSearchAnswer(answer(`http://${gateway}/x`, 'ssdp:all'), gateway)).toBeUndefined();
    expect(readSearchAnswer(`NOTIFY * HTTP/1.1\r\nLOCATION: http://${gateway}/x\r\n\r\n`, gateway)).toBeUndefined();
  });

  it('without a base a relative address is none', () => {
    expect(gatewayUrl('/rootDesc.xml', gateway)).toBeUndefined();
  });
});

describe('an answer to an action', () => {
  it('is what it says by name, or the number of its error', () => {
    const body = (inner: string) => `<s:Envelope xmlns:s="x"><s:Body>${inner}</s:Body></s:Envelope>`;
    const done = readSoap(body('<u:GetResponse xmlns:u="y"><NewA> 1 </NewA></u:GetResponse>'), 'Get');
    expect(done?.at === 'done' && done.value('NewA')).toBe('1');
    expect(
      readSoap(body('<s:Fault><detail><UPnPError><errorCode>718</errorCode></UPnPError></detail></s:Fault>'), 'Get'),
    ).toEqual({
      at: 'fault',
      code: 718,
    });
    expect(readSoap(body('<u:OtherResponse/>'), 'Get')).toBeUndefined();
    expect(readSoap(body('<errorCode>1e9</errorCode>'), 'Get')).toBeUndefined();
  });
});
