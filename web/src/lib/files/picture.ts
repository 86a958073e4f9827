/** The head of a file -> whether it is a picture, and its size. As the site's http/wire/images.py. Pure. */
export type Head = { kind: 'png' | 'jpeg' | 'webp' | 'gif'; width: number; height: number };

/** So many bytes are read to tell: a JPEG's size may stand behind what its camera wrote. */
export const HEAD_BYTES = 256 * 1024;
// JPEG segments that tell the size.
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);

const latin = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

/** Null for what is none of the four. */
export function kindOf(bytes: Uint8Array): Head['kind'] | null {
  if (latin(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (/^GIF8[79]a/.test(latin(bytes, 0, 6))) return 'gif';
  if (latin(bytes, 0, 3) === '\xff\xd8\xff') return 'jpeg';
  return latin(bytes, 0, 4) === 'RIFF' && latin(bytes, 8, 12) === 'WEBP' ? 'webp' : null;
}

/** Null where it has no size that can be read. */
export function headOf(bytes: Uint8Array): Head | null {
  const kind = kindOf(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const [width, height] = kind === null ? [0, 0] : SIZES[kind](view);
    return kind !== null && width > 0 && height > 0 ? { kind, width, height } : null;
  } catch (error) {
    if (error instanceof RangeError) return null; // it ends before its size
    throw error;
  }
}

const SIZES: Record<Head['kind'], (view: DataView) => readonly [number, number]> = {
  png: (view) => [view.getUint32(16), view.getUint32(20)],
  gif: (view) => [view.getUint16(6, true), view.getUint16(8, true)],
  jpeg: jpegSize,
  webp: webpSize,
};

function jpegSize(view: DataView): readonly [number, number] {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1; // fill
    else if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    else at += 2 + view.getUint16(at + 2);
  }
  return [0, 0];
}

function webpSize(view: DataView): readonly [number, number] {
  const three = (at: number): number => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return [1 + three(24), 1 + three(27)];
    case 0x5650384c: { // VP8L
      if (view.getUint8(20) !== 0x2f) return [0, 0];
      const bits = view.getUint32(21, true);
      return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
    }
    case 0x56503820: // VP8, whose frame begins with these three bytes
      if (view.getUint8(23) !== 0x9d || view.getUint8(24) !== 1 || view.getUint8(25) !== 0x2a) return [0, 0];
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    default:
      return [0, 0];
  }
}
