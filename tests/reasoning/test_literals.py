"""Control literals in people's text become plain, and nothing else changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thinkwell.models.card import ModelCard, PlainDialect
from thinkwell.models.catalogue import read_catalogue
from thinkwell.reasoning.literals import WORD_JOINER, Neutraliser

CARD = ModelCard(
    name="m",
    title="M",
    licence="MIT",
    context=1,
    dialect=PlainDialect(),
    control_tokens=("<a>", "<a><b>", "##"),
)
PIECES = st.sampled_from(
    ["<a>", "<b>", "<", ">", "|", "a", "##", "#", "<|x|>", "<think>", "think", "[INST]", " "]
)


@given(text=st.lists(PIECES, max_size=12).map("".join))
def test_no_control_literal_is_left(text: str) -> None:
    plain = Neutraliser(CARD)(text)
    for literal in ("<a>", "##", "<|x|>", "<think>", "[INST]"):
        assert literal not in plain
    assert plain.replace(WORD_JOINER, "") == text


@given(text=st.text(alphabet=st.characters(blacklist_characters="<[#"), max_size=200))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert Neutraliser(CARD)(text) == text


def test_markup_and_code_that_models_do_not_know_are_left_as_they_are() -> None:
    for text in ("<div class='x'>", "a < b | c > d", "list[int]", "if (a<b && c>d)", "</p>"):
        assert Neutraliser(CARD)(text) == text


def test_the_control_literals_of_the_families_are_made_plain() -> None:
    for literal in (
        "<|channel|>",
        "<|channel>thought",
        "<channel|>",
        "<turn|>",
        "<seed:eos>",
        "]~b]",
        "[e~[",
        "[THINK]",
    ):
        assert literal not in Neutraliser(CARD)(f"x {literal} y")


def test_every_control_token_of_the_catalogue_is_made_plain() -> None:
    for card in read_catalogue().cards:
        neutral = Neutraliser(card)
        for literal in card.control_tokens:
            assert literal not in neutral(f"x {literal} y")


PIECES = st.sampled_from(
    ["<", "|", ">", "[", "]", "/", "s", "INST", "im_start", "e~", "~!b", "think", "SYS", "a_b_1", "x "]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_quick_look_passes_over_nothing(text: str) -> None:
    neutral = Neutraliser(CARD)
    assert neutral._pattern.search(neutral(text)) is None
