import { describe, expect, it } from 'vitest';
import { sources } from './sources';

const tokens = sources('tokens.css')[0]?.text ?? '';
const colours = new Map(
  [...tokens.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)].map((match) => [
    match[1] ?? '',
    { light: match[2] ?? '', dark: match[3] ?? '' },
  ]),
);

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT: [string, string[]][] = [
  ['ink', ['paper', 'raised', 'sunk', 'bubble', 'water-soft']],
  ['ink-soft', ['paper', 'raised', 'sunk', 'bubble', 'water-soft']],
  ['water', ['paper', 'raised', 'sunk', 'water-soft']],
  ['on-water', ['water']],
  ['warn', ['paper', 'raised', 'sunk', 'warn-soft']],
  ...['word', 'number', 'text'].map((kind): [string, string[]] => [`code-${kind}`, ['sunk', 'paper']]),
];
const SHAPES: [string, string[]][] = [
  ['edge', ['paper', 'raised', 'sunk']],
  ['water', ['water-soft']],
  ...[0, 1, 2, 3].map((index): [string, string[]] => [`plot-${index}`, ['raised', 'paper']]),
];

const pairs = (list: [string, string[]][]): [string, string][] => list.flatMap(([front, backs]) => backs.map((back): [string, string] => [front, back]));

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const ratio = (front: string, back: string): number => contrast(colours.get(front)?.[theme] ?? '', colours.get(back)?.[theme] ?? '');

  it.each(pairs(TEXT))('text in %s can be read on %s', (front, back) => {
    expect(ratio(front, back)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(SHAPES))('the lines of %s can be seen on %s', (front, back) => {
    expect(ratio(front, back)).toBeGreaterThanOrEqual(3);
  });
});
