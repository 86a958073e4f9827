import './styles/tokens.css';
import './styles/base.css';
import './styles/prose.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { site } from './lib/stores/site.svelte';
import { words } from './lib/stores/words.svelte';

void site.load();
void words.start().then(() => mount(App, { target: document.body }));
