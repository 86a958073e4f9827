"""What ``bench web`` looks with in the page: frames, the last event that came, when a thing was painted."""

from __future__ import annotations

EYES = r"""
(() => {
  const eyes = { seq: 0, turn: '', frames: [], watching: false };
  Object.defineProperty(window, 'eyes', { value: eyes });

  // Whose events are read, and the number of the last that arrived, whatever the page made of it.
  const Source = window.EventSource;
  window.EventSource = class extends Source {
    constructor(...given) {
      super(...given);
      eyes.turn = /turns\/([^/]+)\/events/.exec(String(given[0]))?.[1] ?? '';
      this.addEventListener('message', (event) => { eyes.seq = Number(event.lastEventId); });
    }
  };

  // After the frame that is being made has been handed over.
  const afterPaint = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));
  eyes.afterPaint = afterPaint;

  // After the frame with what was just changed in `element`: this one, where a frame is being made.
  eyes.stands = (element) => new Promise((resolve) => {
    const watch = new IntersectionObserver(() => { watch.disconnect(); resolve(performance.now()); });
    watch.observe(element);
  });

  // When `found` first holds and is painted: milliseconds since the page was asked for.
  eyes.painted = (found) => new Promise((resolve) => {
    const look = () => (found() ? resolve(afterPaint()) : requestAnimationFrame(look));
    look();
  });

  eyes.countFrames = () => {
    eyes.frames.length = 0;
    eyes.watching = true;
    const count = (now) => { eyes.frames.push(now); if (eyes.watching) requestAnimationFrame(count); };
    requestAnimationFrame(count);
  };

  // By whole seconds of what was counted.
  eyes.framesPerSecond = () => {
    eyes.watching = false;
    const [first] = eyes.frames;
    const counts = new Map();
    for (const now of eyes.frames) {
      const second = Math.floor((now - first) / 1000);
      counts.set(second, (counts.get(second) ?? 0) + 1);
    }
    const last = Math.floor((eyes.frames.at(-1) - first) / 1000);
    return Array.from({ length: last }, (_, second) => counts.get(second) ?? 0);
  };
})();
"""
