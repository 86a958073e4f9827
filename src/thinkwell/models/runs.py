"""Training runs as their folders tell of them: for people who look, never for the training itself.

A run's folder (training/folder.py writes it) has ``run.json``, ``metrics.jsonl``, ``data/data.json``,
``eval-….json`` and ``talk.json``. The site that serves reads them by itself: it may stand where nothing of
training is installed. What cannot be read is told by file and code, and the rest is shown.
Blocks: to be called in a thread.
"""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from thinkwell.errors import NotFound
from thinkwell.models.metrics import Metrics, Stage
from thinkwell.models.runfiles import folders_in, opened, whole

# A name is one folder's, and begins with a letter or digit: no way up, nothing hidden.
NAME = re.compile(r"[^\W_][\w .+-]{0,99}")
EVALUATION = re.compile(r"eval-[\w .+-]{1,100}\.json")
MOST_RUNS = 200
MOST_ENTRIES = 10_000
MOST_EVALUATIONS = 40
BUDGET = 16 << 20
TOLD_BYTES = 1 << 20
# With every answer; what is kept of them is the table.
ANSWERS_BYTES = 64 << 20

Problem = Literal["damaged", "too_large", "unreadable"]
Share = Annotated[float, Meta(ge=0, le=1)]
Amount = Annotated[float, Meta(ge=0, le=2**53)]
Read = TypeVar("Read")
Shown = TypeVar("Shown")


class Cost(msgspec.Struct, frozen=True):
    per_hour: float = 0.0
    currency: str = "EUR"


class Told(msgspec.Struct, frozen=True):
    """Of ``run.json``, what is shown."""

    name: str = ""
    title: str = ""
    base: str = ""
    cost: Cost = Cost()


class Rows(msgspec.Struct, frozen=True):
    rows: Amount = 0
    tokens: Amount = 0


class Data(msgspec.Struct, frozen=True):
    """Of ``data.json``, likewise."""

    train: Rows = Rows()
    evaluation: Rows = Rows()
    hash: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Of one group of ``count`` questions."""

    name: str
    count: Amount
    strict: Share
    low: Share
    high: Share
    lenient: Share = 0.0
    form: Share = 0.0
    cut: Share = 0.0
    tokens: Amount = 0.0


class Evaluation(msgspec.Struct, frozen=True):
    table: list[Line]
    settings: dict[str, Any] = {}


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``count`` everyday answers."""

    name: str
    count: Amount
    same: Share = 0.0
    words: Share = 0.0
    thought: Share = 0.0
    circles: Share = 0.0
    tokens: Amount = 0.0


class Talked(msgspec.Struct, frozen=True):
    table: list[Talk]


class Run:
    """Of one folder, what was read so far; files that did not change are not read again."""

    def __init__(self, root: Path, name: str) -> None:
        self.folder = root / name
        self.name = name
        self.metrics = Metrics()
        self.written_ns = 0
        self.problems: dict[str, Problem] = {}
        self._root = root
        self._kept: dict[tuple[str, ...], tuple[tuple[int, int, int], Any]] = {}

    @property
    def told(self) -> Told:
        return self._read(("run.json",), Told, TOLD_BYTES) or Told()

    @property
    def data(self) -> Data | None:
        return self._read(("data", "data.json"), Data, TOLD_BYTES)

    @property
    def talk(self) -> list[Talk]:
        found = self._read(("talk.json",), Talked, ANSWERS_BYTES)
        return [] if found is None else found.table

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """By what was evaluated and how it was asked."""
        try:
            names = [name for name in os.listdir(self.folder) if EVALUATION.fullmatch(name)]
        except OSError:
            return {}
        found = {}
        for name in sorted(names)[:MOST_EVALUATIONS]:
            one = self._read((name,), Evaluation, ANSWERS_BYTES)
            if one is not None:
                found[name.removeprefix("eval-").removesuffix(".json")] = one
        return found

    @property
    def stages(self) -> list[Stage]:
        return list(self.metrics.stages.values())

    def go_on(self, budget: int) -> int:
        """Reads what was added to the metrics; how many bytes."""
        try:
            with opened(self._root, self.name, "metrics.jsonl") as file:
                self.written_ns = max(self.written_ns, os.fstat(file.fileno()).st_mtime_ns)
                self.problems.pop("metrics.jsonl", None)
                return self.metrics.read(file, budget)
        except FileNotFoundError:
            self.metrics = Metrics()
        except OSError:
            self.problems["metrics.jsonl"] = "unreadable"
        return 0

    def _read(self, names: tuple[str, ...], kind: type[Read], most: int) -> Read | None:
        path = "/".join(names)
        self.problems.pop(path, None)
        try:
            with opened(self._root, self.name, *names) as file:
                status = os.fstat(file.fileno())
                state = (status.st_ino, status.st_size, status.st_mtime_ns)
                self.written_ns = max(self.written_ns, status.st_mtime_ns)
                before, found = self._kept.get(names, (None, None))
                if before != state:
                    found = _decoded(whole(file, most), kind)
                    self._kept[names] = (state, found)
            if found is None:
                self.problems[path] = "damaged"
            return found if isinstance(found, kind) else None
        except FileNotFoundError:
            return None
        except OSError as problem:
            self.problems[path] = "too_large" if problem.errno == errno.EFBIG else "unreadable"
            return None


def _decoded(text: bytes, kind: type[Read]) -> Read | None:
    """None where it is not of that kind."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class Runs:
    """Those in ``roots``; of two with the same name the one of the first root. One look at a time."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(dict.fromkeys(roots))
        self._known: dict[str, Run] = {}
        self._lock = threading.Lock()

    def all(self, told: Callable[[Run], Shown]) -> list[Shown]:
        """What ``told`` makes of each: the last written first; of many only those that changed last."""
        with self._lock:
            places = self._places()
            self._known = {
                name: run for name, run in self._known.items() if places.get(name) == run.folder.parent
            }
            budget = BUDGET
            for name, root in places.items():
                run = self._known.setdefault(name, Run(root, name))
                budget -= run.go_on(max(0, budget))
            shown = [(run, told(run)) for run in self._known.values()]
            return [one for run, one in sorted(shown, key=lambda both: (-both[0].written_ns, both[0].name))]

    def one(self, name: str, told: Callable[[Run], Shown]) -> Shown:
        """Raises NotFound."""
        with self._lock:
            root = next((root for root in self.roots if _is_run(root, name)), None)
            if root is None:
                raise NotFound("There is no such run in the folder of runs.")
            run = self._known.get(name)
            if run is None or run.folder.parent != root:
                run = Run(root, name)
                if len(self._known) < MOST_RUNS:
                    self._known[name] = run
            run.go_on(BUDGET)
            return told(run)

    def _places(self) -> dict[str, Path]:
        found: dict[str, tuple[Path, int]] = {}
        for root in self.roots:
            for name, changed in folders_in(root, MOST_ENTRIES):
                if name not in found and _is_run(root, name):
                    found[name] = (root, changed)
        newest = sorted(found, key=lambda name: -found[name][1])[:MOST_RUNS]
        return {name: found[name][0] for name in newest}


def _is_run(root: Path, name: str) -> bool:
    """Something was begun there."""
    if not NAME.fullmatch(name):
        return False
    try:
        with opened(root, name, "run.json"):
            return True
    except FileNotFoundError:
        return False
    except OSError:
        # There, and no plain file, or none that may be read: it is shown with that problem.
        return (root / name).is_dir() and not (root / name).is_symlink()
