"""Stored responses: their owner's alone, for a time, and gone when they are deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection

from thinkwell.conversations import responses
from thinkwell.conversations.responses import Kept
from thinkwell.errors import NotFound, PromptTooLong
from thinkwell.store.database import FILE_NAME


@pytest.fixture
def tx(data: Path):  # type: ignore[no-untyped-def]
    engine = create_engine(f"sqlite:///{data / FILE_NAME}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def keep(
    tx: Connection, name: str, previous: str | None = None, *, owner: str = "ann", at: int = 100
) -> None:
    responses.keep(tx, owner, Kept(id=name, previous_id=previous, body=name.encode()), at)


def test_a_chain_comes_oldest_first_and_leaves_other_branches_out(tx: Connection) -> None:
    keep(tx, "a")
    keep(tx, "b", "a")
    keep(tx, "c", "b")
    keep(tx, "other", "a")
    assert responses.chain(tx, "c", "ann", 0) == [b"a", b"b", b"c"]
    assert responses.chain(tx, "a", "ann", 0) == [b"a"]
    assert responses.read(tx, "b", "ann", 0) == Kept(id="b", previous_id="a", body=b"b")


@pytest.mark.parametrize("name", ["a", "c", "nothing"])
def test_another_owners_are_as_unknown_as_those_that_are_not_there(tx: Connection, name: str) -> None:
    keep(tx, "a")
    keep(tx, "c", "a")
    for look in (responses.read, responses.chain):
        with pytest.raises(NotFound) as caught:
            look(tx, name, "bob", 0)
        with pytest.raises(NotFound) as unknown:
            look(tx, "never", "bob", 0)
        assert caught.value.message == unknown.value.message
    with pytest.raises(NotFound):
        responses.remove(tx, name, "bob")
    assert responses.chain(tx, "c", "ann", 0) == [b"a", b"c"]


def test_a_chain_through_another_owners_response_is_not_followed(tx: Connection) -> None:
    keep(tx, "hers")
    keep(tx, "his", "hers", owner="bob")
    with pytest.raises(NotFound):
        responses.chain(tx, "his", "bob", 0)


def test_a_deleted_response_breaks_the_chain_and_leaves_the_rest(tx: Connection) -> None:
    keep(tx, "a")
    keep(tx, "b", "a")
    keep(tx, "c", "b")
    responses.remove(tx, "b", "ann")
    with pytest.raises(NotFound):
        responses.chain(tx, "c", "ann", 0)
    assert responses.read(tx, "c", "ann", 0).body == b"c"
    assert responses.chain(tx, "a", "ann", 0) == [b"a"]


def test_what_is_gone_on_from_stays_as_long_as_what_goes_on(tx: Connection) -> None:
    later = 100 + 5 * responses.EXACT_TO_US
    keep(tx, "a", at=100)
    keep(tx, "idle", at=100)
    keep(tx, "b", "a", at=200)
    keep(tx, "c", "b", at=later)
    assert responses.chain(tx, "b", "ann", later) == [b"a", b"b"]
    with pytest.raises(NotFound):
        responses.read(tx, "idle", "ann", later)  # its time is over, housekeeping or not
    assert tx.scalars(responses.unused_since(later)).all() == ["idle"]
    responses.remove(tx, "idle", "ann")
    assert responses.chain(tx, "b", "ann", 0) == [b"a", b"b"]
    with pytest.raises(NotFound):
        responses.read(tx, "idle", "ann", 0)


def test_a_chain_of_too_many_or_too_much_is_too_long(tx: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "MOST_LINKS", 3)
    for number in range(5):
        keep(tx, str(number), str(number - 1) if number else None)
    assert len(responses.chain(tx, "2", "ann", 0)) == 3
    for name in ("3", "4"):
        with pytest.raises(PromptTooLong):
            responses.chain(tx, name, "ann", 0)
    monkeypatch.setattr(responses, "MOST_CHAIN_BYTES", 2)
    assert len(responses.chain(tx, "1", "ann", 0)) == 2
    with pytest.raises(PromptTooLong):
        responses.chain(tx, "2", "ann", 0)


def test_of_an_owner_with_too_much_the_least_recently_used_go(tx: Connection) -> None:
    for number in range(6):
        keep(tx, f"ann{number}", at=number)
        keep(tx, f"bob{number}", owner="bob", at=number)
    over = sorted(tx.scalars(responses.over(most_bytes=12)))
    assert over == [f"{owner}{number}" for owner in ("ann", "bob") for number in range(3)]
    for name in over:
        responses.remove(tx, name, name[:3])
    assert tx.scalars(responses.over(most_bytes=12)).all() == []


def test_a_long_chain_is_read_in_two_queries(tx: Connection) -> None:
    for number in range(300):
        keep(tx, str(number), str(number - 1) if number else None)
    asked: list[str] = []
    event.listen(tx, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert len(responses.chain(tx, "299", "ann", 0)) == 300
    assert len(asked) == 2
