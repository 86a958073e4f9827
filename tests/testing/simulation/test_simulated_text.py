"""The simulated model's language: four bytes a token, directions in double brackets."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.testing.simulation.text import (
    CLOSE_TAG,
    OPEN_TAG,
    WORDS,
    Begun,
    Directives,
    Saying,
    count_tokens,
    directives_in,
    draw,
    still_to_say,
    tokenize,
    words,
)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_the_count_is_the_number_of_tokens_for_any_text(text):
    assert count_tokens(text) == len(tokenize(text))


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(0, 300))
def test_what_the_model_says_counts_the_same_when_it_comes_back(offset, count):
    assert {len(word) for word in WORDS} == {4}
    assert count_tokens("".join(words(offset, count))) == count


def test_directives_are_read_from_anywhere_in_a_message():
    found = directives_in("Hello [[think=20 answer=5]] and [[tags]] [[stall]] [[die=3]]")
    assert found == Directives(think=20, answer=5, tags=True, stall=0, die=3)
    assert directives_in("[[1, 2], [3]] and [[Link]]") == Directives()


@pytest.mark.parametrize("wrong", ["[[dance]]", "[[think=much]]", "[[think=-1]]"])
def test_an_unknown_directive_is_an_error_and_a_minus_is_none(wrong):
    if "-" in wrong:
        assert directives_in(wrong) == Directives()
    else:
        with pytest.raises(ValueError, match="unknown directive"):
            directives_in(wrong)


def test_drawn_lengths_are_seeded_and_have_the_given_median():
    rng = random.Random(1)
    drawn = [draw(rng, think=200, answer=100) for _ in range(2000)]
    assert 180 < sorted(saying.think for saying in drawn)[1000] < 220
    assert draw(random.Random(5), think=9, answer=9) == draw(random.Random(5), think=9, answer=9)
    assert draw(random.Random(5), think=0, answer=9).think == 0


def test_a_reply_that_was_begun_goes_on_where_it_stopped():
    saying = Saying(10, 6)
    assert still_to_say(saying, Begun()) == saying
    assert still_to_say(saying, Begun(reasoning="the sea ")) == Saying(8, 6)
    assert still_to_say(saying, Begun(reasoning="the sea ", tags=True)) == Saying(7, 6)
    assert still_to_say(saying, Begun(reasoning="the sea ", over=True)) == Saying(0, 6)
    assert still_to_say(saying, Begun(content=f"{OPEN_TAG}sea ")) == Saying(8, 6)
    assert still_to_say(saying, Begun(content=f"{OPEN_TAG}sea {CLOSE_TAG}")) == Saying(0, 6)
    assert still_to_say(saying, Begun(content=f"{OPEN_TAG}sea {CLOSE_TAG}\n\nthe sea ")) == Saying(0, 4)
    assert still_to_say(saying, Begun(content="the sea and ")) == Saying(0, 3)
