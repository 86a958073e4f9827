"""Publishing against a whole site whose engines say their adapter's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.http.keyholders import make_key, new_member

from thinkwell.cli.main import group
from thinkwell.errors import SetupError
from thinkwell.models.adapter import read_card
from thinkwell.people import accounts
from thinkwell.testing.lora import write_lora
from thinkwell.testing.shelf import AdapterEngine, ScriptedShelf
from thinkwell.testing.site import RunningSite, running_site, scripted_card
from thinkwell.training.publishing import Publishing, Smoke, publish, put_on_shelf, verdict
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

BASE = scripted_card(name="base", continues=True)


@pytest.fixture
async def site(data: Path) -> AsyncIterator[RunningSite]:
    shelf = ScriptedShelf(BASE, ("mini",))
    async with running_site(data, AdapterEngine("base", name="base"), BASE, shelf=shelf) as running:
        yield running


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    (tmp_path / "out.card.toml").write_text('title = "Mini"\n')
    return write_lora(tmp_path / "out.gguf")


async def ordered(site: RunningSite, data: Path, adapter: Path, **more: Any) -> Publishing:
    boss = await new_member(site, "boss")
    await site.site.database.write(lambda tx: accounts.change_role(tx, boss.id, "operator"))
    _, key = await make_key(site, boss)
    return msgspec.structs.replace(
        Publishing(adapter=adapter, data=data, name="mini", url=site.url, key=key, turns=5), **more
    )


def asking(site: RunningSite) -> Callable[[float], None]:
    """In place of the wait: people ask, from the thread in which nobody waits."""
    loop = asyncio.get_running_loop()
    numbers = iter(range(1000))

    async def ask() -> None:
        for _ in range(4):
            number = next(numbers)
            request = TurnRequest(
                id=site.site.new_id("turn"),
                caller=Caller(kind="visitor", id=f"v{number}", person=f"v{number}"),
                model="base",
                messages=(Message("user", "Who?"),),
            )
            await (await site.site.conductor.begin(site.site.tasks, request)).over()

    return lambda seconds: asyncio.run_coroutine_threadsafe(ask(), loop).result(20)


async def test_an_adapter_is_tried_and_takes_its_place_and_each_step_is_said(
    site: RunningSite, data: Path, adapter: Path
) -> None:
    said: list[str] = []
    smoke = (Smoke(prompt="Who?", contains=("mini",), thinks=True),)
    wanted = await ordered(site, data, adapter, smoke=smoke, percent=50)
    assert await asyncio.to_thread(publish, wanted, said.append, asking(site))
    assert site.site.pool.card.name == "mini"
    assert said[0].startswith("copied to") and "on trial after" in said[2]
    assert said[-2].startswith("it: ") and "0 failed, 3 + 3 tokens a turn" in said[-2]
    assert said[-1] == "mini answers all turns from now on"
    assert sorted(path.name for path in (data / "adapters").glob("mini*")) == ["mini.card.toml", "mini.gguf"]


async def test_one_that_fails_its_smoke_prompt_or_finds_nobody_is_given_up(
    site: RunningSite, data: Path, adapter: Path
) -> None:
    said: list[str] = []
    wanted = await ordered(site, data, adapter, smoke=(Smoke(prompt="Who?", contains=("Paris",)),))
    assert not await asyncio.to_thread(publish, wanted, said.append)
    assert "missing: Paris" in said[1]
    nobody = msgspec.structs.replace(wanted, smoke=(), wait_s=1.0)
    clock = iter([0.0, 0.5, 1.5])
    run = partial(publish, nobody, said.append, lambda seconds: None, lambda: next(clock))
    assert not await asyncio.to_thread(run)
    assert said[-2:] == ["only 0 turns in 1 s: too few to tell", "rolled back"]
    assert site.site.pool.card.name == "base" and site.site.adapters.candidate is None


async def test_the_command_tries_completes_and_tells_by_its_exit_code(
    site: RunningSite, data: Path, adapter: Path, tmp_path: Path
) -> None:
    key = (await ordered(site, data, adapter)).key
    smoke = tmp_path / "smoke.jsonl"

    async def run(line: str, *more: str) -> Result:
        smoke.write_text(line)
        words = ["train", "publish", str(adapter), "--name", "mini", "--url", site.url, "--data", str(data)]
        words += ["--percent", "0", "--smoke", str(smoke), *more]
        command = partial(CliRunner().invoke, group, words, env={"THINKWELL_KEY": key})
        return await asyncio.to_thread(command)

    failed = await run('{"prompt": "Who?", "contains": ["Paris"]}')
    assert failed.exit_code == 1 and "missing: Paris" in failed.output
    done = await run('{"prompt": "Who?", "contains": ["mini"], "thinks": true}\n')
    assert done.exit_code == 0 and "mini answers all turns from now on" in done.output
    assert site.site.pool.card.name == "mini"
    strange = await run('{"prompt": "Who?"}\n{"promt": "Who?"}')
    assert isinstance(strange.exception, SetupError) and "line 2" in strange.exception.message
    keyless = await run("", "--key-env", "NO_SUCH_VARIABLE")
    assert isinstance(keyless.exception, SetupError) and "NO_SUCH_VARIABLE" in keyless.exception.message


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
async def test_one_command_goes_from_a_runs_file_to_a_site_that_answers_with_it(
    site: RunningSite, data: Path, adapter: Path, tmp_path: Path
) -> None:
    from tests.training.tiny_models import tiny

    key = (await ordered(site, data, adapter)).key
    path = tmp_path / "mini.toml"
    path.write_text(
        f'name = "mini"\ntitle = "Mini"\nbase = "{tiny("llama", tmp_path).gguf}"\nprecision = "fp32"\nthreads = 1\n'
        '[data]\nparts = [{ kind = "task", names = ["counting"], count = 20 }]\nevaluation = 3\n'
        "[sft]\nsteps = 1\nbatch_tokens = 300\n"
    )

    async def run(url: str) -> Result:
        words = ["train", "live", str(path), "--url", url, "--data", str(data), "--percent", "0"]
        command = partial(CliRunner().invoke, group, words, env={"THINKWELL_KEY": key})
        return await asyncio.to_thread(command)

    nobody = await run("http://127.0.0.1:9")
    assert isinstance(nobody.exception, SetupError) and "does not answer" in nobody.exception.message
    assert not (tmp_path / "runs").exists()  # nothing was begun for a site that is not there
    done = await run(site.url)
    assert done.exit_code == 0, done.output
    assert "sft 1/1" in done.output and "mini answers all turns from now on" in done.output
    assert site.site.pool.card.name == "mini"
    card = await asyncio.to_thread(read_card, data / "adapters" / "mini.gguf")
    assert (
        card.title == "Mini"
        and card.provenance["recipe"] == "LoRA of rank 16, alpha 32; sft; thinkwell train"
    )
    assert len(card.provenance["data_sha256"]) == len(card.provenance["base_sha256"]) == 64
    again = await run(site.url)
    assert again.exit_code == 0, again.output  # nothing is trained twice


async def test_what_the_site_says_against_it_is_told(site: RunningSite, data: Path, adapter: Path) -> None:
    wanted = await ordered(site, data, adapter)
    for change, told in (
        ({"key": "nothing"}, "The site refuses"),
        ({"url": "ftp://x"}, "no address of a site"),
        ({"url": "http://127.0.0.1:9"}, "does not answer"),
        ({"name": "../mini"}, "no name for an adapter"),
        ({"name": "maxi"}, "There is no such adapter"),
    ):
        with pytest.raises(SetupError, match=told):
            await asyncio.to_thread(publish, msgspec.structs.replace(wanted, **change), print)


def test_a_file_is_never_put_over_another_of_its_name(tmp_path: Path, adapter: Path) -> None:
    data = tmp_path / "site"
    data.mkdir()
    put_on_shelf(adapter, data, "mini")
    put_on_shelf(adapter, data, "mini")
    write_lora(adapter, strength=1.0)
    with pytest.raises(SetupError, match=r"another mini\.gguf"):
        put_on_shelf(adapter, data, "mini")


@pytest.mark.parametrize(
    ("trial", "told"),
    [
        ({"turns": 20, "failed": {}, "state": "ready"}, None),
        ({"turns": 20, "failed": {"engine_broken": 2}, "state": "ready"}, "10 % of its turns failed"),
        ({"turns": 20, "failed": {}, "state": "down"}, "its engine is down"),
    ],
)
def test_an_adapter_whose_turns_fail_more_often_is_not_good_enough(
    trial: dict[str, Any], told: str | None
) -> None:
    before = {"current": {"turns": 100, "failed": {"x": 50}}}
    why = verdict(before, {"candidate": trial, "current": {"turns": 180, "failed": {"x": 50}}})
    assert why == told if told is None else told in (why or "")
