"""``bench web thought``: frames, memory and work while a long thought streams, on a slow processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from thinkwell.cli.bench.web_engine import Gate, Part, Pour, prose, tokens
from thinkwell.cli.bench.web_house import House, Tab
from thinkwell.values.engine import EnginePass

RATE = 100.0  # tokens a second
TOKEN = 3  # characters: 90,000 in five minutes
LENGTHS = (1_000, 10_000, 50_000, 200_000)
WINDOW_S = 4.0  # of every length
MIB = 1024 * 1024


def _streaming(characters: int) -> list[Part]:
    return [Pour(tokens(prose(characters), TOKEN), RATE, thought=True), Pour(["Done."])]


async def measure(house: House, seconds: float, readings: dict[str, list[float]]) -> None:
    """``seconds``: how long the thought streams."""
    characters = int(seconds * RATE) * TOKEN
    house.engine.script = lambda _: _streaming(characters)
    house.engine.gates.hold("end")
    async with house.visitor() as context:
        tab = await house.open(context)
        await tab.slow_down()
        await tab.cdp.send("Performance.enable")
        await tab.ask("How deep is a well?")
        await house.engine.until(lambda: bool(house.engine.asked))
        await tab.page.evaluate("() => window.eyes.countFrames()")
        await house.engine.gates.reached("end")
        frames: list[float] = await tab.page.evaluate("() => window.eyes.framesPerSecond()")
        readings["thought_fps"] += frames
        readings["thought_fps_p5"].append(lowest(frames, 0.05))
        readings["thought_memory_mb"].append(await memory(house, tab))
        await tab.cdp.send("HeapProfiler.collectGarbage")
        counted = await tab.metrics()
        readings["thought_heap_mb"].append(counted["JSHeapUsedSize"] / MIB)
        readings["thought_nodes"].append(counted["Nodes"])
        house.engine.gates.release("end")
        await tab.finished()


def lowest(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[int(share * len(ordered))] if ordered else 0.0


async def memory(house: House, tab: Tab) -> float:
    """MiB of its own (RssAnon, and what is swapped out) of the largest process that shows pages."""
    session = await house.browser.new_browser_cdp_session()
    try:
        found = await session.send("SystemInfo.getProcessInfo")
    finally:
        await session.detach()
    shown = [one["id"] for one in found["processInfo"] if one["type"] == "renderer"]
    return max((_own_mib(pid) for pid in shown), default=0.0)


def _own_mib(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    return sum(int(told[name].split()[0]) for name in ("RssAnon", "VmSwap") if name in told) / 1024


async def measure_cost(
    house: House, lengths: Sequence[int], seconds: float, readings: dict[str, list[float]]
) -> None:
    """What a token costs the page at each length of the thought: milliseconds of its main thread's tasks."""
    paced = int(seconds * RATE)

    def script(_: EnginePass) -> list[Part]:
        text = prose(lengths[-1] + len(lengths) * paced * TOKEN)
        parts: list[Part] = []
        at = 0
        for length in lengths:
            parts += [Pour(tokens(text[at:length], 60), 2000, thought=True), Gate(f"from {length}")]
            at = length + paced * TOKEN
            parts += [Pour(tokens(text[length:at], TOKEN), RATE, thought=True), Gate(f"to {length}")]
        return [*parts, Pour(["Done."])]

    house.engine.script = script
    gates = house.engine.gates
    for length in lengths:
        gates.hold(f"from {length}")
        gates.hold(f"to {length}")
    async with house.visitor() as context:
        tab = await house.open(context)
        await tab.slow_down()
        await tab.cdp.send("Performance.enable")
        await tab.ask("How deep is a well?")
        costs = []
        for length in lengths:
            await gates.reached(f"from {length}")
            await settled(tab)
            before = await tab.metrics()
            gates.release(f"from {length}")
            await gates.reached(f"to {length}")
            await settled(tab)
            after = await tab.metrics()
            costs.append(1000 * (after["TaskDuration"] - before["TaskDuration"]) / paced)
            readings[f"thought_token_ms_{length}"].append(costs[-1])
            gates.release(f"to {length}")
        readings["thought_token_ratio"].append(costs[-1] / costs[0])
        await tab.finished()


async def settled(tab: Tab) -> None:
    """What came has been shown."""
    await tab.page.evaluate("async () => { for (let n = 0; n < 10; n += 1) await window.eyes.afterPaint(); }")
