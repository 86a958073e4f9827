"""Publishing an adapter to a running site: onto its shelf, on trial, compared with the one of now, in its
place.

Talks to the operators' routes (docs/adapters.md) with an operator's key, and says each step as it is taken.
The file is copied into the site's data folder, so that this runs where the site does. Knows no training.
"""

from __future__ import annotations

import filecmp
import http.client
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import replacing
from thinkwell.models.adapter import CARD_SUFFIX, NAME

HERE = "/api/operator/adapters"
TIMEOUT_S = 600.0  # to load an adapter, all smoke prompts included
LOOK_EVERY_S = 2.0
# The part of its turns that may fail more often than those of the one of now.
WORSE = 0.02

Say = Callable[[str], None]
Json = dict[str, Any]


class Smoke(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As the site asks it: what its answer must contain, and whether there must be a thought."""

    prompt: str
    contains: tuple[str, ...] = ()
    thinks: bool = False
    max_tokens: int = 512


class Publishing(msgspec.Struct, frozen=True, kw_only=True):
    """``adapter`` (with its card beside it) goes to the site at ``url``, whose data folder is ``data``, under
    ``name``. It gets ``percent`` of the turns until it has answered ``turns``, for ``wait_s`` at most."""

    adapter: Path
    data: Path
    name: str
    url: str
    key: str
    smoke: tuple[Smoke, ...] = ()
    percent: float = 20.0
    turns: int = 20
    wait_s: float = 600.0


def read_smoke(path: Path) -> tuple[Smoke, ...]:
    """Of JSON Lines. Raises SetupError, with the line."""
    found = []
    decoder = msgspec.json.Decoder(Smoke)
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                found.append(decoder.decode(line))
            except msgspec.MsgspecError as problem:
                raise SetupError(f"{path}, line {number}: {problem}.") from None
    return tuple(found)


def publish(
    wanted: Publishing,
    say: Say,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """True where it answers from now on; False where it was given up, which was said. Raises SetupError."""
    site = look_for(wanted)  # before anything is copied
    put_on_shelf(wanted.adapter, wanted.data, wanted.name)
    say(f"copied to {wanted.data / 'adapters' / wanted.name}.gguf")
    smoke = [msgspec.to_builtins(one) for one in wanted.smoke]
    tried = site.ask("POST", f"{HERE}/candidate", {"name": wanted.name, "smoke": smoke})
    for one in tried["smoke"]:
        lack = f"; missing: {', '.join(one['missing'])}" if one["missing"] else ""
        say(f"smoke: {one['prompt'][:60]!r} -> {one['answer'].strip()[:60]!r}{lack}")
    if not tried["passed"]:
        say("a smoke prompt failed: given up, nobody was answered by it")
        return False
    say(f"on trial after {tried['took_ms'] / 1000:.2f} s")
    try:
        good = wanted.percent == 0 or _on_trial(site, wanted, tried["adapters"], say, sleep, clock)
    except BaseException:
        site.ask("POST", f"{HERE}/rollback")
        say("rolled back")
        raise
    site.ask("POST", f"{HERE}/{'complete' if good else 'rollback'}")
    say(f"{wanted.name} answers all turns from now on" if good else "rolled back")
    return good


def look_for(wanted: Publishing) -> _Operators:
    """The site, which is there and obeys. Raises SetupError."""
    site = _Operators(wanted.url, wanted.key)
    site.ask("GET", HERE)
    return site


def put_on_shelf(adapter: Path, data: Path, name: str) -> None:
    """Whole or not at all, and never over another of that name: the site may be answering with it, and would
    go on with other weights after a restart of its engine. Raises SetupError."""
    if NAME.fullmatch(name) is None:
        raise SetupError(
            f"{name!r} is no name for an adapter; write small letters, digits, '.', '_' and '-'."
        )
    folder = data / "adapters"
    card = adapter.with_name(adapter.stem + CARD_SUFFIX)
    pairs = [(card, folder / f"{name}{CARD_SUFFIX}")] if card.exists() else []
    pairs.append((adapter, folder / f"{name}.gguf"))
    try:
        folder.mkdir(exist_ok=True)
        for source, target in pairs:
            if target.exists() and not filecmp.cmp(source, target, shallow=False):
                raise SetupError(f"There is another {target.name} in {folder}; choose another name.")
        for source, target in pairs:
            with source.open("rb") as found, replacing(target) as new:
                shutil.copyfileobj(found, new)
    except OSError as problem:
        raise SetupError(f"The adapter cannot be copied to {folder}: {problem.strerror}.") from None


def verdict(before: Json, now: Json) -> str | None:
    """Why the one on trial is not good enough; None where it is. Counted since the trial began."""
    trial, current = now["candidate"], now["current"]
    if trial["state"] != "ready":
        return f"its engine is {trial['state']}"
    turns = max(1, current["turns"] - before["current"]["turns"])
    failed = sum(current["failed"].values()) - sum(before["current"]["failed"].values())
    mine = sum(trial["failed"].values()) / max(1, trial["turns"])
    if mine > failed / turns + WORSE:
        return f"{100 * mine:.0f} % of its turns failed, of the others {100 * failed / turns:.0f} %"
    return None


def _on_trial(
    site: _Operators,
    wanted: Publishing,
    before: Json,
    say: Say,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> bool:
    now = site.ask("POST", f"{HERE}/share", {"percent": wanted.percent})
    say(f"{wanted.percent:g} % of new turns go to it, until it has answered {wanted.turns}")
    until = clock() + wanted.wait_s
    while True:
        why = verdict(before, now)
        if why is not None:
            say(f"not good enough: {why}")
            return False
        if now["candidate"]["turns"] >= wanted.turns:
            say(f"it: {_told(now['candidate'])}; the one of now: {_told(now['current'])}")
            return True
        if clock() > until:
            say(f"only {now['candidate']['turns']} turns in {wanted.wait_s:g} s: too few to tell")
            return False
        sleep(LOOK_EVERY_S)
        now = site.ask("GET", HERE)


def _told(one: Json) -> str:
    thought, answer = one["mean_reasoning_tokens"] or 0, one["mean_answer_tokens"] or 0
    failed = sum(one["failed"].values())
    return f"{one['turns']} turns, {failed} failed, {thought:.0f} + {answer:.0f} tokens a turn"


class _Operators:
    """The operators' routes of one site."""

    def __init__(self, url: str, key: str) -> None:
        self._parts = urlsplit(url)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise SetupError(f"{url!r} is no address of a site; write http://127.0.0.1:8080.")
        self._key = key

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """Raises SetupError with what the site says against it."""
        parts = self._parts
        secure = parts.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        try:
            connection.request(
                method, path, None if body is None else msgspec.json.encode(body), headers=headers
            )
            reply = connection.getresponse()
            said = msgspec.json.decode(reply.read(), type=Json)
        except (OSError, http.client.HTTPException) as problem:
            raise SetupError(f"The site at {parts.geturl()} does not answer ({problem}); start it.") from None
        except msgspec.MsgspecError:
            raise SetupError(f"What answers at {parts.geturl()} is no site of ours.") from None
        finally:
            connection.close()
        if reply.status != 200:
            told = said.get("error", {}).get("message", reply.status)
            raise SetupError(f"The site refuses: {told}")
        return said
