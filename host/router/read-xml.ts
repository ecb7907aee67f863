// The little of XML that routers write, read with bounds: elements and their text. Promises: no entity but the five of XML
// itself, no document type, nothing fetched, no more elements and no deeper than the bounds; anything else is no XML.

import { xmlDepthMax, xmlElementsMax } from '../../shared/wire/limits.ts';

export type XmlElement = {
  /** Without its prefix. */
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
};

type Open = { readonly tag: string; text: string; readonly children: XmlElement[] };

const skipped = /<\?[^>]*\?>|<!--[\s\S]*?-->/y;
const tag = /<(\/?)([A-Za-z_][\w.:-]{0,99})((?:[^<>"']|"[^"]*"|'[^']*')*)>/y;
const text = /[^<]+/y;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function readXml(source: string): XmlElement | undefined {
  const root: Open = { tag: '', text: '', children: [] };
  const open: Open[] = [root];
  let count = 0;
  for (let at = 0; at < source.length; ) {
    const inner = open.at(-1)!;
    const plain = match(text, source, at);
    if (plain !== undefined) inner.text += plainText(plain[0]);
    const found = plain ?? match(skipped, source, at) ?? match(tag, source, at);
    if (found === undefined) return undefined;
    at += found[0].length;
    const [, slash, name, attributes = ''] = found;
    if (name === undefined) continue;
    if (slash === '/') {
      if (open.length === 1 || inner.tag !== name) return undefined;
      open.pop();
      open.at(-1)!.children.push(closed(inner));
      continue;
    }
    count += 1;
    if (count > xmlElementsMax || open.length > xmlDepthMax) return undefined;
    const element: Open = { tag: name, text: '', children: [] };
    if (attributes.endsWith('/')) inner.children.push(closed(element));
    else open.push(element);
  }
  const [only, ...more] = root.children;
  return open.length === 1 && more.length === 0 && root.text.trim() === '' ? only : undefined;
}

/** All elements of that name, however deep. */
export function elementsNamed(name: string, element: XmlElement): readonly XmlElement[] {
  const below = element.children.flatMap((child) => elementsNamed(name, child));
  return element.name === name ? [element, ...below] : below;
}

export function childText(name: string, { children }: XmlElement): string | undefined {
  return children.find((child) => child.name === name)?.text;
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}

function closed({ tag: name, text: content, children }: Open): XmlElement {
  return { name: name.slice(name.indexOf(':') + 1), text: content.trim(), children };
}

function plainText(written: string): string {
  return written.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]!);
}
