"""Resident memory of a gateway while very many slow streams are open, in a process that did little else."""

from __future__ import annotations

import asyncio

from thinkwell.cli.bench.processes import read_process
from thinkwell.cli.bench.wire_field import Field, Rival
from thinkwell.cli.bench.wire_load import Broken, Reader, Seen, connect
from thinkwell.cli.bench.wire_speed import Figures
from thinkwell.testing.wire_text import Direction

RATE = 1.0
PHASES = 50
TOKENS = 3_600  # more than anybody waits for
AT_ONCE = 50
LOOK_S = 0.02


async def memory(here: Field, rival: Rival) -> Figures:
    """Read when every stream has had two tokens."""
    rest = await read_process(rival.pid)
    asked: list[tuple[Reader, asyncio.Future[Seen]]] = []
    said = Direction(think=TOKENS // 2, answer=TOKENS // 2, rate=RATE, phases=PHASES)
    try:
        for person in range(here.plan.open_streams):
            reader = await connect(rival.at)
            asked.append((reader, reader.ask(rival.at.question(said, person=person))))
            if len(asked) % AT_ONCE == 0:
                await _until(asked, 1)
        await _until(asked, 2)
        full = await read_process(rival.pid)
    finally:
        for reader, _ in asked:
            reader.close()
    await here.all_ended()
    found = {} if full is None else {"memory_mib": full.memory_mib}
    return found | ({} if rest is None else {"memory_rest_mib": rest.memory_mib})


async def _until(asked: list[tuple[Reader, asyncio.Future[Seen]]], tokens: int) -> None:
    """Every stream has had so many tokens. Raises Broken where one is over."""
    for reader, over in asked:
        while reader.tokens_so_far() < tokens:
            if over.done():
                over.result()
                raise Broken("A stream ended before its time.")
            await asyncio.sleep(LOOK_S)
