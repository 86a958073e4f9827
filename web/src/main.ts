import './lib/services/began';
import './styles/tokens.css';
import './styles/base.css';
import './styles/prose.css';
import './styles/print.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { fetchReader } from './lib/components/reader.svelte';
import { chat } from './lib/stores/chat.svelte';
import { whenIdle } from './lib/stores/idle';
import { route } from './lib/stores/route.svelte';
import { site } from './lib/stores/site.svelte';
import { words } from './lib/stores/words.svelte';

void site.load();
// A conversation wants itself, and what reads its Markdown, at once; everybody else wants the reader soon.
if (route.place.page === 'conversation') {
  chat.expect(route.place.id);
  void fetchReader();
}
void words.start().then(() => {
  mount(App, { target: document.body });
  whenIdle(() => void fetchReader());
});
