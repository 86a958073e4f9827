"""The index never claims more than two texts have in common, and never holds more than it may."""

from itertools import takewhile

from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.scheduling.prefix_index import BLOCK_BYTES, PrefixIndex, cached_tokens, prefix_blocks

TEXTS = st.lists(st.text(alphabet="ab", max_size=40), min_size=1, max_size=12)


def common(a: str, b: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))))


def hashes(text: str, block: int, salt: bytes = b"") -> tuple[int, ...]:
    return prefix_blocks([text], salt, block)


@settings(deadline=None)
@given(TEXTS, st.integers(0, 20), st.integers(1, 8))
def test_a_match_is_a_prefix_that_some_earlier_text_has_too(
    texts: list[str], capacity: int, block: int
) -> None:
    index = PrefixIndex(capacity)
    for i, text in enumerate(texts):
        longest = max((common(text, earlier) for earlier in texts[:i]), default=0)
        assert index.match(hashes(text, block)) <= longest // block
        index.add(hashes(text, block))
        assert len(index) <= capacity


@settings(deadline=None)
@given(TEXTS, st.integers(1, 8))
def test_with_room_for_all_the_match_is_the_longest_in_whole_blocks(texts: list[str], block: int) -> None:
    index = PrefixIndex(1000)
    for i, text in enumerate(texts):
        longest = max((common(text, earlier) for earlier in texts[:i]), default=0)
        assert index.match(hashes(text, block)) == longest // block
        index.add(hashes(text, block))


def test_the_least_recently_used_tail_goes_first() -> None:
    index = PrefixIndex(3)
    index.add((1, 2))
    index.add((7,))
    assert index.match((1, 2)) == 2
    index.add((8,))
    assert index.match((1, 2)) == 1


def test_of_a_text_longer_than_the_index_the_beginning_is_kept() -> None:
    index = PrefixIndex(3)
    index.add((1, 2, 3, 4, 5))
    assert index.match((1, 2, 3, 4, 5)) == 3


def test_a_replica_that_died_knows_nothing_any_more() -> None:
    index = PrefixIndex(3)
    index.add((1, 2))
    index.forget()
    assert (index.match((1, 2)), len(index)) == (0, 0)


def test_one_token_at_least_is_left_to_compute() -> None:
    assert cached_tokens(2, 100, 150) == 149
    assert cached_tokens(2, 100, 500) == 200
    assert cached_tokens(0, 100, 0) == 0


def test_a_conversation_that_goes_on_keeps_its_blocks() -> None:
    begun = ["You are kind.", "Tell me a tale. " * 40]
    told = [*begun, "Once upon a time. " * 60, "And then?"]
    blocks = prefix_blocks(begun, b"ann", 64)
    assert len(blocks) == sum(map(len, begun)) // 64
    assert prefix_blocks(told, b"ann", 64)[: len(blocks)] == blocks
    assert len(prefix_blocks(["x" * BLOCK_BYTES * 3])) == 3


@given(st.text(), st.binary(max_size=20), st.binary(max_size=20))
def test_persons_share_no_block_even_of_the_same_text(text: str, one: bytes, other: bytes) -> None:
    mine, theirs = hashes(text * 3, 4, one), hashes(text * 3, 4, other)
    assert (mine == theirs) if one == other else not set(mine) & set(theirs)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_where_one_message_ends_and_the_next_begins_is_part_of_the_text(
    one: list[str], other: list[str]
) -> None:
    """A last text of 16 bytes lets every byte before it count."""
    same = prefix_blocks([*one, "." * 16], block_bytes=8) == prefix_blocks([*other, "." * 16], block_bytes=8)
    assert same == (one == other)


def test_a_lone_surrogate_is_a_text_like_any_other() -> None:
    assert hashes("\ud800" * 8, 4) != hashes("\ud801" * 8, 4) != ()
