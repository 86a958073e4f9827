import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onNewer } from './shell';

type Worker = EventTarget & { state: string; postMessage(asked: { keeps: string[] }, ports: MessagePort[]): void };

const PAGE = '/assets/main-1.js';

/** `files`: of the build that it belongs to. */
const worker = (state = 'installing', files = ['/assets/main-2.js']): Worker =>
  Object.assign(new EventTarget(), {
    state,
    postMessage: ({ keeps }: { keeps: string[] }, [port]: MessagePort[]) =>
      port?.postMessage(keeps.every((path) => files.includes(path))),
  });

function browser(controller: Worker | null, waiting: Worker | null = null) {
  const container = Object.assign(new EventTarget(), { controller });
  const registration = Object.assign(new EventTarget(), { installing: null as Worker | null, waiting });
  vi.stubGlobal('navigator', { serviceWorker: container });
  const newer = vi.fn();
  onNewer(registration as unknown as ServiceWorkerRegistration, newer);
  return {
    newer,
    installs(found: Worker): void {
      registration.installing = found;
      registration.dispatchEvent(new Event('updatefound'));
      found.state = 'installed';
      found.dispatchEvent(new Event('statechange'));
    },
    takesOver(found: Worker): void {
      container.controller = found;
      container.dispatchEvent(new Event('controllerchange'));
    },
  };
}

/** Until a message that was sent before has been answered. */
async function answered(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }
}

describe('a newer version of the page', () => {
  beforeEach(() => {
    document.head.innerHTML = `<script type="module" src="${PAGE}"></script>`;
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    document.head.innerHTML = '';
  });

  it('is told once it is whole, and once only when it takes over', async () => {
    const [now, next] = [worker('activated'), worker()];
    const { newer, installs, takesOver } = browser(now);
    expect(newer).not.toHaveBeenCalled();
    installs(next);
    await vi.waitFor(() => expect(newer).toHaveBeenCalledTimes(1));
    takesOver(next);
    await answered();
    expect(newer).toHaveBeenCalledTimes(1);
  });

  it('is not what waited already when the page came: that is as old as the page', async () => {
    const [now, waited] = [worker('activated'), worker('installed')];
    const { newer, takesOver } = browser(now, waited);
    takesOver(waited);
    await answered();
    expect(newer).not.toHaveBeenCalled();
  });

  it('is not the first worker of all, which takes over a page that it was built with', async () => {
    const first = worker('activated', [PAGE]);
    const { newer, takesOver } = browser(null);
    takesOver(first);
    await answered();
    expect(newer).not.toHaveBeenCalled();
  });

  it('is told of another one after that', async () => {
    const { newer, installs } = browser(worker('activated'), worker('installed'));
    installs(worker());
    installs(worker());
    await vi.waitFor(() => expect(newer).toHaveBeenCalledTimes(2));
  });
});
