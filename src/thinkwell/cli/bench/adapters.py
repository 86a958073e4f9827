"""``bench adapters``: adapters swapped under people who ask; from an adapter's file to its first token.

Scripted engines say nothing but their adapter's name, and some of their streams are cut: a turn with two
names in it was mixed. The embedded engine takes small random adapters, which answer a question each in its
own way: a turn was mixed where it begins in another's way than its receipt says. Every turn has to end,
finished.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.http.site import Site
from thinkwell.testing.site import running_site, scripted_card
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.smoke import Smoke
from thinkwell.values.caller import Caller
from thinkwell.values.engine import Sampling
from thinkwell.values.event import AnswerDelta, Finished, ReasoningDelta, Started
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

BASE, NAMES = "base", ("one", "two")
QUESTION = "Name three colours."
FIRST_TOKEN_S = 1.0
# Of the streams of a scripted engine, one in so many is cut in its middle.
ONE_CUT_IN = 50
PACE_S = 0.002
# Two short passes, and no question of a check: what is measured is the adapter.
CARD = 'dialect = { type = "prompted", prefill = "So", ask = "{question}", budget = 12 }\n'
TELLING = 24  # characters of an answer by which an adapter is known
TOKENS = 32
ROWS = {
    "swaps": Row(title="adapters swapped", unit="", digits=0),
    "turns": Row(title="turns asked meanwhile", unit="", digits=0),
    "ran_over_a_swap": Row(title="turns that ran while theirs was replaced", unit="", digits=0),
    "dropped": Row(title="turns dropped", unit="", below=1, digits=0),
    "mixed": Row(title="turns with two adapters", unit="", below=1, digits=0),
    "first_token_idle_s": Row(
        title="from the file to its first token, idle", unit="s", below=FIRST_TOKEN_S, digits=3
    ),
    "first_token_s": Row(title="from the file to its first token, under load", unit="s", digits=3),
    "trial_s": Row(title="from the file to being on trial, under load", unit="s", digits=3),
    "swap_s": Row(title="from being on trial to all new turns", unit="s", digits=4),
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``threads`` of each embedded engine; 0: as the site would choose."""

    engine: str
    swaps: int
    people: int
    seed: int
    threads: int = 0


class Found(msgspec.Struct):
    """``begun_by`` are the ways in which adapters begin their answers."""

    readings: dict[str, list[float]]
    begun_by: dict[str, str] = {}
    mixed: int = 0
    dropped: int = 0
    turns: int = 0
    over_a_swap: int = 0


async def measure(plan: Plan, data: Path) -> Report:
    """Of one site, in this process."""
    machine = await asyncio.to_thread(this_machine)
    found = Found({name: [] for name in ROWS})
    open_site = _scripted if plan.engine == "scripted" else _embedded
    async with open_site(plan, data) as site:
        for name in ("", *NAMES):
            await _idle(site, name, found)
        await _under_load(site, plan, found)
        await site.adapters.settled()
    counts = {
        "swaps": plan.swaps,
        "turns": found.turns,
        "ran_over_a_swap": found.over_a_swap,
        "dropped": found.dropped,
        "mixed": found.mixed,
    }
    readings = found.readings | {name: [float(count)] for name, count in counts.items()}
    setup: dict[str, str | int | float] = msgspec.structs.asdict(plan)
    return Report(bench="adapters", machine=machine, setup=setup, figures=figures(ROWS, readings))


async def _idle(site: Site, name: str, found: Found) -> None:
    """Load it while nobody asks, hear how it answers, and give it up again."""
    tried = await site.adapters.load(name, [Smoke(prompt=QUESTION, max_tokens=TOKENS)])
    first = tried.smoked[0]
    found.begun_by[name or site.pool.card.name] = (first.thought or first.answer)[:TELLING]
    if name:
        found.readings["first_token_idle_s"].append(tried.ready_s + (first.first_token_s or 0.0))
    await site.adapters.roll_back()
    await site.adapters.settled()


async def _under_load(site: Site, plan: Plan, found: Found) -> None:
    rng = random.Random(plan.seed)
    over = False
    asked: set[LiveTurn] = set()
    ended: asyncio.Queue[None] = asyncio.Queue()

    async def keep_asking(person: int) -> None:
        while not over:
            live = await site.conductor.begin(site.tasks, _request(site, f"p{person}"))
            asked.add(live)
            await live.over()
            asked.discard(live)
            _judge(live, found)
            ended.put_nowait(None)

    async with asyncio.TaskGroup() as people:
        for person in range(plan.people):
            people.create_task(keep_asking(person))
        for swap in range(plan.swaps):
            tried = await site.adapters.load(NAMES[swap % 2], [Smoke(prompt=QUESTION, max_tokens=TOKENS)])
            first = tried.smoked[0].first_token_s or 0.0
            found.readings["first_token_s"].append(tried.ready_s + first)
            found.readings["trial_s"].append(tried.seconds)
            while not ended.empty():
                ended.get_nowait()
            site.adapters.set_share(rng.random())
            for _ in range(plan.people):  # so that some ran on either
                await ended.get()
            found.over_a_swap += sum(live.label == site.adapters.current.label for live in asked)
            began = time.perf_counter()
            await site.adapters.complete()
            found.readings["swap_s"].append(time.perf_counter() - began)
        over = True


def _request(site: Site, person: str) -> TurnRequest:
    return TurnRequest(
        id=site.new_id("turn"),
        caller=Caller(kind="visitor", id=person, person=person),
        model=site.pool.card.name,
        messages=(Message("user", QUESTION),),
        sampling=Sampling(temperature=0.0),
        max_tokens=TOKENS,
    )


def _judge(live: LiveTurn, found: Found) -> None:
    """Whether it came to its end, and with one adapter: by what it said of its leases, and by its words."""
    found.turns += 1
    events = live.log.since(0)
    end = events[-1]
    if not isinstance(end, Finished):
        found.dropped += 1
        return
    said, models, began_by = "", set(), ""
    for event in events:
        if isinstance(event, ReasoningDelta | AnswerDelta):
            said += event.text
            models.add(began_by)
        elif isinstance(event, Started):
            began_by = event.model
    model = end.receipt.model
    others = {begun for name, begun in found.begun_by.items() if name != model}
    as_another = said.startswith(tuple(others)) and not said.startswith(found.begun_by.get(model, "\0"))
    words = set(said.split()) & {BASE, *NAMES}
    found.mixed += models != {model} or as_another or len(words) > 1


@asynccontextmanager
async def _scripted(plan: Plan, data: Path) -> AsyncIterator[Site]:
    from thinkwell.testing.scenario import fault
    from thinkwell.testing.shelf import AdapterEngine, ScriptedShelf, names_itself

    rng = random.Random(plan.seed)

    class Failing(ScriptedShelf):
        """Of its engines' streams some are cut."""

        def engine(self, name: str, card: object, alias: str) -> AdapterEngine:
            name = name or BASE
            made = AdapterEngine(name, name=alias, slots=4, pace_s=PACE_S)
            whole = names_itself(name, pace_s=PACE_S)
            cut = names_itself(name, fault("cut"), words=2, pace_s=PACE_S)
            made.then(whole, *(cut if rng.random() < 1 / ONE_CUT_IN else whole for _ in range(1000)))
            return made

    card = scripted_card(name=BASE, continues=True)
    first = AdapterEngine(BASE, name=BASE, slots=4, pace_s=PACE_S)
    async with running_site(data, first, card, shelf=Failing(card, NAMES)) as running:
        yield running.site


@asynccontextmanager
async def _embedded(plan: Plan, data: Path) -> AsyncIterator[Site]:
    from thinkwell.build import prepare_model
    from thinkwell.settings import load_settings, prepare_data
    from thinkwell.testing.lora import write_lora

    await asyncio.to_thread(prepare_data, data)
    wanted = ["engine.adapter=none", *([f"engine.threads={plan.threads}"] if plan.threads else [])]
    settings = await asyncio.to_thread(load_settings, data, {}, wanted)
    await asyncio.to_thread((data / "adapters").mkdir)
    for seed, name in enumerate(NAMES, start=1):
        write = partial(write_lora, data / "adapters" / f"{name}.gguf", strength=0.5 * seed, seed=seed)
        await asyncio.to_thread(write)
        card = data / "adapters" / f"{name}.card.toml"
        await asyncio.to_thread(card.write_text, CARD)
    model = await prepare_model(settings, _silent)
    async with running_site(data, model.engines, model.card, shelf=model.shelf) as running:
        async with asyncio.timeout(60):
            await model.engines[0].ready()
        yield running.site


def _silent(done: int, total: int | None) -> None:
    """Nobody watches a download here."""
