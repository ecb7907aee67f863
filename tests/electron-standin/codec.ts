// What a structured clone carries, as bytes: for the pipe between the stand-in's page and its main process. Layout: u32
// head length (little endian), JSON head `[blob lengths, nodes]`, blobs. Node 0 is the value; nodes name each other by
// place, so cycles and shared objects survive. A view keeps its whole buffer, as it does between Electron's processes.

type Node = readonly [tag: string, ...rest: unknown[]];

const views = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

/** Throws a DataCloneError where a structured clone would. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const nodes: Node[] = [];
  const places = new Map<object, number>();
  const blobs: Uint8Array[] = [];

  const put = (item: unknown): number => {
    if (typeof item === 'function' || typeof item === 'symbol') {
      throw new DOMException('An object could not be cloned.', 'DataCloneError');
    }
    if (typeof item !== 'object' || item === null) return nodes.push(plainNode(item)) - 1;
    const known = places.get(item);
    if (known !== undefined) return known;
    const place = nodes.push(['j', null]) - 1;
    places.set(item, place);
    nodes[place] = objectNode(item);
    return place;
  };

  const objectNode = (item: object): Node => {
    if (item instanceof Date) return ['date', item.getTime()];
    if (item instanceof Error) return ['error', item.name, item.message];
    if (item instanceof Map) return ['map', [...item].map(([key, each]) => [put(key), put(each)])];
    if (item instanceof Set) return ['set', [...item].map(put)];
    if (item instanceof ArrayBuffer) return ['buffer', blobs.push(new Uint8Array(item)) - 1];
    if (typeof SharedArrayBuffer !== 'undefined' && item instanceof SharedArrayBuffer) {
      throw new DOMException('shared memory does not leave its agent cluster', 'DataCloneError');
    }
    if (ArrayBuffer.isView(item)) {
      const { length } = item as Uint8Array;
      return ['view', item.constructor.name, put(item.buffer), item.byteOffset, length];
    }
    if (Array.isArray(item)) return ['array', item.map(put)];
    return ['object', Object.entries(item).map(([key, each]) => [key, put(each)])];
  };

  put(value);
  const head = new TextEncoder().encode(JSON.stringify([blobs.map(({ byteLength }) => byteLength), nodes]));
  const parts = [new Uint8Array(Uint32Array.of(head.byteLength).buffer), head, ...blobs];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

export function decode(given: Uint8Array): unknown {
  // A Buffer's own slice would share memory with whatever comes after it.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const headBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const [lengths, nodes] = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headBytes))) as [number[], Node[]];
  let at = 4 + headBytes;
  const buffers = lengths.map((length) => {
    at += length;
    return bytes.slice(at - length, at).buffer;
  });
  const made = new Map<number, unknown>();

  const keep = <T>(place: number, value: T): T => {
    made.set(place, value);
    return value;
  };
  const get = (place: number): unknown => {
    if (made.has(place)) return made.get(place);
    const [tag, ...rest] = nodes[place]!;
    const first = rest[0] as never;
    switch (tag) {
      case 'date':
        return keep(place, new Date(first));
      case 'error':
        return keep(place, Object.assign(new Error(rest[1] as string), { name: first }));
      case 'map': {
        const map = keep(place, new Map());
        for (const [key, each] of first as [number, number][]) map.set(get(key), get(each));
        return map;
      }
      case 'set': {
        const set = keep(place, new Set());
        for (const each of first as number[]) set.add(get(each));
        return set;
      }
      case 'buffer':
        return keep(place, buffers[first]);
      case 'view': {
        const [name, buffer, offset, length] = rest as [keyof typeof views, number, number, number];
        return keep(place, new (views[name] ?? Uint8Array)(get(buffer) as ArrayBuffer, offset, length));
      }
      case 'array': {
        const list = keep<unknown[]>(place, []);
        for (const each of first as number[]) list.push(get(each));
        return list;
      }
      case 'object': {
        const object = keep<Record<string, unknown>>(place, {});
        for (const [key, each] of first as [string, number][]) {
          Object.defineProperty(object, key, {
            value: get(each),
            enumerable: true,
            writable: true,
            configurable: true,
          });
        }
        return object;
      }
      case 'number':
        return Number(first);
      case 'bigint':
        return BigInt(first);
      case 'undefined':
        return undefined;
      default:
        return first;
    }
  };
  return get(0);
}

function plainNode(item: unknown): Node {
  if (item === undefined) return ['undefined'];
  if (typeof item === 'bigint') return ['bigint', String(item)];
  if (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))) {
    return ['number', Object.is(item, -0) ? '-0' : String(item)];
  }
  return ['j', item];
}
