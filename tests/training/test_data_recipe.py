"""A data set is what its parts say, less what must not be learnt, and everything left out is told."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.training.data.heldout import Kept, is_held_out
from thinkwell.training.data.parts import (
    ChatPart,
    DataPart,
    DataRecipe,
    FilePart,
    SitePart,
    TaskPart,
    TeacherPart,
)
from thinkwell.training.data.questions import near_key
from thinkwell.training.data.recipe import Built, build
from thinkwell.training.rows import Row, read_rows, write_rows


class Adding:
    """Sums of two numbers, the harder the larger."""

    name, levels, languages = "adding", 3, ("en", "fr")

    def make(self, random: Random, level: int, language: str) -> Row:
        one, other = random.randrange(10 * 6**level), random.randrange(10 * 6**level)
        ask = random.choice(
            {"en": ["What is {} + {}?", "Add: {} + {}"], "fr": ["Combien font {} + {} ?"]}[language]
        )
        text = f"{one} + {other} = {one + other}"
        return Row(
            prompt=ask.format(one, other), answer=str(one + other), trace=text, verifier="int",
            task=self.name, level=level, language=language, source="made",
        )  # fmt: skip


class Counting:
    """It can ask twenty questions and no more."""

    name, levels, languages = "counting", 1, ("en",)

    def make(self, random: Random, level: int, language: str) -> Row:
        letters = "a" * random.randrange(1, 21)
        return Row(
            prompt=f"How long is {letters}?", answer=str(len(letters)), trace="I count.", task=self.name
        )


TASKS = {"adding": Adding(), "counting": Counting()}


def count(text: str) -> int:
    return len(text.split())


def chat(number: int) -> list[Row]:
    answer = "I am glad to help you with that, and here is how."
    return [
        Row(prompt=f"Tell me about thing {place}.", answer=answer, trace="", task="chat", source="chat")
        for place in range(number)
    ]


def own(number: int) -> list[Row]:
    return [
        Row(prompt=f"Who lives in house {place} of our street?", answer=f"person {place}", trace="I look.")
        for place in range(number)
    ]


def made(folder: Path, *parts: DataPart, files: dict[str, list[Row]] | None = None, **more: object) -> Built:
    for name, rows in ({"chat.jsonl": chat(200)} | (files or {})).items():
        write_rows(folder / name, rows)
    recipe = DataRecipe(parts=parts, **more)  # type: ignore[arg-type]
    return build(recipe, folder / "run", base=folder, count=count, tasks=TASKS)


def read(folder: Path) -> tuple[list[Row], list[Row]]:
    data = folder / "run" / "data"
    return list(read_rows(data / "train.jsonl")), list(read_rows(data / "eval.jsonl"))


PARTS = st.lists(
    st.one_of(
        st.builds(
            TaskPart,
            names=st.sampled_from([("adding",), ("counting",), ("adding", "counting")]),
            count=st.integers(1, 60),
        ),
        st.just(FilePart(path="own.jsonl")),
        st.just(TeacherPart(path="own.jsonl", count=20)),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, deadline=None)
@given(PARTS, st.integers(0, 5), st.sampled_from(["mixed", "easy_first"]), st.sampled_from([20, 200]))
def test_no_question_of_an_evaluation_is_ever_trained_on(
    parts: list[DataPart], seed: int, order: str, held_out: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "exam.jsonl", [Row(prompt="Was ist 3 + 4?", answer="7"), *own(60)[50:]])
        both = [*parts, ChatPart()]
        built = made(
            folder, *both, files={"own.jsonl": own(60)}, seed=seed, order=order, held_out=held_out,
            evaluation=30, evaluation_files=("exam.jsonl",),
        )  # fmt: skip
        train, evaluation = read(folder)
        exam = list(read_rows(folder / "exam.jsonl"))
        kept = Kept([*evaluation, *exam])
        assert all(kept.why_not(row) is None for row in train)
        assert not any(is_held_out(row, held_out) for row in train if row.source != "chat")
        assert {near_key(row.prompt) for row in train}.isdisjoint(
            near_key(row.prompt) for row in [*evaluation, *exam]
        )
        assert built.train.rows == len(train)
        assert built.train.chat_tokens <= 0.25


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    parts = (TaskPart(names=("adding",), count=200), FilePart(path="own.jsonl", count=20), ChatPart())
    hashes = []
    for place, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(place)
        folder.mkdir()
        built = made(folder, *parts, files={"own.jsonl": own(60)}, seed=seed)
        data = folder / "run" / "data"
        everything = b"".join(path.read_bytes() for path in sorted(data.iterdir()))
        hashes.append((built.hash, everything))
    assert hashes[0] == hashes[1]
    assert hashes[0][0] != hashes[2][0]


def test_a_task_gives_as_many_rows_as_asked_of_each_level_and_language(tmp_path: Path) -> None:
    made(tmp_path, TaskPart(names=("adding",), count=240, levels=(1, 2)), evaluation=40, held_out=100)
    train, evaluation = read(tmp_path)
    assert len(train) == 240
    for rows, each in ((train, 60), (evaluation, 10)):
        for level in (1, 2):
            for language in ("en", "fr"):
                assert sum((row.level, row.language) == (level, language) for row in rows) == each


def test_a_task_may_stand_in_two_parts_and_a_further_part_changes_no_other(tmp_path: Path) -> None:
    one, two = (tmp_path / name for name in ("one", "two"))
    part = TaskPart(names=("adding",), count=400, levels=(2,), languages=("en",))
    for folder, parts in ((one, (part,)), (two, (part, part))):
        folder.mkdir()
        made(folder, *parts, evaluation=10, held_out=100)
    first, both = ({row.prompt for row in read(folder)[0]} for folder in (one, two))
    assert len(both) == 800 and len(first & both) > 390  # but for what the second part holds out


def test_what_is_being_made_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    recipe = DataRecipe(parts=(TaskPart(names=("counting",), count=2),), held_out=100)
    build(recipe, tmp_path, base=tmp_path, count=count, tasks=TASKS, told=told.append)
    assert told == ["held out: counting, level 0, en", "counting, level 0, en"]


def test_a_task_that_has_nothing_new_to_ask_is_told(tmp_path: Path) -> None:
    built = made(tmp_path, TaskPart(names=("counting",), count=500), held_out=100)
    tally = built.tallies[0]
    assert tally.taken == built.train.rows <= 20
    assert "no more new ones" in tally.remarks[0]
    assert tally.dropped["asked before"] > 0
    assert "no more new ones" in (tmp_path / "run" / "data" / "report.md").read_text()


@pytest.mark.parametrize("by", ["tokens", "rows"])
@pytest.mark.parametrize("share", [0.2, 0.3])
def test_general_talk_has_its_share(tmp_path: Path, by: str, share: float) -> None:
    part = ChatPart(share=share, by=by)  # type: ignore[arg-type]
    built = made(tmp_path, TaskPart(names=("adding",), count=300, levels=(2,)), part)
    reached = built.train.chat_tokens if by == "tokens" else built.train.chat_rows
    assert share - 0.02 < reached <= share
    assert not any("General talk is" in warning for warning in built.warnings)
    train, _ = read(tmp_path)
    places = [place for place, row in enumerate(train) if row.source == "chat"]
    longest = max(later - place for place, later in pairwise(places))
    assert longest <= 3 * len(train) / len(places)  # spread, not heaped


def test_too_little_talk_is_said_and_repeated_only_as_often_as_allowed(tmp_path: Path) -> None:
    part = TaskPart(names=("adding",), count=300, levels=(2,))
    built = made(tmp_path, part, ChatPart(repeats=2), files={"chat.jsonl": chat(5)})
    assert built.train.repeated == 5
    assert "less than the 25% asked for" in built.warnings[0]
    assert "forget how to talk" in made(tmp_path, part).warnings[0]


def test_easy_questions_come_first_where_that_is_wanted(tmp_path: Path) -> None:
    made(tmp_path, TaskPart(names=("adding",), count=90), ChatPart(), order="easy_first")
    train, _ = read(tmp_path)
    levels = [row.level for row in train if row.source != "chat"]
    assert levels == sorted(levels)
    assert "chat" in {row.source for row in train[: len(train) // 4]}


def test_each_row_that_is_left_out_is_counted_under_its_reason(tmp_path: Path) -> None:
    rows = [
        Row(prompt="Where is Ada?", answer="here", trace="I look."),
        Row(prompt="where is  Ada?", answer="here", trace="I look."),
        Row(prompt="Where is Ada", answer="there", trace="I look."),
        Row(prompt="Where is Bob?", answer="here"),
        Row(prompt="Where is Cid?", answer="here", trace="word " * 50),
        Row(prompt="Combien font 3 + 4 ?", answer="7", trace="7"),
        Row(prompt="Where is the exam?", answer="here", trace="I look."),
    ]
    assert not any(is_held_out(row, 1) for row in rows)
    exam = [Row(prompt="where is the exam", answer="x"), Row(prompt="What is 3 + 4?", answer="7")]
    built = made(
        tmp_path, FilePart(path="mine.jsonl"), files={"mine.jsonl": rows, "exam.jsonl": exam},
        evaluation_files=("exam.jsonl",), held_out=1, max_tokens=40,
    )  # fmt: skip
    assert dict(built.tallies[0].dropped) == {
        "asked before": 1,
        "asked before, but for spacing, case or punctuation, with another answer": 1,
        "nobody wrote a thought for it": 1,
        "over 40 tokens": 1,
        "its sum is in an evaluation set": 1,
        "its question is in an evaluation set": 1,
    }
    report = (tmp_path / "run" / "data" / "report.md").read_text()
    assert all(f"- 1: {why}" in report for why in built.tallies[0].dropped)
    assert msgspec.json.decode((tmp_path / "run" / "data" / "data.json").read_bytes())["hash"] == built.hash


def test_rows_without_a_thought_serve_rewards(tmp_path: Path) -> None:
    bare = [msgspec.structs.replace(row, trace=None) for row in own(20)]
    built = made(tmp_path, FilePart(path="mine.jsonl"), files={"mine.jsonl": bare}, needs_trace=False)
    assert built.train.rows > 15
    with pytest.raises(SetupError, match=r"Nothing is left to learn from.*20 nobody wrote a thought"):
        made(tmp_path, FilePart(path="mine.jsonl"), files={"mine.jsonl": bare})


def test_a_file_that_shares_long_runs_of_words_with_an_evaluation_is_shown(tmp_path: Path) -> None:
    long = (
        "A farmer walks to the old market with {} hens and sells some of them to a friend. How many are left?"
    )
    mine = [Row(prompt=long.format("nine"), answer="4", trace="I count.")]
    exam = [Row(prompt=long.format("many"), answer="5")]
    built = made(
        tmp_path, SitePart(path="mine.jsonl"), files={"mine.jsonl": mine, "exam.jsonl": exam},
        evaluation_files=("exam.jsonl",), held_out=1,
    )  # fmt: skip
    assert built.train.rows == 1
    assert "1 questions share" in built.warnings[0] and "farmer" in built.warnings[0]


@pytest.mark.parametrize(
    ("parts", "more", "said"),
    [
        ((ChatPart(),), {}, "no part to learn from"),
        ((TaskPart(names=("adding",), count=1), ChatPart(), ChatPart()), {}, "more than one"),
        ((TaskPart(names=("adding",), count=0),), {}, r"part 1 \(task\): count"),
        ((TaskPart(names=(), count=3),), {}, "names is empty"),
        ((TaskPart(names=("adding",), count=3, languages=()),), {}, "languages is empty"),
        ((TaskPart(names=("adding",), count=3, levels=(-1,)),), {}, "begin at 0"),
        ((TaskPart(names=("adding",), count=3, levels=(9,)),), {}, "levels 0 to 2, not 9"),
        ((TaskPart(names=("adding",), count=3, languages=("de",)),), {}, "asks in en, fr only"),
        ((TaskPart(names=("flying",), count=3),), {}, "no task 'flying'. Known: adding, counting"),
        ((FilePart(path=" "),), {}, "path is empty"),
        ((FilePart(path="own.jsonl", count=-1),), {}, "cannot be negative"),
        ((FilePart(path="none.jsonl"),), {}, r"none\.jsonl cannot be read"),
        ((TaskPart(names=("adding",), count=3), ChatPart(share=0.95)), {}, "share has to be"),
        ((TaskPart(names=("adding",), count=3), ChatPart(repeats=0)), {}, "repeats"),
        ((TaskPart(names=("adding",), count=3), ChatPart(path="own.jsonl")), {}, "source is not chat"),
        ((TaskPart(names=("adding",), count=3),), {"held_out": 0}, "thousandths"),
        ((TaskPart(names=("adding",), count=3),), {"evaluation": -1}, "negative"),
        ((TaskPart(names=("adding",), count=3),), {"max_tokens": 3}, "at least 16"),
    ],
)
def test_what_cannot_be_meant_is_said(
    tmp_path: Path, parts: tuple[DataPart, ...], more: dict[str, object], said: str
) -> None:
    with pytest.raises(SetupError, match=said):
        made(tmp_path, *parts, files={"own.jsonl": own(3)}, **more)


def test_parts_are_read_from_the_toml_of_a_run() -> None:
    text = '[[parts]]\nkind = "task"\nnames = ["adding"]\ncount = 5\n[[parts]]\nkind = "chat"\nshare = 0.3\n'
    recipe = msgspec.toml.decode(text, type=DataRecipe)
    assert recipe.parts == (TaskPart(names=("adding",), count=5), ChatPart(share=0.3))
