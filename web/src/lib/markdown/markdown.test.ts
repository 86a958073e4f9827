import { describe, expect, it, vi } from 'vitest';
import { safeLink } from './links';
import { Sheet } from './sheet.testing';

// Much text on a machine that has other work too.
vi.setConfig({ testTimeout: 60_000 });

const page = (text: string, writing = false): HTMLElement => new Sheet().show(text, writing);

const sample = [
  '# Title\n\nA paragraph with **bold**, *thin*, ~~gone~~, `code` and [a link](https://example.org/a?b=1&c=2).',
  '- one\n- two\n\n  still two\n\n1. first\n2. second\n   - inside',
  '> quoted\n> lines\n\n| a | b |\n|--|--:|\n| 1 | 2 |\n\n```js\nlet a = "<b>";\n\nlet b;\n```',
  'See [ref] and ![pic][ref].\n\n[ref]: https://example.org/ref\n\nLast & final.',
].join('\n\n');

describe('a model\'s Markdown', () => {
  it('becomes headings below the page\'s own, lists, tables, quotes and code', () => {
    const root = page(sample);
    expect(root.querySelector('h3')?.textContent).toBe('Title');
    expect(root.querySelectorAll('li')).toHaveLength(5);
    expect(root.querySelector('td.to-right')?.textContent).toBe('2');
    expect(root.querySelector('blockquote')?.textContent).toBe('quoted\nlines');
    expect(root.querySelector('pre')?.textContent).toBe('let a = "<b>";\n\nlet b;');
    expect(root.querySelector('th')?.scope).toBe('col');
    expect(root.querySelector('.code-bar span')?.textContent).toBe('js');
  });

  it('shows entities as signs, and an ampersand as itself', () => {
    expect(page('a &amp; b &lt;c&gt; &#x41; AT&T &bogus;').textContent).toBe('a & b <c> A AT&T &bogus;');
  });

  it('opens links apart from this page, and tells them nothing', () => {
    const link = page('[x](https://example.org)').querySelector('a');
    expect(link?.target).toBe('_blank');
    expect(link?.rel).toBe('noopener noreferrer nofollow ugc');
    expect(link?.title).toBe('https://example.org/');
  });

  it('finds no definition where a word is the name of something in every object', () => {
    expect(page('[constructor] [a][toString] ![valueOf]').textContent).toBe('[constructor] [a][toString] ![valueOf]');
  });

  it('puts the sign of a task before its words', () => {
    const root = page('- [x] done\n- [ ] open\n- plain');
    expect([...root.querySelectorAll('li.task')].map((item) => item.textContent)).toEqual(['☑ done', '☐ open']);
  });

  it('shows Markdown that is nested too deep as it was written', () => {
    const deep = '>'.repeat(60_000);
    expect(page(deep).textContent).toContain('>>>>');
  });
});

describe('hostile text', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><style><img src=x onerror=alert(1)></style></svg>',
    '<form action=https://evil.example><input name=cookie></form>',
    '<a id=location name=chat href="javascript:alert(1)">x</a>',
    '<pre><script>alert(1)</script></pre>',
    '<!-- --><iframe src="https://evil.example"></iframe>',
    '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](vbscript:x) [e](java\tscript:alert(1))',
    '[a](&#106;avascript:alert(1)) <javascript:alert(1)>',
    '![x](https://evil.example/p.png) ![y](data:image/png;base64,AAAA) ![z](javascript:alert(1))',
    '![x][p]\n\n[p]: https://evil.example/p.png "a\\" onload=\\"alert(1)"',
    '[x](https://e.example/"onmouseover="alert(1))',
    '```"><img/src=x onerror=alert(1)>\n</code></pre><script>alert(1)</script>\n```',
    '| <img src=x onerror=alert(1)> |\n|--|\n| <style>*{display:none}</style> |',
    '# <math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
    '<div style="position:fixed">x</div>',
  ];

  it.each(attacks)('stays text: %s', (attack) => {
    for (const writing of [false, true]) {
      const root = page(attack, writing);
      expect(root.querySelector('script,img,svg,math,style,form,input,iframe,object,embed,video,audio,link,meta,base')).toBeNull();
      for (const element of root.querySelectorAll('*')) {
        for (const { name, value } of element.attributes) {
          expect(name).not.toMatch(/^on|^style$|^id$|^name$|^src|^data-/);
          if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:)/);
        }
      }
    }
  });

  it('stays text at every sign at which it may be cut, however much of it there is', () => {
    const all = attacks.join('\n\n');
    const sheet = new Sheet();
    const texts = [all, `$${all}`, `| a |\n|--|\n| ${all.replaceAll('\n', ' ')} |`, `- ${all.replaceAll('\n', '\n  ')}`];
    for (const text of texts) {
      for (let end = 1; end <= text.length; end += 11) {
        const root = sheet.show(text.slice(0, end), true);
        if (root.querySelector('script,img,svg,math,style,form,input,iframe,object,embed,link,meta,base,[onclick],[onerror],[style]')) throw new Error(text.slice(0, end));
        const hrefs = [...root.querySelectorAll('a')].map((link) => link.protocol);
        expect(hrefs.filter((protocol) => !/^(https?|mailto):$/.test(protocol))).toEqual([]);
      }
    }
  });

  it('is copied as it was written, with what cannot be seen marked', () => {
    const text = 'a\u202eb\u{e0068}\u{e0069} \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} `x\u200by`';
    const root = page(text);
    expect(root.textContent).toBe(text.replaceAll('`', ''));
    expect([...root.querySelectorAll('.hidden-sign')].map((sign) => sign.textContent)).toEqual(['\u202e', '\u{e0068}\u{e0069}', '\u200b']);
  });

  it('shows raw HTML as it was written', () => {
    expect(page('<b>not bold</b> and <think>not a thought</think>').textContent).toBe('<b>not bold</b> and <think>not a thought</think>');
  });

  it('never loads a picture: it is a link that names its host', () => {
    const root = page('![a well](https://tracker.example/p.png)');
    expect(root.querySelector('a.picture')?.textContent).toBe('Image: a well (tracker.example)');
  });

  it('cannot turn the writing direction of what follows', () => {
    const root = page('before \u202egnp.exe after');
    expect(root.querySelector('bdi')?.textContent).toContain('\u202e');
  });
});

describe('an address', () => {
  it.each([
    ['https://example.org/a', 'example.org'],
    ['http://localhost:80/', 'localhost'],
    ['mailto:a@b.example', 'a@b.example'],
  ])('%s is safe', (address, host) => {
    expect(safeLink(address)?.host).toBe(host);
  });

  it.each(['/c/1', '//evil.example', '#a', 'x', '', 'javascript:1', 'data:,x', 'blob:https://a/b', 'file:///etc/passwd', 'https://bank.example@evil.example'])(
    '%s is not',
    (address) => {
      expect(safeLink(address)).toBeNull();
    },
  );
});
