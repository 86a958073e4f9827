"""``bench web long``: a conversation of hundreds of messages is opened, and something is typed in it."""

from __future__ import annotations

import msgspec

from thinkwell.cli.bench.web_engine import Part, Pour, tokens
from thinkwell.cli.bench.web_house import House, Tab
from thinkwell.values.engine import EnginePass

LAST = "This is the last answer."
TYPED = "How many buckets does it take to empty a well that fills itself? "
ANSWER = """## Wells of kind {number}

A well is dug **where two paths meet**, so that `{number}` people can ask what lies under a stone.

1. Count the ropes.
2. Lower the *bucket*.
   - slowly, in spring
   - or not at all

```python
def depth(rope: float, left: float) -> float:
    return rope - left  # {number}
```

| rope | left | depth |
|---:|---:|---:|
| 12 m | 2 m | 10 m |
| {number} m | 1 m | ? |

> Nobody minds the time it takes.

"""

# When the last answer stands in the window.
SHOWN = """
(() => {
  const there = () => {
    const last = [...document.querySelectorAll('article')].at(-1);
    if (!last?.textContent.includes('LAST')) return false;
    const box = last.getBoundingClientRect();
    return box.top < innerHeight && box.bottom > 0;
  };
  window.whenShown = () => window.eyes.painted(there);
})();
""".replace("LAST", LAST)
CLICK = """async (id) => {
  const link = [...document.querySelectorAll('a')].find((one) => one.getAttribute('href') === `/c/${id}`);
  const began = performance.now();
  link.click();
  return (await window.whenShown()) - began;
}"""
# Of every key: what the page did for it, until all was handed over to be painted, without the wait for
# the next frame; and with it.
WATCH_KEYS = """() => {
  window.keys = [];
  let pressed = 0;
  document.addEventListener('keydown', (event) => { pressed = event.timeStamp; }, true);
  document.addEventListener('input', () => {
    const began = pressed;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const handled = performance.now();
      requestAnimationFrame(() => {
        const frame = performance.now();
        const painted = new MessageChannel();
        painted.port1.onmessage = () => {
          const now = performance.now();
          window.keys.push([handled - began + now - frame, now - began]);
        };
        painted.port2.postMessage(0);
      });
    };
    channel.port2.postMessage(0);
  });
}"""


class _Asked(msgspec.Struct):
    conversation_id: str
    answer_id: str
    turn_id: str


def script(wanted: EnginePass) -> list[Part]:
    number = len(wanted.messages) // 2
    said = wanted.messages[-1].content
    text = LAST if said.endswith("last") else ANSWER.format(number=number)
    return [Pour(tokens("Where was that? ", 8), thought=True), Pour(tokens(text, 200))]


async def measure(house: House, messages: int, rounds: int, readings: dict[str, list[float]]) -> None:
    house.engine.script = script
    async with house.visitor() as context:
        await context.add_init_script(SHOWN)
        tab = await house.open(context)
        id = await _write(house, tab, messages)
        for _ in range(rounds):
            await tab.page.goto(house.url)
            await tab.page.locator(f"a[href='/c/{id}']").wait_for()
            await tab.page.evaluate("() => new Promise((resolve) => requestIdleCallback(resolve))")
            readings["long_open_ms"].append(await tab.page.evaluate(CLICK, id))
            readings["long_load_ms"].append(await _cold(house, tab, id))
        await tab.page.wait_for_function(f"() => document.querySelectorAll('article').length >= {messages}")
        await _type(tab, readings)
        await tab.slow_down()
        readings["long_slow_open_ms"].append(await _cold(house, tab, id))


async def _cold(house: House, tab: Tab, id: str) -> float:
    await tab.page.goto(f"{house.url}/c/{id}", wait_until="commit")
    return float(await tab.page.evaluate("() => window.whenShown()"))


async def _write(house: House, tab: Tab, messages: int) -> str:
    """Asks for all of it, by the doors that the page itself uses."""
    request = tab.page.context.request
    conversation: str | None = None
    parent: str | None = None
    for number in range(messages // 2):
        last = number == messages // 2 - 1
        body: dict[str, object] = {"content": f"Question {number} about wells{': the last' if last else ''}"}
        if conversation is not None:
            body |= {"conversation_id": conversation, "parent_id": parent}
        asked = await request.post(f"{house.url}/api/turns", data=body)
        found = msgspec.json.decode(await asked.body(), type=_Asked)
        conversation, parent = found.conversation_id, found.answer_id
        await request.get(f"{house.url}/api/turns/{found.turn_id}/events")
    assert conversation is not None
    return conversation


async def _type(tab: Tab, readings: dict[str, list[float]]) -> None:
    await tab.page.evaluate("() => window.eyes.afterPaint()")
    await tab.question.click()
    await tab.page.evaluate(WATCH_KEYS)
    await tab.question.press_sequentially(TYPED * 2, delay=40)
    await tab.page.wait_for_function(f"() => window.keys.length >= {len(TYPED) * 2}")
    keys: list[tuple[float, float]] = await tab.page.evaluate("() => window.keys")
    for name, column in (("long_key_ms", 0), ("long_key_frame_ms", 1)):
        ordered = sorted(key[column] for key in keys)
        readings[name].append(ordered[len(ordered) // 2])
        readings[f"{name}_p95"].append(ordered[int(len(ordered) * 0.95)])
