"""One of the two sites of ``bench path``, in a process of its own: whole, or with everything switched off.

    python -m thinkwell.cli.bench.path_site --data FOLDER --model http://127.0.0.1:9000/v1 --off

As ``thinkwell serve`` runs it. Prints one JSON line with its ``url``; who may ask it (people.json, in the
folder of data) are made past the doors.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.build import open_site, prepare_model
from thinkwell.cli.bench.path_off import switched_off
from thinkwell.cli.serve import GC_AFTER, SWITCH_S
from thinkwell.http.app import make_app
from thinkwell.http.front import FrontDoor
from thinkwell.http.server import Server, address_of, bind
from thinkwell.http.site import Site
from thinkwell.people import accounts, keys
from thinkwell.people.keys import Wish
from thinkwell.settings import Settings, load_settings, prepare_data
from thinkwell.testing.site import NO_PAGES
from thinkwell.testing.wire_http import run_fast
from thinkwell.turns.run import now_us

PEOPLE_FILE = "people.json"
PEOPLE = 16
SLOTS = 256
PRICES = {"prompt": 3, "cached": 1, "reasoning": 2, "answer": 5}


class People(msgspec.Struct, frozen=True):
    """As each of them shows who they are: cookies of visitors, sessions of members, their keys."""

    visitors: list[str]
    sessions: list[str]
    keys: list[str]


async def serve(data: Path, model: str, *, off: bool) -> None:
    """Until it is cancelled, or standard input ends."""
    await asyncio.to_thread(prepare_data, data)
    priced = tuple(f"prices.default.{kind}={price}" for kind, price in PRICES.items())
    wanted = ("people.proxy_addresses=127.0.0.1", f"engine.model={model}", f"engine.slots={SLOTS}", *priced)
    settings: Settings = await asyncio.to_thread(load_settings, data, {}, wanted)
    prepared = await prepare_model(settings, lambda done, size: None)
    async with open_site(settings, prepared, NO_PAGES) as whole:
        people = await make_people(whole)
        await asyncio.to_thread((data / PEOPLE_FILE).write_bytes, msgspec.json.encode(people))
        site = switched_off(whole) if off else whole
        with bind("127.0.0.1", 0) as listener:
            server = Server(FrontDoor(site, make_app(site)), site.conductor.stop_all)
            async with asyncio.TaskGroup() as both:
                telling = both.create_task(_tell(server, address_of(listener, "127.0.0.1")))
                await server.serve(sockets=[listener])
                telling.cancel()


async def make_people(site: Site) -> People:
    made = People([], [], [])
    for number in range(PEOPLE):
        account, key = await site.database.write(partial(_member, f"person{number}"))
        made.visitors.append(site.visitors.new(f"10.0.{number}.7")[1])
        made.sessions.append(await site.members.sessions.begin(account, "bench"))
        made.keys.append(key)
    return made


def _member(name: str, tx: Connection) -> tuple[str, str]:
    """An account, and the text of its key."""
    account = accounts.create(tx, name, now_us()).id
    return account, keys.create(tx, account, Wish(name="bench"), now_us())[1]


async def _tell(server: Server, url: str) -> None:
    await server.listening.wait()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_AFTER)
    sys.setswitchinterval(SWITCH_S)
    sys.stdout.write(msgspec.json.encode({"url": url}).decode() + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.end()


def main() -> None:
    known = argparse.ArgumentParser(prog="path-site", description=__doc__)
    known.add_argument("--data", type=Path, required=True)
    known.add_argument("--model", required=True)
    known.add_argument("--off", action="store_true", help="everything switched off")
    said = known.parse_args()
    run_fast(serve(said.data, said.model, off=said.off))


if __name__ == "__main__":
    main()
