"""Words as search knows them, what people write into a search box, and the piece of a text around a hit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.conversations.searchwords import MOST_PHRASES, MOST_WORDS, Phrase, folded, phrases_of
from thinkwell.conversations.snippets import snippet

ANY_TEXT = st.text(st.characters(), max_size=300)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Why is the Sky blue?", "why is the sky blue"),
        ("Crème brûlée, naïve Ångström", "creme brulee naive angstrom"),
        ("cre\u0300me", "creme"),
        ("Łódź Ørsted đakovo STRASSE Straße", "lodz orsted dakovo strasse strasse"),
        ("İstanbul ılık", "istanbul ilik"),
        ("Київ, їжак", "киів іжак"),
        ("مُحَمَّد أحمد", "محمد احمد"),
        ("हिन्दी में।", "हिन्दी में"),
        ("東京タワー", "東 京 タ ワ ー"),
        ("ﾀﾜｰ が", "タ ワ ー が"),
        ("한국어", "한 국 어"),
        ("ภาษา", "ภ า ษ า"),
        ("foo_bar-baz 3.14 C++", "foo bar baz 3 14 c"),
        ("ﬁne １２３", "fine 123"),
        ("😀 \x00 … \ud800", ""),
        ("a\x00b", "a b"),
        ("x" * 130, " ".join(("x" * 64, "x" * 64, "xx"))),
    ],
)
def test_a_text_is_folded_to_its_words(text: str, words: str) -> None:
    assert folded(text) == words


@given(ANY_TEXT)
def test_folding_gives_words_between_single_spaces_and_may_be_done_again(text: str) -> None:
    words = folded(text)
    assert words == " ".join(words.split(" ")) and "" not in words.split(" ")[1:]
    assert not set(words) & set('"*():^+-{}\x00')
    assert folded(words) == words


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("blue sk", [Phrase(("blue",)), Phrase(("sk",), open=True)]),
        ('"blue sky" day', [Phrase(("blue", "sky")), Phrase(("day",), open=True)]),
        ('day "blue sky"', [Phrase(("day",)), Phrase(("blue", "sky"))]),
        ("„blue sky“", [Phrase(("blue", "sky"))]),
        ('"not closed', [Phrase(("not", "closed"))]),
        ("foo-ba", [Phrase(("foo", "ba"), open=True)]),
        ("東京", [Phrase(("東", "京"))]),
        ("a", [Phrase(("a",))]),
        ("same same ", [Phrase(("same",)), Phrase(("same",), open=True)]),
        ('"" () * NEAR(', [Phrase(("near",), open=True)]),
        ("😀", []),
        ("", []),
    ],
)
def test_what_is_written_into_the_box_is_phrases(query: str, phrases: list[Phrase]) -> None:
    assert phrases_of(query) == phrases


@given(ANY_TEXT)
def test_any_query_is_bounded(query: str) -> None:
    phrases = phrases_of(query * 20)
    assert len(phrases) <= MOST_PHRASES
    assert sum(len(phrase.words) for phrase in phrases) <= MOST_WORDS
    assert all(phrase.words for phrase in phrases)


def marked(text: str, query: str) -> str:
    """The piece as it reads, with brackets around what was found."""
    parts = snippet(text, phrases_of(query))
    return "".join(f"[{part.text}]" if part.hit else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "query", "piece"),
    [
        ("Why is the sky blue?", "sky", "Why is the [sky] blue?"),
        ("Crème\n\nbrûlée  here", "brulee", "Crème [brûlée] here"),
        ("cre\u0300me of it", "creme", "[cre\u0300me] of it"),
        ("明日東京タワーへ", "東京", "明日[東京]タワーへ"),
        ("colours and colour", "colo", "[colours] and [colour]"),
        ("a b c a b", '"a b"', "[a b] c [a b]"),
        ("नमस्ते दुनिया", "दुनिया", "नमस्ते [दुनिया]"),
        ("nothing of it", "else", "nothing of it"),
        ("", "else", ""),
    ],
)
def test_a_piece_of_text_shows_what_was_found(text: str, query: str, piece: str) -> None:
    assert marked(text, query) == piece


def test_a_piece_is_cut_around_the_first_hit_at_words() -> None:
    text = "word " * 3_000 + "needle " + "word " * 3_000
    piece = marked(text, "needle")
    assert piece.startswith("… word") and piece.endswith("word …") and "[needle]" in piece
    assert len(piece) < 300


def test_the_piece_is_where_most_of_the_words_are() -> None:
    text = "blue " + "word " * 3_000 + "the blue whale sings"
    assert "[blue] [whale]" in marked(text, "blue whale")


@given(ANY_TEXT, ANY_TEXT)
def test_a_piece_is_made_of_any_text_and_query(text: str, query: str) -> None:
    parts = snippet(text, phrases_of(query))
    assert sum(len(part.text) for part in parts) <= 300


@given(st.lists(st.text("abcdé東ิ \n", min_size=1), min_size=1), st.data())
def test_a_word_of_a_text_is_found_in_its_piece(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    words = folded(text).split()
    if words:
        word = data.draw(st.sampled_from(words))
        assert any(part.hit for part in snippet(text, [Phrase((word,))]))
