/**
 * A diagram, drawn in a frame of its own origin: text goes in, a height or an error comes out. The frame's
 * page (diagram.html) reaches no network and nothing of this page.
 */

// What takes longer is not worth the wait; the frame goes, whatever it is doing.
const LIMIT_MS = 15_000;
const MAX_TEXT = 10_000;
const MAX_PX = 1_600;

export type Drawing = { frame: HTMLIFrameElement; drawn: Promise<boolean> };

// Shapes that are pictures of other sites. The frame's policy refuses to fetch them; here they are not even tried.
const PICTURES = /\bimg["']?\s*:/i;

export const isDrawable = (language: string, source: string): boolean =>
  language.toLowerCase() === 'mermaid' && source.trim() !== '' && source.length <= MAX_TEXT && !PICTURES.test(source);

/** Draws when `frame` is put into the page. `drawn` is false where it cannot be: the caller takes the frame away. */
export function diagram(source: string, title: string, dark: boolean): Drawing {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.className = 'diagram';
  frame.title = title;
  frame.height = '160';
  const drawn = new Promise<boolean>((resolve) => {
    const settle = (done: boolean): void => {
      clearTimeout(timer);
      if (!done) removeEventListener('message', told);
      resolve(done);
    };
    const timer = setTimeout(() => settle(false), LIMIT_MS);
    // The frame's origin is its own: nobody else can be meant, and nobody else is believed.
    const told = ({ source: from, data }: MessageEvent<unknown>): void => {
      if (!frame.isConnected) return settle(false);
      if (from !== frame.contentWindow || typeof data !== 'object' || data === null) return;
      if ('ready' in data) frame.contentWindow?.postMessage({ source, dark }, '*');
      else if ('height' in data && typeof data.height === 'number' && data.height > 0) {
        frame.height = String(Math.min(MAX_PX, Math.ceil(data.height)));
        settle(true);
      } else if ('error' in data) settle(false);
    };
    addEventListener('message', told);
  });
  frame.src = '/diagram.html';
  return { frame, drawn };
}
