/** The browser's own speech recognition. It may send the voice to its maker; this site hears none of it. */
export type ListenFault = 'denied' | 'silent' | 'network' | 'microphone' | 'language' | 'other';
export type Ear = {
  /** `text` is what was heard since the last that was `final`. */
  heard: (text: string, final: boolean) => void;
  ended: (fault: ListenFault | null) => void;
};

// Not every library of DOM types has it yet.
type Results = { length: number; [index: number]: { isFinal: boolean; 0?: { transcript: string } } };
type Recognition = {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onresult: ((event: { resultIndex: number; results: Results }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start: () => void;
  stop: () => void;
  abort: () => void;
};
type Maker = new () => Recognition;

const FAULTS: Record<string, ListenFault | null> = {
  aborted: null,
  'not-allowed': 'denied',
  'service-not-allowed': 'denied',
  'no-speech': 'silent',
  network: 'network',
  'audio-capture': 'microphone',
  'language-not-supported': 'language',
};

const maker = (): Maker | undefined => {
  const there = globalThis as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return there.SpeechRecognition ?? there.webkitSpeechRecognition;
};

/** Begins to listen in a language (BCP 47). What is returned ends it: `stop` takes what is still to come, `abort` does not. */
export function listen(language: string, ear: Ear): { stop: () => void; abort: () => void } {
  const Made = maker();
  if (Made === undefined) {
    ear.ended('other');
    return { stop: () => undefined, abort: () => undefined };
  }
  const recognition = new Made();
  let fault: ListenFault | null = null;
  recognition.lang = language;
  recognition.continuous = true;
  recognition.interimResults = true;
  recognition.onresult = ({ resultIndex, results }) => {
    let interim = '';
    for (let at = resultIndex; at < results.length; at += 1) {
      const result = results[at];
      const said = result?.[0]?.transcript ?? '';
      if (result?.isFinal) ear.heard(said, true);
      else interim += said;
    }
    if (interim !== '') ear.heard(interim, false);
  };
  recognition.onerror = ({ error }) => {
    fault = Object.hasOwn(FAULTS, error) ? (FAULTS[error] ?? null) : 'other';
  };
  recognition.onend = () => ear.ended(fault);
  try {
    recognition.start();
  } catch {
    ear.ended('other');
  }
  return { stop: () => recognition.stop(), abort: () => recognition.abort() };
}
