/** The page in the frame of a diagram (lib/rich/diagram.ts): has no origin, no network, and one thing to draw. */
import mermaid from 'mermaid';
import './diagram.css';

type Wanted = { source: string; dark: boolean };

const say = (message: object): void => parent.postMessage(message, '*');

async function draw({ source, dark }: Wanted): Promise<void> {
  document.documentElement.classList.toggle('dark', dark);
  const settings = ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'maxEdges', 'theme', 'themeCSS', 'themeVariables', 'fontFamily'];
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    secure: [...settings, 'altFontFamily', 'htmlLabels', 'flowchart', 'class', 'logLevel', 'deterministicIds', 'dompurifyConfig'],
    suppressErrorRendering: true,
    maxTextSize: 10_000,
    maxEdges: 200,
    htmlLabels: false,
    flowchart: { htmlLabels: false, useMaxWidth: true },
    theme: dark ? 'dark' : 'neutral',
    fontFamily: 'system-ui, sans-serif',
    logLevel: 'fatal',
  });
  const main = document.querySelector('main');
  if (main === null) return;
  const { svg } = await mermaid.render('diagram', source);
  main.innerHTML = svg;
  const drawn = main.querySelector('svg');
  const width = Number.parseFloat(drawn?.style.maxWidth ?? '');
  // Small enough for a phone, but not so small that nobody can read it: then it scrolls.
  if (drawn !== null && width > 0) drawn.style.minWidth = `${Math.min(width, 640)}px`;
  const height = (): void => say({ height: main.offsetHeight });
  new ResizeObserver(height).observe(main);
  height();
}

let asked = false;
addEventListener('message', ({ source, data }: MessageEvent<Wanted>) => {
  if (source !== parent || asked) return;
  asked = true;
  draw(data).catch(() => say({ error: true }));
});
say({ ready: true });
