"""Names: what one may be, and which are the same. Spellings that a person cannot tell apart are one name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import BadRequest
from thinkwell.people.names import LEAST, MOST, check_name, name_key


@pytest.mark.parametrize(
    "name",
    [
        "zoe",
        "Zoë",
        "anna@example.org",
        "j.smith-2_b",
        "Иван",
        "Ελένη",
        "田中さん",
        "マイケル太郎",
        "김철수",
        "李lee",
        "राम",
        "สมชาย",
        "עברית",
        "محمد",
        "٣٤٥٦",
        "Nguyễn",
        "x" * MOST,
    ],
)
def test_a_name_is_of_any_one_script(name: str) -> None:
    assert check_name(f" {name} ") == unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "3 to 64"),
        ("ab", "3 to 64"),
        ("x" * (MOST + 1), "3 to 64"),
        ("x" * 1_000_000, "3 to 64"),
        ("\ufdfa" * 10, "3 to 64|alone"),  # one character that NFKC makes eighteen
        ("a b c", "alone"),
        ("zo\ne", "alone"),
        ("zo\x00e", "alone"),
        ("zo\u200be", "alone"),
        ("zoe\u202e", "alone"),
        ("\u200fzoe", "alone"),
        ("zo\u00ade", "alone"),
        ("\u3164\u3164\u3164", "alone"),
        ("\u115f\u115f\u115f", "alone"),
        ("zoe\ufe0f", "alone"),
        ("a/b", "alone"),
        ("<b>", "alone"),
        ("'; drop table accounts; --", "alone"),
        ("=cmd()", "alone"),
        ("zoe\ud800", "alone"),
        ("\U0001f600\U0001f600\U0001f600", "alone"),
        ("\U000f0000abc", "alone"),
        ("...", "begins"),
        ("-zoe", "begins"),
        ("@example", "begins"),
        ("zoe" + "\u0301" * 5, "accents"),
        ("\u0301zoe", "accents"),
        ("zoe-\u0301", "accents"),
        ("pаypal", "one script"),  # its second letter is Cyrillic
        ("Ивaн", "one script"),  # its third is Latin
        ("gοοgle", "one script"),  # Greek
        ("abc\u0663", "one script"),
        ("שלוםabc", "one script"),
    ],
)
def test_what_is_no_name_is_refused(name: str, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        check_name(name)


@pytest.mark.parametrize(
    ("one", "twin"),
    [
        ("zoe", "ZOE"),
        ("zoe", "ｚｏｅ"),
        ("zoe", "zo\u200be"),
        ("zoe", "\u200fzoe\u202e"),
        ("zoe", "z\u00adoe\ufe0f"),
        ("zoë", "zoe\u0308"),
        ("straße", "STRASSE"),
        ("file", "ﬁle"),
        ("copy", "сору"),  # all Cyrillic
        ("COPY", "СОРУ"),
        ("BOBA", "ВОВА"),
        ("peace", "реасе"),
        ("KATE", "ΚΑΤΕ"),  # all Greek
        ("zoë", "zоё"),
        ("istanbul", "İSTANBUL"),
        ("user1", "user１"),
        ("user3", "user\u0663"),
    ],
)
def test_twins_are_one_name(one: str, twin: str) -> None:
    assert name_key(one) == name_key(twin)


@pytest.mark.parametrize(
    ("one", "other"), [("zoe", "zoë"), ("zoe", "zoe2"), ("Иван", "Иванн"), ("a.b", "ab")]
)
def test_names_that_look_different_are_two(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key_and_that_of_every_plain_spelling(text: str) -> None:
    key = name_key(text)
    assert name_key(key) == key
    assert name_key(text.casefold()) == key
    for form in ("NFC", "NFD", "NFKC"):
        assert name_key(unicodedata.normalize(form, text)) == key  # type: ignore[arg-type]


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_a_typed_refusal(text: str) -> None:
    try:
        name = check_name(text)
    except BadRequest:
        return
    assert LEAST <= len(name) <= MOST
    assert check_name(name) == name
    assert name.isprintable() and " " not in name
