"""The words of the plain page: the app's own, in the language that the reader asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.http.words import LANGUAGES, language_of


@given(chosen=st.none() | st.text(max_size=20), accepted=st.text(max_size=2_000))
def test_any_header_gives_a_language(chosen: str | None, accepted: str) -> None:
    assert language_of(chosen, accepted) in LANGUAGES


WEB_WORDS = Path(__file__).parents[2] / "web" / "src" / "lib" / "words"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_words_are_those_of_the_app(language: str) -> None:
    """Both ways in say the same things alike, with the same places to be filled in."""
    words, english = LANGUAGES[language][1], LANGUAGES["en"][1]
    assert words.keys() == english.keys()
    source = (WEB_WORDS / "main" / f"{language}.ts").read_text("utf-8")
    theirs = dict(re.findall(r"'([\w.]+)':\s*'((?:[^'\\]|\\.)*)'", source))
    shared = {key: value.replace("\\u00a0", "\u00a0").replace("\\'", "'") for key, value in theirs.items()}
    assert len(shared.keys() & words.keys()) > 50
    for key, value in words.items():
        assert value == shared.get(key, value), key
        assert sorted(re.findall(r"\{\w+\}", value)) == sorted(re.findall(r"\{\w+\}", english[key])), key
