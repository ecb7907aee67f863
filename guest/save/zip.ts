// Writes a ZIP as it goes: nothing is compressed, nothing is held, any size (ZIP64). Sizes and checksums stand before the data of
// each file. The format lets them follow it (APPNOTE 6.3.10, 4.4.4), but then whoever reads it from its beginning, as programs of
// phones do, looks for the end of a file in bytes that somebody else chose, or refuses the file (java.util.zip.ZipInputStream).

export type ZipEntry = {
  /** Safe names, the outermost folder first. */
  readonly path: readonly string[];
  readonly mtimeMs: number;
} & (
  | { readonly kind: 'folder' }
  | {
      readonly kind: 'file';
      readonly size: number;
      readonly crc32: number;
      readonly read: () => AsyncIterable<Uint8Array<ArrayBuffer>>;
    }
);

type Piece = Uint8Array<ArrayBuffer>;
type Written = { readonly entry: ZipEntry; readonly name: Piece; readonly at: number };

const none = 0xffff_ffff;
/** Names are UTF-8. */
const flags = 0x0800;
/** Version 4.5 knows ZIP64; the upper byte says Unix, whose modes `external` holds. */
const madeBy = (3 << 8) | 45;
const isLarge = (value: number) => value >= none;

export async function* zipOf(entries: Iterable<ZipEntry>): AsyncGenerator<Piece> {
  const written: Written[] = [];
  let at = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.path.join('/') + (entry.kind === 'folder' ? '/' : ''));
    const head = localHead(entry, name);
    yield head;
    written.push({ entry, name, at });
    at += head.byteLength + sizeOf(entry);
    if (entry.kind === 'file') yield* entry.read();
  }
  const directoryAt = at;
  for (const each of written) {
    const record = directoryRecord(each);
    at += record.byteLength;
    yield record;
  }
  yield directoryEnd(written.length, directoryAt, at - directoryAt);
}

function sizeOf(entry: ZipEntry): number {
  return entry.kind === 'file' ? entry.size : 0;
}

function crcOf(entry: ZipEntry): number {
  return entry.kind === 'file' ? entry.crc32 : 0;
}

function localHead(entry: ZipEntry, name: Piece): Piece {
  const size = sizeOf(entry);
  const large = isLarge(size);
  const wide = large ? fields().u16(1).u16(16).u64(size).u64(size).done() : fields().done();
  const extra = [wide, timeField(entry.mtimeMs)];
  return fields()
    .u32(0x0403_4b50)
    .u16(large ? 45 : 20)
    .u16(flags)
    .u16(0)
    .dosTime(entry.mtimeMs)
    .u32(crcOf(entry))
    .u32(large ? none : size)
    .u32(large ? none : size)
    .u16(name.byteLength)
    .u16(lengthOf(extra))
    .bytes(name, ...extra)
    .done();
}

function directoryRecord({ entry, name, at }: Written): Piece {
  const size = sizeOf(entry);
  const wide = fields();
  if (isLarge(size)) wide.u64(size).u64(size);
  if (isLarge(at)) wide.u64(at);
  const values = wide.done();
  const wideField = values.byteLength === 0 ? values : fields().u16(1).u16(values.byteLength).bytes(values).done();
  const extra = [wideField, timeField(entry.mtimeMs)];
  const mode = entry.kind === 'folder' ? 0o040_755 : 0o100_644;
  return fields()
    .u32(0x0201_4b50)
    .u16(madeBy)
    .u16(values.byteLength === 0 ? 20 : 45)
    .u16(flags)
    .u16(0)
    .dosTime(entry.mtimeMs)
    .u32(crcOf(entry))
    .u32(isLarge(size) ? none : size)
    .u32(isLarge(size) ? none : size)
    .u16(name.byteLength)
    .u16(lengthOf(extra))
    .u16(0)
    .u16(0)
    .u16(0)
    .u32(mode * 0x1_0000 + (entry.kind === 'folder' ? 0x10 : 0))
    .u32(isLarge(at) ? none : at)
    .bytes(name, ...extra)
    .done();
}

function directoryEnd(count: number, at: number, size: number): Piece {
  const isWide = count >= 0xffff || isLarge(at) || isLarge(size);
  const end = fields();
  if (isWide) {
    end.u32(0x0606_4b50).u64(44).u16(madeBy).u16(45).u32(0).u32(0).u64(count).u64(count).u64(size).u64(at);
    end
      .u32(0x0706_4b50)
      .u32(0)
      .u64(at + size)
      .u32(1);
  }
  return end
    .u32(0x0605_4b50)
    .u16(0)
    .u16(0)
    .u16(Math.min(count, 0xffff))
    .u16(Math.min(count, 0xffff))
    .u32(isLarge(size) ? none : size)
    .u32(isLarge(at) ? none : at)
    .u16(0)
    .done();
}

/** The time to the second, whatever the time zone; the older field has two seconds of a local clock. */
function timeField(mtimeMs: number): Piece {
  const seconds = Math.min(Math.max(Math.floor(mtimeMs / 1000), -0x8000_0000), 0x7fff_ffff);
  return fields()
    .u16(0x5455)
    .u16(5)
    .u8(1)
    .u32(seconds >>> 0)
    .done();
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Little-endian fields, one after the other. */
function fields() {
  const values: number[] = [];
  const put = (value: number, bytes: number) => {
    let rest = value;
    for (let at = 0; at < bytes; at += 1) {
      values.push(rest % 256);
      rest = Math.floor(rest / 256);
    }
    return self;
  };
  const self = {
    u8: (value: number) => put(value, 1),
    u16: (value: number) => put(value, 2),
    u32: (value: number) => put(value, 4),
    u64: (value: number) => put(value, 8),
    bytes(...pieces: readonly Piece[]) {
      for (const piece of pieces) for (const byte of piece) values.push(byte);
      return self;
    },
    dosTime(mtimeMs: number) {
      const time = new Date(mtimeMs);
      const year = Math.min(Math.max(time.getFullYear(), 1980), 2107);
      put((time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1), 2);
      return put(((year - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate(), 2);
    },
    done: () => new Uint8Array(values),
  };
  return self;
}
