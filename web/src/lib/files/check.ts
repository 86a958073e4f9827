/** A file given to the page -> what is sent of it, or why not. How it is read is handed in, so that tests can. Pure. */
import type { FileBody, Site } from '../services/wire';
import { plainName } from './names';
import { HEAD_BYTES, headOf, kindOf, type Head } from './picture';
import { lengthOf, textOf } from './text';

export type Reason =
  | 'folder'
  | 'unreadable'
  | 'empty'
  | 'binary'
  | 'tooLong'
  | 'tooLarge'
  | 'noPictures'
  | 'badPicture'
  | 'tooMany'
  | 'tooMuch'
  | 'heavy'
  | 'none';
export type Refusal = { why: Reason; name: string };
export type Limits = Site['files'];
export type Reading = {
  bytesOf: (file: Blob, most: number) => Promise<Uint8Array>;
  redrawn: (file: Blob, kind: Head['kind'], most: number) => Promise<string | null>;
};

// A code point has at most four bytes in UTF-8, and in UTF-16 too.
const BYTES_A_CHARACTER = 4;
// Of a picture as it is given; it is made smaller here.
export const MOST_PICTURE_BYTES = 50_000_000;
const MOST_PIXELS = 50_000_000;

export async function checked(file: File, limits: Limits, reading: Reading): Promise<FileBody | Refusal> {
  const name = plainName(file.name);
  try {
    return await read(file, name, limits, reading);
  } catch {
    return { why: 'unreadable', name }; // a folder in some browsers; a file that was moved meanwhile
  }
}

async function read(file: File, name: string, limits: Limits, reading: Reading): Promise<FileBody | Refusal> {
  // By its size alone, before a byte of it is read.
  if (file.size === 0) return { why: 'empty', name };
  if (file.size > Math.max(MOST_PICTURE_BYTES, limits.max_chars * BYTES_A_CHARACTER)) return { why: 'tooLarge', name };
  const begin = await reading.bytesOf(file, HEAD_BYTES);
  if (kindOf(begin) !== null) return await picture(file, begin, name, limits, reading);
  if (file.size > limits.max_chars * BYTES_A_CHARACTER) {
    // Its beginning tells whether to call it long, or no text at all; a character may be cut at the end of it.
    const binary = begin.length === HEAD_BYTES ? looksBinary(begin) : false;
    return { why: binary ? 'binary' : 'tooLong', name };
  }
  const found = textOf(file.size <= begin.length ? begin : await reading.bytesOf(file, file.size));
  if ('why' in found) return { why: found.why, name };
  if (lengthOf(found.text) > limits.max_chars) return { why: 'tooLong', name };
  return { name, text: found.text };
}

const looksBinary = (begin: Uint8Array): boolean =>
  [0, 1, 2, 3].every((less) => {
    const found = textOf(begin.subarray(0, begin.length - less));
    return 'why' in found && found.why === 'binary';
  });

async function picture(file: File, begin: Uint8Array, name: string, limits: Limits, reading: Reading): Promise<FileBody | Refusal> {
  if (!limits.pictures) return { why: 'noPictures', name };
  const head = headOf(begin);
  if (head === null) return { why: 'badPicture', name };
  if (file.size > MOST_PICTURE_BYTES || head.width * head.height > MOST_PIXELS) return { why: 'tooLarge', name };
  const image = await reading.redrawn(file, head.kind, limits.max_picture_bytes);
  return image === null ? { why: 'badPicture', name } : { name, image };
}

export const isRefusal = (found: FileBody | Refusal): found is Refusal => 'why' in found;

/** Characters of the text files. */
export const charsOf = (bodies: readonly FileBody[]): number =>
  bodies.reduce((sum, body) => sum + ('text' in body ? lengthOf(body.text) : 0), 0);
