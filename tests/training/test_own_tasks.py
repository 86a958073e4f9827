"""Our own tasks: each answer is right by its verifier, each thought is true, each language stays itself."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from random import Random

import pytest

from thinkwell.training.rows import Row
from thinkwell.training.scoring.countdown import value
from thinkwell.training.scoring.figures import figures_in
from thinkwell.training.tasks import TASKS, phrases
from thinkwell.training.tasks.own import OWN
from thinkwell.training.tasks.traces.claims import wrong_claims
from thinkwell.training.verifiers import verify


def words(text: str) -> set[str]:
    return set(text.split())


CASES = [
    (name, level, language)
    for name, task in OWN.items()
    for level in range(task.levels)
    for language in task.languages
]
every_case = pytest.mark.parametrize(("name", "level", "language"), CASES)
FRENCH = words(
    "le la les des du est combien et une dans pour je elle quel quelle font reste jour avec sur que qui"
)
ENGLISH = words("the is are how what which and of to with from have has for many much does each first left")


@cache
def rows(name: str, level: int, language: str) -> list[Row]:
    return [TASKS[name].make(Random(f"{name} {seed}"), level, language) for seed in range(200)]


def changed(row: Row) -> str:
    """An answer that looks like the row's and is wrong."""
    if row.verifier == "choice":
        options = [it for it in row.entry["options"] if it.casefold() != row.answer.casefold()]
        return str(options[0])
    if row.verifier == "countdown":
        return f"{row.answer} + 1"
    if row.verifier == "text" and not row.answer[-1].isdigit():
        return "1" + row.answer
    found = figures_in(row.answer)[-1]
    last = row.answer[found.end - 1]
    return row.answer[: found.end - 1] + str((int(last) + 1) % 10) + row.answer[found.end :]


@every_case
def test_its_own_answer_is_right_and_a_changed_one_is_wrong(name: str, level: int, language: str) -> None:
    for row in rows(name, level, language):
        assert verify(row.verifier, row.answer, row.answer, row.entry) == 1.0, row
        assert verify(row.verifier, row.answer, changed(row), row.entry) == 0.0, (row, changed(row))
        # 3,500 would be read as thousands.
        assert language == "en" or not re.search(r"\d,\d{3}(?!\d)", row.answer), row
        assert row.trace and row.prompt == row.prompt.strip() and row.answer == row.answer.strip()
        assert (row.task, row.level, row.language, row.source) == (name, level, language, "made")


def equations(trace: str) -> Iterator[str]:
    for line in trace.splitlines():
        plain = re.sub(r"(\d),(\d)", r"\1.\2", line)
        yield plain
        yield from re.split(r", | ?[:;] ", plain)


@every_case
def test_what_a_thought_computes_is_true(name: str, level: int, language: str) -> None:
    for row in rows(name, level, language):
        wrong = [it for line in equations(row.trace or "") for it in wrong_claims(line)]
        assert not wrong, (row, wrong)
        for left, sign, right in re.findall(
            r"(?<![\d./*+-])(\d+) ([<>]) (\d+)(?![\d./])", "\n".join(equations(row.trace or ""))
        ):
            assert (int(left) < int(right)) == (sign == "<"), row


@every_case
def test_a_language_stays_itself(name: str, level: int, language: str) -> None:
    foreign = FRENCH if language == "en" else ENGLISH
    for row in rows(name, level, language):
        used = set(re.findall(r"[^\W\d]{2,}", f"{row.prompt}\n{row.trace}\n{row.answer}".casefold()))
        assert not used & foreign, (row, used & foreign)
        if language == "fr":
            text = f"{row.prompt}\n{row.trace}"
            assert not re.search(r"[^\W\d][?!;:]|\d[!;:]|«\S|\S»", text), row
        assert (
            "  " not in row.prompt and not re.search(r" \.(?!\.\.)", row.prompt) and "{" not in row.prompt
        ), row


@every_case
def test_the_answer_follows_from_the_thought(name: str, level: int, language: str) -> None:
    """The number or the option that is answered stands in the thought already: nothing is left to leap to."""
    for row in rows(name, level, language):
        trace = re.sub(r"\[[^\]]*\] ", "", row.trace or "")
        if row.verifier in ("int", "number"):
            told = re.sub(r"r (\d)", r"r; \1", trace)  # "r" before a remainder
            known = {reading for it in figures_in(told) for reading in it.readings}
            # Where nothing is counted, no count is written.
            assert figures_in(row.answer)[-1].readings[0] in known or row.answer == "0", row
        elif row.verifier == "choice" and row.answer not in SAID_LAST:
            assert row.answer.casefold() in trace.casefold(), row


@pytest.mark.parametrize("name", OWN)
def test_the_same_seed_makes_the_same_row_and_questions_are_many(name: str) -> None:
    task = TASKS[name]
    top = task.levels - 1
    digests: set[str] = set()
    for language in task.languages:
        assert task.make(Random(7), top, language) == task.make(Random(7), top, language)
        digests |= {task.make(Random(f"many {seed}"), top, language).digest for seed in range(1000)}
    assert len(digests) > 1800


@pytest.mark.parametrize("name", OWN)
def test_a_level_or_a_language_that_is_none_is_refused(name: str) -> None:
    for level, language in ((-1, "en"), (TASKS[name].levels, "fr"), (0, "de")):
        with pytest.raises(ValueError, match=name):
            TASKS[name].make(Random(1), level, language)


def test_a_question_without_words_is_thought_about_without_words() -> None:
    """Nobody knows in which language it is asked; the answer may group thousands as its language does."""
    asked: dict[str, Row] = {}
    for row in (row for case in CASES for row in rows(*case)):
        other = asked.setdefault(row.digest, row)
        if other.language != row.language:
            assert other.trace == row.trace, (other, row)
    assert len(asked) > 5000


def test_thoughts_are_short() -> None:
    """A digit is a token, and most words and signs: an estimate without the tokenizer."""
    means = []
    for case in CASES:
        sizes = sorted(len(re.findall(r"\d|[^\W\d]+|[^\w\s]", row.trace or "")) for row in rows(*case))
        means.append(sum(sizes) / len(sizes))
        assert means[-1] <= 110 and sizes[int(0.95 * len(sizes))] <= 180, case
    assert sum(means) / len(means) <= 60


# The one leap of a thought about them: from what was found to what that is called.
SAID_LAST = {"Both", "Nobody", "Les deux", "Personne", "Unknown", "On ne sait pas", "Yes", "No", "Oui", "Non"}
THOUGHTS = words("DOWN UP SMALL_STEP WEEKS SAME_MONTH BIGGEST SMALLEST")
# Whose it is, what things they are, what French needs before a vowel, and of how many one is meant.
NOT_NEEDED = {
    "stories": set("gABC"),
    "stories_long": set("ghABC"),
    "counting": {"d"},
    "logic": {"n"},
    "comparison": {"y"},
}


def test_every_wording_of_a_question_asks_it_whole() -> None:
    count = 0
    for found in pkgutil.iter_modules(phrases.__path__):
        module = importlib.import_module(f"{phrases.__name__}.{found.name}")
        for name, said in vars(module).items():
            if isinstance(said, phrases.Phrases) and not name.endswith("THOUGHT") and name not in THOUGHTS:
                needed = [
                    frozenset(
                        map(
                            str.casefold,
                            set(re.findall(r"\{(\w)\}", text)) - NOT_NEEDED.get(found.name, set()),
                        )
                    )
                    for text in (*said.en, *said.fr)
                ]
                assert len(set(needed)) == 1, (name, needed)
                assert len(said.en) >= 2 and len(said.fr) >= 2
                count += 1
    assert count > 55


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_numbers_game_ends_in_its_target(language: str) -> None:
    for row in rows("numbers_game", 2, language):
        numbers, target = row.entry["numbers"], row.entry["target"]
        assert value(row.answer, numbers) == Fraction(target)
        assert 10 <= target <= 100 and len(numbers) in (3, 4)
        assert str(target) in row.prompt and all(str(n) in row.prompt for n in numbers)
