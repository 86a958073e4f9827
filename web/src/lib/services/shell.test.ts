import { afterEach, describe, expect, it, vi } from 'vitest';
import { onNewer } from './shell';

type Worker = EventTarget & { state: string };

const worker = (state = 'installing'): Worker => Object.assign(new EventTarget(), { state });

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

describe('a newer version of the page', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('is told once it is whole, and once only when it takes over', () => {
    const [now, next] = [worker('activated'), worker()];
    const { newer, installs, takesOver } = browser(now);
    expect(newer).not.toHaveBeenCalled();
    installs(next);
    expect(newer).toHaveBeenCalledTimes(1);
    takesOver(next);
    expect(newer).toHaveBeenCalledTimes(1);
  });

  it('is not what waited already when the page came: that is as old as the page', () => {
    const [now, waited] = [worker('activated'), worker('installed')];
    const { newer, takesOver } = browser(now, waited);
    takesOver(waited);
    expect(newer).not.toHaveBeenCalled();
  });

  it('is told of another one after that', () => {
    const { newer, installs } = browser(worker('activated'), worker('installed'));
    installs(worker());
    installs(worker());
    expect(newer).toHaveBeenCalledTimes(2);
  });
});
