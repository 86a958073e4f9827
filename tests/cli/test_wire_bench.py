"""``bench wire``: its engine says what it is told and keeps account, its figures come out. No time is tested."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import click
import pytest
from click.testing import CliRunner

from thinkwell.cli.bench import wire, wire_aborts, wire_churn, wire_field, wire_memory, wire_processes
from thinkwell.cli.bench.command import bench
from thinkwell.cli.bench.processes import PROC
from thinkwell.cli.bench.report import Report, as_table, figures, this_machine
from thinkwell.cli.bench.wire import WireBench
from thinkwell.cli.bench.wire_aborts import left_of
from thinkwell.cli.bench.wire_churn import Metered, Turn, compare
from thinkwell.cli.bench.wire_cores import Cores, cpu_s, on_core, two_cores
from thinkwell.cli.bench.wire_field import Field, Rival, a_proxy, the_nginx
from thinkwell.cli.bench.wire_load import Broken, Door, Seen, connect
from thinkwell.cli.bench.wire_plan import PARTS, Peer, WirePlan, peer_of
from thinkwell.cli.bench.wire_processes import Started
from thinkwell.cli.bench.wire_rows import CHURN, json_rows, rows_of
from thinkwell.cli.bench.wire_speed import Figures, added, over_nginx, percentile
from thinkwell.cli.bench.wire_stacks import STACKS
from thinkwell.testing.wire_engine import Connection, Ended, WireEngine
from thinkwell.testing.wire_http import Listener
from thinkwell.testing.wire_text import MODEL, BadDirection, Direction, direction_of

NOBODY = Started("127.0.0.1", 1, 0)
DOOR = Door(name="nobody", host="127.0.0.1", port=1, model=MODEL)


@asynccontextmanager
async def engine_here() -> AsyncIterator[tuple[WireEngine, Door]]:
    engine = WireEngine()
    async with Listener(lambda: Connection(engine), 0) as listener:
        yield engine, Door(name="engine", host="127.0.0.1", port=listener.port, model=MODEL)


def here(folder: Path, rounds: int = 1) -> Field:
    return Field(plan=WirePlan(rounds=rounds), cores=Cores(), engine=NOBODY, direct=DOOR, folder=folder)


# What the engine is told.


def test_the_last_direction_counts_and_it_is_printed_as_it_is_read() -> None:
    said = direction_of("[[think=9]] and then [[think=2 answer=3 rate=50.5 id=17 phases=4 watch=1]]?")
    assert said == Direction(think=2, answer=3, rate=50.5, id=17, phases=4, watch=1)
    assert direction_of(str(said)) == said
    assert direction_of("How many legs?") == Direction()
    assert str(Direction(think=1, answer=2)) == "[[think=1 answer=2 rate=0]]"


@pytest.mark.parametrize(
    "words", ["think=x", "think=-1", "answer=0", "rate=-5", "phases=0", "pause=3", "answer", "think=99999"]
)
def test_a_direction_that_is_not_understood_is_refused_with_itself(words: str) -> None:
    with pytest.raises(BadDirection, match=rf"\[\[{words}\]\]"):
        direction_of(f"Say [[{words}]]")


# What the engine says.


async def test_a_stream_has_a_chunk_for_every_token_and_the_count_in_each_where_asked() -> None:
    async with engine_here() as (_, door), aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{door.port}/v1/chat/completions"
        for continuous in (False, True):
            options = {"include_usage": True, "continuous_usage_stats": continuous}
            ask = {"messages": [{"role": "user", "content": "[[think=3 answer=2]]"}]}
            async with session.post(url, json={**ask, "stream": True, "stream_options": options}) as reply:
                assert reply.content_type == "text/event-stream"
                events = [part.removeprefix("data: ") for part in (await reply.text()).split("\n\n")]
            assert events[-2:] == ["[DONE]", ""]
            chunks = [json.loads(event) for event in events[:-2]]
            deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
            assert [set(delta) for delta in deltas[1:-1]] == [{"reasoning_content"}] * 3 + [{"content"}] * 2
            assert all(sum(map(text.count, "^~")) == 1 for delta in deltas[1:-1] for text in delta.values())
            assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
            assert chunks[-1]["usage"]["completion_tokens"] == 5
            told = [chunk["usage"]["completion_tokens"] for chunk in chunks[:-1] if "usage" in chunk]
            assert told == ([0, 1, 2, 3, 4, 5, 5] if continuous else [])
        async with session.post(url, json=ask) as reply:
            whole = await reply.json()
    assert whole["choices"][0]["message"]["reasoning_content"].count("^") == 3
    assert whole["usage"]["completion_tokens"] == 5


async def test_what_the_engine_does_not_understand_it_refuses_and_goes_on() -> None:
    async with engine_here() as (_, door), aiohttp.ClientSession() as session:
        root = f"http://127.0.0.1:{door.port}"
        bad = {"messages": [{"role": "user", "content": "[[think=many]]"}]}
        async with session.post(f"{root}/v1/chat/completions", json=bad) as reply:
            assert reply.status == 400
            assert "[[think=many]]" in (await reply.json())["error"]["message"]
        async with session.post(f"{root}/v1/chat/completions", data=b"{") as reply:
            assert reply.status == 400
        async with session.get(f"{root}/v1/models") as reply:
            assert (await reply.json())["data"][0]["owned_by"] == "vllm"
        async with session.get(f"{root}/nowhere") as reply:
            assert reply.status == 404
        async with session.get(f"{root}/health") as reply:
            assert reply.status == 200


async def test_the_engine_tells_once_what_became_of_a_stream() -> None:
    async with engine_here() as (engine, door):
        reader = await connect(door)
        for number in (1, 2):
            seen = await reader.ask(door.question(Direction(think=2, answer=2, rate=500, id=number, watch=1)))
            assert seen.complete and (seen.thought, seen.answer) == (2, 2)
            assert seen.turn.startswith("chatcmpl-")
        left = await reader.ask(door.question(Direction(answer=500, rate=200, id=3, watch=1)), 3)
        assert not left.complete and left.tokens(door) == 3
        while engine.open:
            await asyncio.sleep(0)
        stats = engine.take_stats()
        assert (stats.streams, stats.lost, stats.open) == (3, 1, 0)
        assert [(one.id, one.complete) for one in stats.ended] == [(1, True), (2, True), (3, False)]
        assert all(one.made == len(one.times) for one in stats.ended)
        assert 3 <= stats.ended[2].made < 500
        assert stats.ended[2].at >= left.ended
        assert engine.take_stats().ended == []


async def test_an_engine_without_pace_makes_no_more_than_the_connection_takes() -> None:
    async with engine_here() as (engine, door):
        reading, writing = await asyncio.open_connection(door.host, door.port, limit=1024)
        writing.write(door.question(Direction(answer=30_000, id=1)))
        head = await reading.readuntil(b"\r\n\r\n")
        assert b"event-stream" in head
        assert engine.open == 1, "30,000 tokens are more than the buffers hold"
        writing.transport.abort()
        while engine.open:
            await asyncio.sleep(0)
        (ended,) = engine.take_stats().ended
    assert not ended.complete and 0 < ended.made < 30_000


async def test_requests_sent_together_are_answered_in_their_order() -> None:
    async with engine_here() as (_, door):
        reading, writing = await asyncio.open_connection(door.host, door.port)
        writing.write(door.question(Direction(answer=2)) + door.question(Direction(answer=3), stream=False))
        streamed = await reading.readuntil(b"0\r\n\r\n")
        assert streamed.count(b"~") == 2
        whole = await reading.readuntil(b"}}")
        assert b"HTTP/1.1 200 OK" in whole and whole.count(b"~") == 3
        writing.write(b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
        refused = await reading.read()
        assert refused.startswith(b"HTTP/1.1 400")
        writing.close()


# What the load makes of it.


async def test_a_reply_that_is_an_error_is_told_with_its_words() -> None:
    async with engine_here() as (_, door):
        reader = await connect(door)
        request = door.question(Direction(answer=2)).replace(b"answer=2", b"answer=0")
        with pytest.raises(Broken, match=r"engine did not answer as it should: HTTP/1\.1 400"):
            await reader.ask(request)
        with pytest.raises(Broken, match="connection was lost"):
            await reader.ask(request)
    with pytest.raises(Broken, match="cannot be reached"):
        await connect(door)


def test_what_is_made_after_a_reader_left_is_counted_by_the_engines_times() -> None:
    seen = Seen(sent=0.0, first=1.0, ended=5.0)
    left = left_of(seen, Ended(id=1, made=4, at=5.25, complete=False, times=[1.0, 4.0, 5.0, 5.125]))
    assert (left.wait_ms, left.tokens_after) == (250.0, 1)
    behind = left_of(seen, Ended(id=1, made=2, at=4.5, complete=True, times=[1.0, 4.0]))
    assert (behind.wait_ms, behind.tokens_after) == (0.0, 0)


def turn(name: str, *, complete: bool, made: int, read: int) -> Turn:
    return Turn(
        turn=name, complete=complete, think=2, answer=made - 2 if complete else 9, made=made, read=read
    )


def test_three_accounts_of_a_turn_are_laid_side_by_side() -> None:
    turns = [
        turn("a", complete=True, made=5, read=5),
        turn("b", complete=True, made=5, read=5),
        turn("c", complete=False, made=9, read=4),
        turn("d", complete=False, made=6, read=4),
        turn("e", complete=False, made=6, read=4),
        turn("lost", complete=True, made=5, read=5),
        turn("open", complete=False, made=5, read=2),
    ]
    ledger = {
        "a": Metered(2, 3, True),
        "b": Metered(3, 2, True),  # the right sum of the wrong parts
        "c": Metered(2, 5, True),
        "d": Metered(2, 5, True),
        "e": Metered(2, 1, True),
        "open": Metered(0, 0, False),
    }
    assert compare(turns, ledger) == {
        "churn_turns_missing": 2,
        "churn_error_complete_tokens": 2,
        "churn_error_left_turns": 2,
        "churn_most_not_metered_tokens": 3,
        "churn_most_not_read_tokens": 3,
    }


def test_ratios_and_differences_are_taken_within_a_round() -> None:
    costs = {name: {"cpu_ms_per_1000_tokens": cost} for name, cost in (("thinkwell", 30.0), ("nginx", 12.0))}
    assert over_nginx(costs) == {"cpu_over_nginx": 2.5}
    assert over_nginx({"thinkwell": costs["thinkwell"]}) == {}
    waits = {"first_token_p50_ms": 1.5, "first_token_p99_ms": 4.0}
    direct = {"first_token_p50_ms": 1.0, "first_token_p99_ms": 2.0}
    assert added({"direct": direct, "nginx": waits}) == {
        "first_token_added_p50_ms_nginx": 0.5,
        "first_token_added_p99_ms_nginx": 2.0,
    }
    assert added({"nginx": waits}) == {}
    assert [percentile(range(1, 101), share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]


# Who is measured.


def test_a_peer_is_named_with_its_address_and_perhaps_its_process() -> None:
    expected = Peer(name="litellm", host="127.0.0.1", port=4000, path="/v1", pid=12)
    assert peer_of("litellm=http://127.0.0.1:4000@12") == expected
    assert peer_of("litellm=http://127.0.0.1:4000/v1@12") == expected
    assert peer_of("x=http://host/proxy") == Peer(name="x", host="host", port=80, path="/proxy/v1", pid=None)
    for bad in ("http://host", "x=host:80", "x=https://host", "x y=http://host", "x=http://host@pid"):
        with pytest.raises(click.BadParameter, match="NAME=http://"):
            peer_of(bad)
    refused = CliRunner().invoke(bench, ["wire", "--peer", "x=http://host"])
    assert refused.exit_code == 2 and "--engine-port" in refused.output


async def test_a_rival_that_is_not_here_is_in_the_table_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_processes, "NGINX", ("no-such-nginx",))
    field = here(tmp_path)
    async with (
        the_nginx(field) as nginx,
        a_proxy(field, "granian", "granian", "aiohttp", "aiohttp", "no_such_module") as granian,
    ):
        rows = rows_of("cpu", [nginx, granian])
    machine = await asyncio.to_thread(this_machine)
    report = Report(bench="wire", machine=machine, setup={}, figures=figures(rows, {}))
    assert "nginx is not installed" in as_table(report)
    assert "no_such_module is not installed" in as_table(report)


async def test_a_rival_that_fails_leaves_the_part_and_the_site_may_not_fail(tmp_path: Path) -> None:
    asked: list[str] = []

    async def part(_: Field, rival: Rival) -> Figures:
        asked.append(rival.name)
        if rival.name == failing:
            raise Broken(f"{rival.name} said nothing.")
        return {"requests_per_s": 5.0}

    found = [Rival(name=name, door=DOOR) for name in ("thinkwell", "nginx", "bare")]
    found.append(Rival(name="absent", missing="not here"))
    match = WireBench(here(tmp_path, rounds=3))
    failing = "nginx"
    await match.rounds("whole", found, part)
    assert asked == ["thinkwell", "nginx", "bare", "bare", "thinkwell", "bare", "thinkwell"]
    assert match.rows["requests_per_s_nginx"].missing == "nginx said nothing."
    assert match.rows["requests_per_s_absent"].missing == "not here"
    assert match.readings == {"requests_per_s_thinkwell": [5.0] * 3, "requests_per_s_bare": [5.0] * 3}
    failing = "thinkwell"
    with pytest.raises(Broken, match="thinkwell said nothing"):
        await match.rounds("whole", found, part)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no pinning on this system")
async def test_this_process_goes_back_to_the_cores_that_it_had() -> None:
    before = os.sched_getaffinity(0)
    with on_core(min(before)):
        assert os.sched_getaffinity(0) == {min(before)}
    with on_core(None):
        assert os.sched_getaffinity(0) == before
    assert os.sched_getaffinity(0) == before
    cores = two_cores()
    assert (cores == Cores()) == (len(before) == 1)
    assert await cpu_s(None) is None
    assert await cpu_s(os.getpid()) != 0
    assert await cpu_s(2**22 + 1) is None, "no such process"


# All of it.


@pytest.mark.timeout(120)
def test_every_part_gives_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STACKS", [one for one in STACKS if one[0] == "uvicorn_raw"])
    monkeypatch.setattr(wire_field, "WARM_UP", 8)
    monkeypatch.setattr(wire_churn, "BATCH", 40)
    monkeypatch.setattr(wire_churn, "WARM_UP", 20)
    monkeypatch.setattr(wire_aborts, "MOST_READ", 4)
    monkeypatch.setattr(wire_memory, "RATE", 50.0)
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    outcome = CliRunner().invoke(
        bench,
        [
            *("wire", "--rounds", "1", "--streams", "4", "--tokens", "8", "--seconds", "0.02"),
            *("--open-streams", "6", "--requests", "60", "--json"),
        ],
        catch_exceptions=False,
    )
    assert outcome.exit_code == 0, outcome.output
    report = json.loads(outcome.stdout)
    found = report["figures"]
    assert report["bench"] == "wire"
    assert report["setup"]["parts"] == " ".join(PARTS)
    for part in PARTS:
        if part not in ("churn", "stacks"):
            assert rows_of(part, [Rival(name="thinkwell")]).keys() <= found.keys()
    assert CHURN.keys() | json_rows().keys() <= found.keys()
    silent = {name for name, figure in found.items() if figure["value"] is None and "core_lost" not in name}
    reasons = {found[name]["missing"] for name in silent}
    assert all(reason.endswith("is not installed") for reason in reasons) or not PROC.is_dir(), reasons
    for name in ("requests_per_s", "tokens_per_s", "abort_p99_ms"):
        assert {f"{name}_thinkwell", f"{name}_bare"}.isdisjoint(silent)
    exact = (
        "churn_turns_missing",
        "churn_error_complete_tokens",
        "churn_error_left_turns",
        "churn_error_metrics_tokens",
    )
    for name in exact:
        assert found[name]["value"] == 0, name
    if before is not None:
        assert os.sched_getaffinity(0) == before
