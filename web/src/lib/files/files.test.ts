import { describe, expect, it, vi } from 'vitest';
import { checked, charsOf, isRefusal, type Limits, type Reading } from './check';
import { given } from './given';
import { headOf as fileHead } from './heads';
import { plainName } from './names';
import { headOf, kindOf } from './picture';
import { lengthOf, textOf } from './text';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((char) => char.charCodeAt(0)) : part)));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const be32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const png = (width: number, height: number): Uint8Array => bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', be32(width), be32(height), [8, 0, 0, 0, 0]);

describe('a text', () => {
  it.each([
    ['plain', utf8('a\tb\r\n'), 'a\tb\r\n'],
    ['of every script', utf8('é 天 😀 שלום'), 'é 天 😀 שלום'],
    ['with a mark before it', bytes([0xef, 0xbb, 0xbf], 'a'), 'a'],
    ['of UTF-16, little end first', bytes([0xff, 0xfe, 0x61, 0, 0xe9, 0]), 'aé'],
    ['of UTF-16, big end first', bytes([0xfe, 0xff, 0, 0x61, 0, 0xe9]), 'aé'],
    ['with the colours of a terminal', utf8('\x1b[1;31mred\x1b[0m'), 'red'],
    ['that is half a page', utf8('<script>alert(1)</script>'), '<script>alert(1)</script>'],
  ])('%s is taken', (_, given, text) => {
    expect(textOf(given)).toEqual({ text });
  });

  it.each([
    ['nothing', bytes(), 'empty'],
    ['space alone', utf8(' \r\n\t\u00a0'), 'empty'],
    ['a mark alone', bytes([0xef, 0xbb, 0xbf]), 'empty'],
    ['a zero', bytes('a', [0], 'b'), 'binary'],
    ['half a character', bytes([0xc3]), 'binary'],
    ['Latin-1', bytes([0x63, 0x61, 0x66, 0xe9]), 'binary'],
    ['a lone surrogate in UTF-8', bytes([0xed, 0xa0, 0x80]), 'binary'],
    ['a lone surrogate in UTF-16', bytes([0xff, 0xfe, 0x00, 0xd8]), 'binary'],
    ['UTF-16 that does not say so', bytes('a', [0], 'b', [0]), 'binary'],
    ['UTF-32', bytes([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'binary'],
    ['an archive', bytes('PK\x03\x04'), 'binary'],
    ['a program', bytes('MZ', [0x90, 0]), 'binary'],
    ['a command to a terminal', utf8('\x1b]0;title\x07'), 'binary'],
  ])('is not what has %s', (_, given, why) => {
    expect(textOf(given)).toEqual({ why });
  });

  it('is as long as the site counts', () => {
    expect([lengthOf('é😀'), charsOf([{ name: 'a', text: '😀😀' }, { name: 'b', image: 'data:' }])]).toEqual([2, 2]);
  });
});

describe('a name', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\cmd.exe', 'cmd.exe'],
    ['cod\u202egpj.exe', 'codgpj.exe'],
    ['zero\u200bwidth\ufeff.md', 'zerowidth.md'],
    ['half\ud800.md', 'half.md'],
    ['`x`\u00a0 y.py', "'x' y.py"],
    ['..', 'file'],
    ['', 'file'],
  ])('%j is %j, as at the site', (name, kept) => {
    expect(plainName(name)).toBe(kept);
  });

  it('that is long keeps its beginning and its kind', () => {
    const kept = plainName(`${'x'.repeat(5000)}.tar.gz`);
    expect([...kept]).toHaveLength(100);
    expect(kept.endsWith('.tar.gz')).toBe(true);
  });
});

describe('a picture', () => {
  it.each([
    ['png', png(640, 480), [640, 480]],
    ['gif', bytes('GIF89a', [0x80, 2, 0xe0, 1]), [640, 480]],
    ['jpeg', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc0, 0, 17, 8, 1, 0xe0, 2, 0x80]), [640, 480]],
    ['webp', bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0]), [640, 480]],
    ['webp', bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8L', [0, 0, 0, 0, 0x2f, 0x7f, 0xc2, 0x77, 0]), [640, 480]],
    ['webp', bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1]), [640, 480]],
  ])('of %s tells its size by its head', (kind, given, size) => {
    const head = headOf(given);
    expect([head?.kind, head?.width, head?.height]).toEqual([kind, ...size]);
  });

  it.each([
    ['a head alone', bytes('\x89PNG\r\n\x1a\n')],
    ['no height', png(5, 0)],
    ['a JPEG without a frame', bytes([0xff, 0xd8, 0xff, 0xd9, 0, 2, 0, 0])],
    ['a cut JPEG', bytes([0xff, 0xd8, 0xff])],
    ['an unknown WebP', bytes('RIFF', [0, 0, 0, 0], 'WEBPXXXX', [0, 0, 0, 0, 0, 0])],
    ['a page', utf8('<svg onload=alert(1)>')],
  ])('is not %s', (_, given) => {
    expect(headOf(given)).toBeNull();
  });

  it('is told by its first bytes, not by its name', () => {
    expect(kindOf(utf8('GIF89a<script>'))).toBe('gif');
    expect(kindOf(utf8('%PDF-1.7'))).toBeNull();
  });

  it('of any cut of these bytes is one or none, and never a fault', () => {
    const whole = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 1, 0xe0, 2, 0x80]);
    for (let at = 0; at <= whole.length; at += 1) expect([null, 'jpeg']).toContain(headOf(whole.subarray(0, at))?.kind ?? null);
  });
});

describe('checking a file', () => {
  const limits: Limits = { max_files: 3, max_chars: 100, max_chars_in_all: 150, max_picture_bytes: 1000, pictures: false };
  const sees = { ...limits, pictures: true };
  const reading: Reading = {
    bytesOf: async (file, most) => new Uint8Array(await file.slice(0, most).arrayBuffer()),
    redrawn: async () => 'data:image/png;base64,AAAA',
  };
  const file = (content: string | Uint8Array, name = 'a.txt'): File => new File([content as BlobPart], name);
  const why = async (given: File, of = limits, by = reading): Promise<string | null> => {
    const found = await checked(given, of, by);
    return isRefusal(found) ? found.why : null;
  };

  it('takes text with a plain name', async () => {
    expect(await checked(file('one', '../b.txt'), limits, reading)).toEqual({ name: 'b.txt', text: 'one' });
  });

  it('refuses what is too long, empty or no text', async () => {
    expect(await why(file('x'.repeat(101)))).toBe('tooLong');
    expect(await why(file('😀'.repeat(100)))).toBeNull();
    expect(await why(file('x'.repeat(401)))).toBe('tooLong');
    expect(await why(file(new Uint8Array(300_000)))).toBe('binary');
    expect(await why(file(utf8('é'.repeat(200_000))))).toBe('tooLong');
    expect(await why(file(''))).toBe('empty');
    expect(await why(file(new Uint8Array([1, 2])))).toBe('binary');
  });

  it('does not read a byte of two gigabytes', async () => {
    const huge = file('x');
    Object.defineProperty(huge, 'size', { value: 2_000_000_000 });
    const bytesOf = vi.fn(reading.bytesOf);
    expect(await why(huge, limits, { ...reading, bytesOf })).toBe('tooLarge');
    expect(bytesOf).not.toHaveBeenCalled();
  });

  it('says what cannot be read', async () => {
    const bytesOf = (): Promise<Uint8Array> => Promise.reject(new DOMException('gone', 'NotFoundError'));
    expect(await why(file('x'), limits, { ...reading, bytesOf })).toBe('unreadable');
  });

  it('takes pictures where the model sees, and draws them anew', async () => {
    expect(await why(file(png(2, 2), 'a.txt'))).toBe('noPictures');
    expect(await checked(file(png(2, 2), 'a.png'), sees, reading)).toEqual({ name: 'a.png', image: 'data:image/png;base64,AAAA' });
    expect(await why(file(png(100_000, 100_000)), sees)).toBe('tooLarge');
    expect(await why(file('GIF89a'), sees)).toBe('badPicture');
    expect(await why(file(png(2, 2)), sees, { ...reading, redrawn: async () => null })).toBe('badPicture');
  });
});

describe('what the browser hands over', () => {
  const list = (files: File[], length = files.length): FileList => Object.assign({ length, item: () => null }, files) as unknown as FileList;

  it('is looked at up to a bound, however much it is', () => {
    const files = Array.from({ length: 200 }, (_, at) => new File(['x'], `${at}`));
    const found = given(list(files, 100_000));
    expect([found.files.length, found.count]).toEqual([101, 100_000]);
    expect(given(null)).toEqual({ files: [], count: 0, folders: [] });
  });

  it('tells folders from files', () => {
    const items = [{ kind: 'file', webkitGetAsEntry: () => ({ isDirectory: true, name: 'photos' }) }, { kind: 'string' }];
    const found = given(list([new File([''], 'photos'), new File(['x'], 'a')]), items as unknown as DataTransferItemList);
    expect([found.files.map(({ name }) => name), found.folders]).toEqual([['a'], ['photos']]);
  });
});

it('a file that was sent is shown with the size of its bytes', () => {
  expect(fileHead({ name: 'a', text: 'é' }).size).toBe(2);
  expect(fileHead({ name: 'b', image: 'data:image/png;base64,AAAA' })).toMatchObject({ kind: 'picture', size: 3 });
  expect(fileHead({ name: 'b', image: 'data:image/png;base64,AA==' }).size).toBe(1);
});
