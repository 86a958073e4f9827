/** Light, dark, or as the device says. src/first.js applies the same choice before the first paint. */
import { choices } from '../services/kept';

export const themes = ['auto', 'light', 'dark'] as const;
export type ThemeName = (typeof themes)[number];

const isTheme = (text: string | null): text is ThemeName => themes.includes(text as ThemeName);

class Theme {
  name = $state<ThemeName>('auto');

  constructor() {
    const kept = choices.read('theme');
    if (isTheme(kept)) this.name = kept;
  }

  choose(name: ThemeName): void {
    this.name = name;
    choices.write('theme', name === 'auto' ? '' : name);
    if (name === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = name;
  }
}

export const theme = new Theme();
