import './styles/tokens.css';
import './styles/base.css';
import './styles/prose.css';
import './styles/print.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { fetchReader } from './lib/components/reader.svelte';
import { whenIdle } from './lib/stores/idle';
import { route } from './lib/stores/route.svelte';
import { site } from './lib/stores/site.svelte';
import { words } from './lib/stores/words.svelte';

void site.load();
// What reads Markdown is wanted at once by a conversation, soon by everybody else.
if (route.place.page === 'conversation') void fetchReader();
void words.start().then(() => {
  mount(App, { target: document.body });
  whenIdle(() => void fetchReader());
});
