// docs/PROTOCOL.md names every field of every control message and link signal. This test makes the tables from the schemas
// and finds them in the document, so that neither can change alone.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { linkSignal } from '../../link/link-signal.ts';
import { faultCodes } from '../../shared/model/fault.ts';
import { controlSchema, parseControl } from '../../shared/wire/control.ts';

type Shape = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Shape;
  readonly prefixItems?: readonly Shape[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
};

const document = readFileSync(path.join(import.meta.dirname, '../../docs/PROTOCOL.md'), 'utf8');
const codes = new Set<unknown>(faultCodes);

function textOfShape(shape: Shape): string {
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(textOfShape))].join(' or ');
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum !== undefined) {
    const isCode = shape.enum.length === codes.size && shape.enum.every((word) => codes.has(word));
    return isCode ? 'code' : shape.enum.map((word) => JSON.stringify(word)).join(' or ');
  }
  switch (shape.type) {
    case 'string':
      return textOf(shape);
    case 'integer':
      return `integer ${boundOf(shape.minimum)} to ${boundOf(shape.maximum)}`;
    case 'array':
      return listOf(shape);
    case 'object':
      if (shape.properties === undefined) return 'object';
      // Written once, above the table.
      return 'ufrag' in shape.properties ? 'fields' : `{${fieldsOf(shape).join(', ')}}`;
    default:
      return shape.type ?? 'any';
  }
}

function boundOf(bound: number | undefined): string {
  if (bound === Number.MAX_SAFE_INTEGER) return '2^53-1';
  return bound === Number.MIN_SAFE_INTEGER ? '-(2^53-1)' : String(bound);
}

function textOf({ pattern, maxLength }: Shape): string {
  const digits = pattern === undefined ? undefined : /^\^\[0-9a-f\]\{(\d+)\}\$$/.exec(pattern)?.[1];
  if (digits !== undefined) return `hex of ${Number(digits) / 2} bytes`;
  return maxLength === undefined ? 'text' : `text of at most ${maxLength}`;
}

function listOf({ prefixItems, items, minItems = 0, maxItems }: Shape): string {
  if (prefixItems !== undefined) return `[${prefixItems.map(textOfShape).join(', ')}]`;
  return `${minItems} to ${maxItems} of ${textOfShape(items ?? {})}`;
}

function fieldsOf({ properties = {}, required = [] }: Shape): string[] {
  return Object.entries(properties).map(
    ([name, shape]) => `${name}${required.includes(name) ? '' : '?'}: ${textOfShape(shape)}`,
  );
}

function rowsOf(schema: z.ZodType, key: 'type' | 'say'): string[] {
  const { oneOf, anyOf } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  return (oneOf ?? anyOf ?? []).map((shape) => {
    const { [key]: name, ...rest } = shape.properties!;
    const fields = fieldsOf({ ...shape, properties: rest }).map((field) => `\`${field}\``);
    return `| \`${String(name!.const)}\` | ${fields.length === 0 ? 'nothing else' : fields.join('<br>')} |`;
  });
}

function sectionOf(heading: string): string {
  return document.split(`\n### ${heading}\n`)[1]?.split(/\n#/)[0] ?? '';
}

function tableOf(heading: string): string[] {
  return sectionOf(heading)
    .split('\n')
    .filter((line) => /^\| `/.test(line));
}

describe('the protocol document', () => {
  it('names every field of every control message, and none that is not there', () => {
    expect(tableOf('Fields of control messages')).toEqual(rowsOf(controlSchema, 'type'));
  });

  it('names every field of every link signal, and none that is not there', () => {
    expect(tableOf('Fields of link signals')).toEqual(rowsOf(linkSignal(), 'say'));
  });

  it('names every code', () => {
    const named = [...sectionOf('Codes of faults').matchAll(/`([a-z-]+)`/g)].map((found) => found[1]);
    expect(named.sort()).toEqual([...faultCodes].sort());
  });

  it('gives an example of every control message, and each is taken', () => {
    const examples = [...sectionOf('Examples of control messages').matchAll(/^ {4}(\{.*\})$/gm)].map(
      ([, text]) => text!,
    );
    for (const example of examples) expect(parseControl(example), example).toMatchObject({ is: 'message' });
    const types = examples.map((example) => (JSON.parse(example) as { type: string }).type);
    expect(types).toEqual(rowsOf(controlSchema, 'type').map((row) => /`([a-z-]+)`/.exec(row)![1]));
  });

  it('says that an offer of too many entries is declined: it is no violation', () => {
    const totals = { files: 100_001, folders: 0, bytes: 0 };
    const ids = { transfer: '0'.repeat(32), secret: '0'.repeat(64) };
    const offer = { type: 'offer', ...ids, tag: 1, title: 'a', totals, skipped: 0 };
    expect(parseControl(JSON.stringify(offer))).toMatchObject({ is: 'message' });
  });
});
