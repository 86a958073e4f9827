"""``thinkwell people``, on the folder of a site that runs or not; and the link that ``serve`` prints."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import Connection
from tests.conftest import visitor

from thinkwell.cli.main import group
from thinkwell.cli.serve import ready_json, ready_text
from thinkwell.errors import BadRequest, Conflict, NotFound, SetupError
from thinkwell.people import accounts, links
from thinkwell.people.accounts import Account
from thinkwell.store.database import open_database
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us


def run(data: Path, *words: str) -> Result:
    found = CliRunner().invoke(group, ["people", *words, "--data", str(data)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found


@pytest.fixture
def zoe(data: Path) -> Account:
    async def make() -> Account:
        database = await open_database(data)
        made = await database.write(lambda tx: accounts.create(tx, "zoe", 5))
        await database.close()
        return made

    return asyncio.run(make())


def listed(data: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(data, "list", "--json").stdout.splitlines()]


def test_members_are_listed_with_what_is_known_of_them(data: Path, zoe: Account) -> None:
    [one] = listed(data)
    assert (one["id"], one["name"], one["role"], one["tier"]) == (zoe.id, "zoe", "member", "member")
    assert "password" not in one
    assert "zoe  member, tier member" in run(data, "list").stdout


def test_roles_and_tiers_change_and_the_last_operator_stays(data: Path, zoe: Account) -> None:
    run(data, "role", "ZOE", "operator")
    run(data, "tier", zoe.id, "visitor")
    [one] = listed(data)
    assert (one["role"], one["tier"]) == ("operator", "visitor")
    for words in (["role", "zoe", "member"], ["block", "zoe", "why"]):
        with pytest.raises(Conflict):
            run(data, *words)
    with pytest.raises(BadRequest, match="silver"):
        run(data, "tier", "zoe", "silver")


def test_somebody_is_kept_out_and_let_in_again(data: Path, zoe: Account) -> None:
    assert "kept out: too much" in run(data, "block", "zoe", "too much").stdout
    assert listed(data)[0]["blocked_why"] == "too much"
    run(data, "unblock", "zoe")
    assert listed(data)[0]["blocked_at"] is None
    empty = CliRunner().invoke(group, ["people", "block", "zoe", " ", "--data", str(data)])
    assert empty.exit_code == 2


@pytest.mark.parametrize("name", ["nobody", "", "' or 1=1 --", "member:x"])
def test_a_name_of_nobody_changes_nothing(data: Path, zoe: Account, name: str) -> None:
    for words in (["role", name, "operator"], ["block", name, "why"], ["link", "password", name]):
        with pytest.raises(NotFound):
            run(data, *words)
    assert listed(data)[0]["role"] == "member"


@pytest.mark.parametrize(
    ("words", "kind"),
    [(["invite"], "invite"), (["operator"], "operator"), (["password", "zoe"], "password")],
)
def test_a_link_is_printed_once_and_works(data: Path, zoe: Account, words: list[str], kind: str) -> None:
    printed = run(data, "link", *words, "--url", "https://ask.example.org").stdout.strip()
    page, _, token = printed.partition(f"#{kind}=")
    assert page == "https://ask.example.org/welcome"

    async def use() -> links.Link:
        database = await open_database(data)
        try:
            kinds: tuple[links.LinkKind, ...] = ("invite", "operator", "password")
            return await database.write(lambda tx: links.use(tx, token, kinds, now_us()))
        finally:
            await database.close()

    used = asyncio.run(use())
    assert used.kind == kind
    assert used.owner == (zoe.id if kind == "password" else None)


@pytest.mark.parametrize(
    "words", [["invite", "zoe"], ["password"], ["operator", "--tier", "member"], ["king"]]
)
def test_a_link_that_makes_no_sense_is_refused(data: Path, zoe: Account, words: list[str]) -> None:
    found = CliRunner().invoke(group, ["people", "link", *words, "--data", str(data)])
    assert found.exit_code == 2


def test_a_folder_without_a_site_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no site in"):
        run(tmp_path / "nothing", "list")
    assert not (tmp_path / "nothing").exists()


async def test_a_running_site_hears_of_it_at_its_next_look(running: RunningSite, data: Path) -> None:
    async with visitor(running.url) as client:
        async with client.post("/api/sign_up", json={"name": "zoe", "password": "correct horse"}) as reply:
            assert reply.status == 201
        await running.site.members.look()
        await asyncio.to_thread(run, data, "block", "zoe", "too much")
        await running.site.members.look()
        async with client.get("/api/me") as reply:
            assert reply.status == 403
            assert "too much" in (await reply.json())["error"]["message"]


async def test_serve_prints_the_first_operators_link_until_there_is_one(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine) as running:
        site, token = running.site, running.site.members.first_link
        line = json.loads(ready_json(site, running.url))
        assert line["operator_link"] == f"{running.url}/welcome#operator={token}"
        assert line["operator_link"] in ready_text(site, running.url)

        def first(tx: Connection) -> None:
            accounts.change_role(tx, accounts.create(tx, "boss", 5).id, "operator")

        await site.database.write(first)
    async with running_site(data, engine, assignments=("site.url=https://ask.example.org",)) as running:
        assert json.loads(ready_json(running.site, running.url))["operator_link"] is None
        assert "operator" not in ready_text(running.site, running.url)
