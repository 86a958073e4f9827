/** The browser's own voice. Some voices are those of a service of its maker; one of this device is taken where there is one. */

const PATIENCE_MS = 1000;

/** Some browsers know their voices only a moment after they were first asked. */
export async function voicesReady(): Promise<void> {
  if (speechSynthesis.getVoices().length > 0) return;
  await new Promise<void>((resolve) => {
    speechSynthesis.addEventListener('voiceschanged', () => resolve(), { once: true });
    setTimeout(resolve, PATIENCE_MS);
  });
}

function voiceFor(language: string): SpeechSynthesisVoice | null {
  const fit = speechSynthesis.getVoices().filter(({ lang }) => lang.toLowerCase().split(/[-_]/)[0] === language);
  return fit.find(({ localService, default: usual }) => localService && usual) ?? fit.find(({ localService }) => localService) ?? fit[0] ?? null;
}

/** Says a piece; `ended` is told once whether it was spoken to its end, and never after it was hushed by what is returned. */
export function speak(piece: string, language: string, ended: (spoken: boolean) => void): () => void {
  const utterance = new SpeechSynthesisUtterance(piece);
  let over = false;
  const end = (spoken: boolean): void => {
    if (over) return;
    over = true;
    ended(spoken);
  };
  utterance.lang = language;
  utterance.voice = voiceFor(language);
  utterance.onend = () => end(true);
  utterance.onerror = () => end(false);
  speechSynthesis.speak(utterance);
  return () => {
    over = true;
    speechSynthesis.cancel();
  };
}
