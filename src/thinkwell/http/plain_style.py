"""The style of the plain page, served as a file of its own: the page's policy allows no other. The colours
are the app's (web/src/styles/tokens.css)."""

STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #f6f3ec; --raised: #fffdf8; --sunk: #ece7dc; --bubble: #e9e4d8; --ink: #1c2428; --soft: #4c585d;
  --line: #d8d1c3; --edge: #7f786a; --water: #0f5a66; --on-water: #fff; --warn: #8a2f1d; --warn-soft: #f8e4dd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101718; --raised: #192224; --sunk: #0b1112; --bubble: #1d292c; --ink: #e6ebe8; --soft: #a6b4b4;
    --line: #2c393b; --edge: #6a7c80; --water: #7ecfd2; --on-water: #06282d; --warn: #f2a08c;
    --warn-soft: #33201b;
  }
}
*, *::before, *::after { box-sizing: border-box }
html {
  background: var(--paper); color: var(--ink); text-size-adjust: 100%;
  font: 400 1.0625rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
body { margin: 0 auto; max-inline-size: 46rem; padding: 1rem clamp(.875rem, 4vw, 2rem) 3rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin-block: 1.5rem 1rem; overflow-wrap: anywhere }
h2 { font-size: .9375rem; margin-block: 0 .375rem; color: var(--soft) }
p { margin-block: .5rem }
a { color: var(--water); text-underline-offset: .15em }
:focus-visible { outline: 2px solid var(--water); outline-offset: 2px; border-radius: .375rem }
header {
  display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; justify-content: space-between;
  border-block-end: 1px solid var(--line); padding-block-end: .75rem;
}
header p, footer p { margin: 0 }
.site { font-weight: 650; font-size: 1.125rem; overflow-wrap: anywhere }
.site a { color: inherit; text-decoration: none }
.small, footer, .receipt { color: var(--soft); font-size: .9375rem }
article { margin-block: 1.25rem }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext }
.asked .text { background: var(--bubble) }
.asked .text, .place, .problem { border-radius: .75rem; padding: .625rem .875rem }
.thought, .place { background: var(--raised); border: 1px solid var(--line) }
.thought { border-radius: .75rem; margin-block: .5rem }
.thought summary { cursor: pointer; padding: .5rem .875rem; color: var(--water); font-weight: 600 }
.thought .box { border-block-start: 1px solid var(--line); padding: .625rem .875rem; max-block-size: 14rem }
.thought .box { display: flex; flex-direction: column-reverse; overflow-y: auto; color: var(--soft) }
.thought .box > .text { margin-block-start: auto }
.place:has(+ *) { display: none }
.place span { display: block; color: var(--soft); font-size: .9375rem }
.problem { background: var(--warn-soft); color: var(--warn) }
.problem small { display: block }
.receipt { border-block-start: 1px solid var(--line); padding-block-start: .5rem; margin-block-start: 1rem }
.verbs { display: flex; flex-wrap: wrap; gap: .5rem; margin-block: .5rem }
.verbs:has(~ .receipt) { display: none }
label { display: block; font-weight: 600; margin-block-end: .375rem }
textarea {
  display: block; inline-size: 100%; min-block-size: 7rem; resize: vertical; padding: .625rem .75rem;
  font: inherit; color: inherit; background: var(--raised);
  border: 1px solid var(--edge); border-radius: .75rem;
}
button {
  font: inherit; font-weight: 600; cursor: pointer; min-block-size: 2.75rem; padding: .375rem 1.125rem;
  color: var(--on-water); background: var(--water); border: 0; border-radius: .75rem;
}
.ask button { margin-block-start: .625rem }
.verbs button { color: var(--water); background: transparent; border: 1px solid var(--edge) }
nav ul { list-style: none; margin: 0; padding: 0 }
nav li { margin-block: .375rem; overflow-wrap: anywhere }
nav h2 { margin-block-start: 2rem }
footer { border-block-start: 1px solid var(--line); margin-block-start: 2.5rem; padding-block-start: .75rem }
footer ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .5rem 0 0; padding: 0 }
footer ul { list-style: none }
"""
