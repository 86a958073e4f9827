"""What the parts that a gateway may be built of cost without it: servers, HTTP clients, JSON libraries."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec

from thinkwell.cli.bench.wire_clients import CLIENTS
from thinkwell.cli.bench.wire_field import Field, Rival
from thinkwell.cli.bench.wire_proxy import SERVERS
from thinkwell.cli.bench.wire_speed import Figures, cpu_ms_per_1000_tokens, whole
from thinkwell.testing.wire_text import Direction, Frames

# Name, server, client, and what must be importable: as wire_field.BARE.
STACKS = tuple(
    (f"{server}_{client}", server, client, tuple(one for one in (server, client) if one != "raw"))
    for server in SERVERS
    for client in CLIENTS
)
JSON = ("msgspec_struct", "msgspec", "orjson", "json")
BATCH = 500


async def stack(here: Field, rival: Rival) -> Figures:
    half = here.plan.tokens // 2
    said = Direction(think=half, answer=here.plan.tokens - half, rate=here.plan.rate)
    cost = await cpu_ms_per_1000_tokens(here, rival, said)
    found = {f"stack_{name}": value for name, value in (await whole(here, rival)).items()}
    return found | ({} if cost is None else {"stack_cpu_ms_per_1000_tokens": cost})


class Delta(msgspec.Struct, omit_defaults=True):
    content: str | None = None
    reasoning_content: str | None = None


class Choice(msgspec.Struct):
    index: int
    delta: Delta
    finish_reason: str | None = None


class Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Chunk(msgspec.Struct):
    id: str
    created: int
    model: str
    choices: list[Choice]
    usage: Usage | None = None


def libraries() -> dict[str, Callable[[bytes], bytes]]:
    """Those that are here: from the bytes of a chunk to the bytes of the chunk that is passed on."""
    chunk, any_value = msgspec.json.Decoder(Chunk), msgspec.json.Decoder()
    encode = msgspec.json.Encoder().encode
    found: dict[str, Callable[[bytes], bytes]] = {
        "msgspec_struct": lambda data: encode(chunk.decode(data)),
        "msgspec": lambda data: encode(any_value.decode(data)),
        "json": lambda data: json.dumps(json.loads(data)).encode(),
    }
    try:
        orjson: Any = importlib.import_module("orjson")
    except ImportError:
        return found
    return found | {"orjson": lambda data: bytes(orjson.dumps(orjson.loads(data)))}


def json_us(round_trip: Callable[[bytes], bytes], seconds: float) -> float:
    """Microseconds for one chunk there and back."""
    framed = Frames(usage=True).token(Direction(think=0, answer=200), 100)
    data = framed[framed.index(b"{") : framed.rindex(b"}") + 1]
    turns, began = 0, time.perf_counter()
    while turns == 0 or time.perf_counter() - began < seconds:
        for _ in range(BATCH):
            round_trip(data)
        turns += BATCH
    return 1e6 * (time.perf_counter() - began) / turns
