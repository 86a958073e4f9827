"""Verifiers accept an answer however it is printed, nothing beside it, and no text can hang them."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.training.scoring.figures import figures_in
from thinkwell.training.scoring.maths import MathChild
from thinkwell.training.scoring.patterns import bounded
from thinkwell.training.verifiers import check_verifier, extract, verify

NUMBERS = {"numbers": [19, 36, 55, 7], "target": 65}
DAYS = {"options": ["Monday", "Tuesday", "Sunday"]}


@pytest.mark.parametrize(
    ("verifier", "answer", "said", "entry"),
    [
        ("int", "95", "95", {}),
        ("int", "95", " = 95.", {}),
        ("int", "95", "37 + 58 = 95", {}),
        ("int", "95", "The answer is **95**.", {}),
        ("int", "-4", "−4", {}),
        ("int", "-4", "3 - 7 = -4", {}),
        ("int", "4", "10-6=4", {}),
        ("int", "12,500", "12 500", {}),
        ("int", "12\u00a0500", "12,500", {}),
        ("int", "12500", "12\u202f500 €", {}),
        ("int", "30 %", "30%", {}),
        ("int", "3500", "3,500", {}),
        ("number", "2,5 km", "2.5 km", {}),
        ("number", "3,500", "3500 g", {}),
        ("number", "0,125", "0.125", {}),
        ("number", "3/4", "0.75", {}),
        ("number", "1 234,5", "1,234.5", {}),
        ("number", "$4.50", "4,50 $", {}),
        ("number", "7", r"\boxed{7}", {}),
        ("text", "2 h 45 min", "2\u00a0h 45 min.", {}),
        ("text", "L’été", "l'été", {}),
        ("choice", "Monday", "monday", DAYS),
        ("choice", "Monday", "(A)", DAYS),
        ("choice", "Monday", "b.", {"options": ["Tuesday", "Monday"]}),
        ("choice", "Monday", "It is a Monday.", DAYS),
        ("choice", "9.9", "9.9", {"options": ["9.11", "9.9"]}),
        ("choice", "9.9", "9.9 is larger.", {"options": ["9.11", "9.9"]}),
        ("countdown", "", "55 + 36 - 19 - 7", NUMBERS),
        ("countdown", "", "(55 + 36) − 19 − 7 = 65", NUMBERS),
        ("countdown", "", "65 = 55+36-19-7", NUMBERS),
        ("regex:[0-9]+ km", "", "12 km", {}),
        (r"regex:\d{1,3}(?: \d{3})*", "", "12 000 500", {}),
        ("python:operator.eq", "", "", {}),
    ],
)
def test_what_is_right_is_right(verifier: str, answer: str, said: str, entry: dict[str, Any]) -> None:
    if verifier == "python:operator.eq":
        verifier = "python:tests.training.test_verifiers.always"
    assert verify(verifier, answer, said, entry) == 1.0


def always(answer: str, said: str, entry: dict[str, Any]) -> float:
    return 7.5


def broken(answer: str, said: str, entry: dict[str, Any]) -> float:
    raise KeyError("no such field")


def wordy(answer: str, said: str, entry: dict[str, Any]) -> str:
    return "fine"


@pytest.mark.parametrize(
    ("verifier", "answer", "said", "entry"),
    [
        ("int", "95", "96", {}),
        ("int", "95", "", {}),
        ("int", "95", "95 or 96", {}),
        ("int", "96", "95 or 96", {}),
        ("int", "95", "95 96", {}),
        ("int", "95", "-95", {}),
        ("int", "95", "9.5", {}),
        ("int", "95", "95e3", {}),
        ("int", "95", "ninety-five", {}),
        ("int", "95", "95, and here is much more that nobody has asked for, whatever it is", {}),
        ("int", "1234", "1.234", {}),
        ("number", "2,5", "25", {}),
        ("number", "2.5", "2.50.1", {}),
        ("text", "yes", "yes and no", {}),
        ("choice", "Monday", "Monday or Sunday", DAYS),
        ("choice", "Monday", "c", DAYS),
        ("choice", "9.11", "9.1", {"options": ["9.11", "9.9"]}),
        ("choice", "9", "9.5", {"options": ["9", "8"]}),
        ("countdown", "", "55 + 36 - 19 - 6", NUMBERS),
        ("countdown", "", "55 + 36 - 26", NUMBERS),
        ("countdown", "", "65", NUMBERS),
        ("countdown", "", "55 + 36 - 19 - 7 + 7 - 7", NUMBERS),
        ("countdown", "", "19 + 36 + 55 + 7 = 65", NUMBERS),
        ("countdown", "", "36 // 19 * 55 + 7", NUMBERS),
        ("countdown", "", "__import__('os')", NUMBERS),
        ("countdown", "", "7 / (19 - 19) + 36 + 55", {"numbers": [7, 19, 19, 36, 55], "target": 3}),
        ("regex:[0-9]+", "", "12 km", {}),
    ],
)
def test_what_is_wrong_is_wrong(verifier: str, answer: str, said: str, entry: dict[str, Any]) -> None:
    assert verify(verifier, answer, said, entry) == 0.0


@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.sampled_from(["en", "fr"]), st.booleans())
def test_numbers_printed_in_both_languages_are_read_again(
    n: int, places: int, language: str, grouped: bool
) -> None:
    value = Fraction(n, 10**places)
    text = f"{abs(n) // 10**places:{',' if grouped else ''}}"
    text = text.replace(",", "\u00a0") if language == "fr" else text
    if places:
        text += ("," if language == "fr" else ".") + f"{abs(n) % 10**places:0{places}}"
    text = ("-" if n < 0 else "") + text
    found = figures_in(f"= {text} km.")
    assert len(found) == 1 and value in found[0].readings
    assert verify("number", text, text) == 1.0
    assert verify("number", text, f"It is {text} €.") == 1.0


def test_a_lenient_reading_takes_the_last_number_or_option() -> None:
    talk = "We first see 12, then 37 + 58. The sum is 95, which is what you asked for; I hope that this helps you a lot!"
    assert verify("int", "95", talk) == 0.0
    assert verify("int", "95", talk, lenient=True) == 1.0
    assert verify("choice", "Sunday", "Not Monday, so Sunday, I believe.", DAYS) == 0.0
    assert verify("choice", "Sunday", "Not Monday, so Sunday, I believe.", DAYS, lenient=True) == 1.0
    assert verify("text", "2 h 45 min", "It takes 2 h 45 min in all.", lenient=True) == 1.0
    assert verify("countdown", "", "So 1 + 2 fails; 55 + 36 - 19 - 7 is it.", NUMBERS, lenient=True) == 1.0


HOSTILE = [
    "9**9**9",
    "9**9**9**9 = 65",
    "(" * 5000 + "1" + ")" * 5000,
    "(" * 99 + "1" + ")" * 99,
    "-" * 190 + "1",
    "1+" * 99 + "1",
    "9" * 100_000,
    "9" * 399,
    "1,234" * 5000,
    "1 234 " * 60,
    "1.2.3.4." * 40,
    "1/" * 190,
    "1/0",
    "\u0663\u0664",
    "²³",
    "\x00",
    "a" * 100_000,
    "((((" * 50,
    "{" * 300,
    "\ud800",
    "Monday " * 3000,
    "<think>" * 5000,
    "</think>" * 5000,
    "<think></think>" * 1000,
]


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("verifier", ["int", "number", "text", "choice", "countdown", "regex:(ab|cd)?c+d*"])
@pytest.mark.timeout(5)
def test_no_text_hangs_or_raises(verifier: str, said: str) -> None:
    for lenient in (False, True):
        assert verify(verifier, "77", said, {**NUMBERS, **DAYS}, lenient=lenient) == 0.0
        read = extract(said, strict=not lenient)
        assert verify(verifier, "77", read.answer, {**NUMBERS, **DAYS}, lenient=lenient) == 0.0


@given(st.text(), st.sampled_from(["int", "number", "text", "choice", "countdown"]), st.booleans())
def test_any_text_has_a_score(said: str, verifier: str, lenient: bool) -> None:
    assert verify(verifier, "77", said, {**NUMBERS, **DAYS}, lenient=lenient) in (0.0, 1.0)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|aa)+b",
        "(a?b?)*c",
        "(?:a*)*",
        r"(a)\1",
        ".*.*.*x",
        "a{1,400}b{1,400}c{1,400}",
        "a?" * 30 + "b",
    ],
)
@pytest.mark.timeout(5)
def test_a_pattern_that_could_take_long_is_refused(pattern: str) -> None:
    with pytest.raises(SetupError, match="very long"):
        verify(f"regex:{pattern}", "", "a" * 300)


@pytest.mark.timeout(5)
def test_the_slowest_pattern_allowed_ends() -> None:
    assert bounded("a*a*b").fullmatch("a" * 400) is None


@pytest.mark.parametrize(
    "verifier", ["regex:(", "regex:" + "a" * 400, "numbers", "regex:", "python:", "rg:", ""]
)
def test_a_verifier_that_is_none_says_so(verifier: str) -> None:
    with pytest.raises(SetupError):
        check_verifier(verifier)


def test_the_operators_own_function_is_asked_and_named_where_it_fails() -> None:
    here = "python:tests.training.test_verifiers"
    check_verifier(f"{here}.always")
    for name, said in (("broken", "no such field"), ("wordy", "fine")):
        with pytest.raises(SetupError, match=f"{name}.*{said}"):
            verify(f"{here}.{name}", "a", "b")
    for name in ("missing", "HOSTILE"):
        with pytest.raises(SetupError, match=name):
            check_verifier(f"{here}.{name}")
    with pytest.raises(SetupError, match="no_such_module"):
        check_verifier("python:no_such_module.score")


def test_math_says_how_to_install_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thinkwell.training.scoring.maths.find_spec", lambda name: None)
    with pytest.raises(SetupError, match="pip install math-verify"):
        verify("math", "1/2", "0.5")


def test_a_child_that_hangs_or_dies_is_a_wrong_answer_and_the_next_question_is_answered() -> None:
    code = """
import json, sys, time
for line in sys.stdin:
    gold, said = json.loads(line)
    if said == "die": sys.exit(1)
    if said == "hang": time.sleep(60)
    print(json.dumps(gold == said), flush=True)
"""
    child = MathChild(code, patience_s=60)
    try:
        assert child.right("1", "1")
        child.patience_s = 0.1
        assert not child.right("1", "hang")
        child.patience_s = 60
        assert child.right("1", "1")
        assert not child.right("1", "die")
        assert child.right("2\n", "2\n") and not child.right("2", "3")
    finally:
        child.close()


def test_a_strict_reading_wants_one_closed_thought_and_then_an_answer() -> None:
    formed = extract("<think>\n2 + 2 = 4\n</think>\n4", strict=True)
    assert (formed.thought, formed.answer, formed.formed) == ("2 + 2 = 4", "4", True)
    for text in (
        "4",
        "4 <think>\na\n</think>\n4",
        "<think>\na\n</think>\n",
        "<think>\n\n</think>\n4",
        "<think>\na\n4",
        "<think>\na\n</think>\n<think>\nb\n</think>\n4",
        "<think>\na\n</think>\n4\n</think>\n4",
        "<think><think>\na\n</think>\n4",
        "",
    ):
        assert extract(text, strict=True).answer == "", text
        assert not extract(text, strict=True).formed


def test_a_lenient_reading_takes_what_stands_after_the_thought_or_all() -> None:
    assert extract("The answer is 4.", strict=False).answer == "The answer is 4."
    assert extract("<think>\na\n</think>\nb</think> 4", strict=False).answer == "4"
    assert extract("<think>\n2 + 2 = 4", strict=False).answer == "2 + 2 = 4"
    assert extract("<think>\na\n</think>\n4", strict=False).answer == "4"


def test_a_module_is_imported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_scores.py").write_text(
        "n = 0\ndef score(a, s, e):\n    global n\n    n += 1\n    return n / 4\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert [verify("python:own_scores.score", "", "x") for _ in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    finally:
        sys.modules.pop("own_scores", None)
