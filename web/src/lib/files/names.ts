/** Names of files: the last part of a path, on one line, without signs that are not seen. As the site does. Pure. */
const MOST = 100;
const TAIL = 20;

export function plainName(name: string): string {
  const base = (name.split(/[/\\]/).at(-1) ?? '').slice(-1000);
  const kept = base.replace(/\p{Z}/gu, ' ').replace(/\p{C}/gu, '').replaceAll('`', "'");
  const plain = kept.split(/\s+/).filter(Boolean).join(' ').replace(/^[. ]+|[. ]+$/g, '') || 'file';
  const points = [...plain];
  return points.length <= MOST ? plain : `${points.slice(0, MOST - TAIL - 1).join('')}…${points.slice(-TAIL).join('')}`;
}
