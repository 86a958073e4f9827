import { afterEach, describe, expect, it, vi } from 'vitest';
import { spans } from './code';
import { diagram, isDrawable } from './diagram';
import { draw } from './maths';

const drawn = (tex: string, display = false): HTMLElement | null => {
  const node = draw(tex, display);
  if (node === null) return null;
  const root = document.createElement('div');
  root.append(node);
  return root;
};

describe('a formula', () => {
  it('is drawn, with MathML for who listens', () => {
    expect(drawn('x^2')?.querySelector('math annotation')?.textContent).toBe('x^2');
    expect(drawn('\\frac{a}{b}', true)?.querySelector('.katex-display')).not.toBeNull();
  });

  it.each([
    ['\\def\\a{\\a\\a}\\a', 'a macro without end'],
    [`\\def\\a{${'x'.repeat(3000)}}${'\\a'.repeat(400)}`, 'a macro that doubles'],
    [`\\newcommand{\\b}{${'\\sqrt{x}'.repeat(100)}}${'\\b'.repeat(100)}`, 'a command that doubles'],
    [`${'\\sqrt{'.repeat(600)}x${'}'.repeat(600)}`, 'deep'],
    [`${'{'.repeat(1900)}x${'}'.repeat(1900)}`, 'deeper'],
    [`\\begin{matrix}${'&'.repeat(3900)}\\end{matrix}`, 'a matrix'],
    ['x'.repeat(5000), 'long'],
    ['\\frac{1', 'half'],
    ['\\nosuch', 'not known'],
    ['\\begin{nosuch}', 'no such surroundings'],
  ])('that would harm stays text: %# %s', (tex) => {
    const root = drawn(tex);
    expect(root === null || root.querySelectorAll('*').length < 12_000).toBe(true);
  });

  it.each([
    '\\href{javascript:alert(1)}{x}',
    '\\url{https://evil.example}',
    '\\includegraphics[width=1em]{https://evil.example/a.png}',
    '\\htmlStyle{position:fixed}{x}',
    '\\htmlId{a}{x} \\htmlClass{b}{x} \\htmlData{c=d}{x}',
    '\\text{<img src=x onerror=alert(1)><script>alert(1)</script>}',
    '\\pmb{x} \\boxed{y} \\fcolorbox{red}{blue}{z} \\cancel{a} \\enclose{b}',
    '\\color{red;background:url(https://evil.example)}x',
  ])('brings no link, picture, script or style of the model: %s', (tex) => {
    const root = drawn(tex);
    for (const element of root?.querySelectorAll('*') ?? []) {
      expect(element.matches('a, img, script, iframe, image, use, foreignObject, [id], [onerror], [href]')).toBe(false);
      if (element.closest('math')) expect(element.hasAttribute('style')).toBe(false);
      expect(element.getAttribute('style') ?? '').not.toMatch(/url|fixed/);
    }
  });

  it('is bounded in size', () => {
    const heights = [...(drawn('\\rule{1e9em}{1e9em}')?.querySelectorAll<HTMLElement>('.rule') ?? [])].map(({ style }) => Number.parseFloat(style.borderTopWidth));
    expect(Math.max(...heights)).toBeLessThanOrEqual(20);
  });
});

describe('coloured code', () => {
  it('has the classes of this page only, and the same text', () => {
    const root = document.createElement('code');
    root.append(...spans(['a ', ['keyword', ['if', ['nosuch', ['<b>']]]], ['constructor', ['c']], ['string', ['"\u202e"']]]));
    expect(root.textContent).toBe('a if<b>c"\u202e"');
    expect([...root.querySelectorAll('*')].map(({ className }) => className)).toEqual(['code-word', 'code-text', 'hidden-sign']);
  });
});

describe('a diagram', () => {
  afterEach(() => {
    vi.useRealTimers();
    document.body.replaceChildren();
  });

  it('is offered for its language, of some size, without pictures', () => {
    expect(isDrawable('mermaid', 'flowchart LR')).toBe(true);
    expect(isDrawable('js', 'flowchart LR')).toBe(false);
    expect(isDrawable('mermaid', ' ')).toBe(false);
    expect(isDrawable('mermaid', 'x'.repeat(20_000))).toBe(false);
    expect(isDrawable('mermaid', 'A@{ "img" : "https://evil.example/" }')).toBe(false);
  });

  it('is given up where its frame says nothing', async () => {
    vi.useFakeTimers();
    const { frame, drawn: done } = diagram('flowchart LR', 'Diagram', false);
    expect(frame.getAttribute('sandbox')).toBe('allow-scripts');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await done).toBe(false);
  });

  it('believes its own frame only, and not every height', async () => {
    vi.useFakeTimers();
    const { frame, drawn: done } = diagram('flowchart LR', 'Diagram', false);
    document.body.append(frame);
    const tell = (data: unknown, source: Window | null): boolean => dispatchEvent(new MessageEvent('message', { data, source }));
    tell({ height: 50 }, window);
    tell('text', frame.contentWindow);
    expect(frame.height).toBe('160');
    tell({ height: 1e9 }, frame.contentWindow);
    expect(frame.height).toBe('1600');
    expect(await done).toBe(true);
    tell({ height: Number.NaN }, frame.contentWindow);
    expect(frame.height).toBe('1600');
  });
});
