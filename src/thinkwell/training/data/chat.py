"""General talk that the base model answers itself: trained on, it keeps the model as it was.

The prompts lie beside in chat_prompts.toml: some as they are, some as forms with blanks to fill. Follow-ups
stand within one prompt, since a row is one question. Knows no engine; somebody gives what asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from random import Random

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.data.asker import Asker, Draw, Reply
from thinkwell.training.data.journal import Done, work_off
from thinkwell.training.languages import foreign_script
from thinkwell.training.loops import loops
from thinkwell.training.rows import Row


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``prompts`` as they are; each of ``forms`` with every way to fill its ``{blanks}``."""

    name: str
    language: str
    prompts: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    blanks: dict[str, tuple[str, ...]] = {}


class _Prompts(msgspec.Struct, forbid_unknown_fields=True):
    group: list[Group]


class Answered(msgspec.Struct, kw_only=True):
    questions: int = 0
    rows: int = 0
    tokens: int = 0
    dropped: Counter[str] = msgspec.field(default_factory=Counter)

    def text(self) -> str:
        reasons = "".join(f", {number} {why}" for why, number in self.dropped.most_common())
        kept = f"{self.questions} prompts answered, {self.rows} rows kept{reasons}"
        return f"{kept}; {self.tokens:,} tokens written."


@cache
def groups() -> tuple[Group, ...]:
    text = files("thinkwell.training.data").joinpath("chat_prompts.toml").read_text("utf-8")
    return tuple(msgspec.toml.decode(text, type=_Prompts).group)


def prompts_of(group: Group) -> Iterator[str]:
    yield from group.prompts
    for form in group.forms:
        names = [name for name in group.blanks if "{" + name + "}" in form]
        for filling in product(*(group.blanks[name] for name in names)):
            yield form.format(**dict(zip(names, filling, strict=True)))


def questions(languages: tuple[str, ...] = ("en", "fr"), count: int = 0, seed: int = 1) -> list[Row]:
    """Prompts of ``languages`` as rows without an answer, at most ``count`` (0: all).

    Those written out come first, then those of forms, each group giving its share in turn: with few prompts
    every kind of talk is there. Raises SetupError for a language that has none.
    """
    known = {group.language for group in groups()}
    if strange := [language for language in languages if language not in known]:
        raise SetupError(f"There are no prompts in {strange[0]!r}: {', '.join(sorted(known))} only.")
    random = Random(f"{seed}/chat")
    plain: list[Row] = []
    formed: list[list[Row]] = []
    for group in groups():
        if group.language in languages:
            rows = [_question(group, prompt) for prompt in prompts_of(group)]
            plain += rows[: len(group.prompts)]
            rest = rows[len(group.prompts) :]
            random.shuffle(rest)
            formed.append(rest)
    random.shuffle(plain)
    unique = {row.digest: row for row in [*plain, *_in_turn(formed)]}
    chosen = list(unique.values())
    return chosen[:count] if count else chosen


def _question(group: Group, prompt: str) -> Row:
    return Row(
        prompt=prompt, answer="", trace="", task=f"chat: {group.name}", language=group.language, source="chat"
    )


def _in_turn(groups: list[list[Row]]) -> Iterator[Row]:
    for place in range(max(map(len, groups), default=0)):
        for rows in groups:
            if place < len(rows):
                yield rows[place]


def why_not(row: Row, reply: Reply) -> str | None:
    """Why an answer is none to keep."""
    if not reply.answer:
        return "empty"
    if reply.thought:
        return "it thought, and general talk is without"
    if reply.finish == "length":
        return "cut off at its length"
    if loops(reply.answer):
        return "goes round in circles"
    return "in another script" if foreign_script(row.prompt, reply.answer) else None


async def answer(
    rows: list[Row],
    ask: Asker,
    *,
    out: Path,
    draw: Draw = Draw(max_tokens=320),  # noqa: B008 — frozen
    at_once: int = 8,
    told: Callable[[Answered], None] = lambda _: None,
) -> Answered:
    """Writes ``out`` for a part of kind chat. At temperature 0 the model's most likely answer: what it says
    already, so that learning it moves nothing. Raises SetupError where the engine gives no answer."""
    total = Answered()

    async def solve(row: Row) -> Done:
        reply = await ask(row.prompt, draw)
        why = why_not(row, reply)
        return Done(
            digest=row.digest,
            rows=[] if why else [msgspec.structs.replace(row, answer=reply.answer)],
            dropped={why: 1} if why else {},
            samples=1,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
        )

    def count(done: Done) -> None:
        total.questions += 1
        total.rows += len(done.rows)
        total.tokens += done.completion_tokens
        total.dropped.update(done.dropped)
        told(total)

    await work_off(rows, solve, out=out, at_once=at_once, count=count)
    return total
