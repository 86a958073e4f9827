"""The prefix cache never claims more than two texts have in common."""

from itertools import takewhile

from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.prefix_cache import PrefixCache, block_hashes
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.request import Began, SimRequest

TEXTS = st.lists(st.binary(max_size=40).map(lambda data: bytes(b % 2 for b in data)), min_size=1, max_size=12)


def hashes(text: bytes, block: int) -> tuple[int, ...]:
    return block_hashes(text[i : i + block] for i in range(0, len(text) - block + 1, block))


def common(a: bytes, b: bytes) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))))


@settings(deadline=None)
@given(TEXTS, st.integers(0, 60), st.integers(1, 8))
def test_a_match_is_a_prefix_that_some_earlier_text_has_too(texts, capacity, block):
    cache = PrefixCache(capacity, block)
    seen: list[bytes] = []
    for text in texts:
        matched = cache.match(hashes(text, block), len(text))
        longest = max((common(text, earlier) for earlier in seen), default=0)
        assert matched <= min(longest, max(0, len(text) - 1))
        cache.add(hashes(text, block))
        seen.append(text)
        assert cache.tokens <= capacity


@settings(deadline=None)
@given(TEXTS, st.integers(1, 8))
def test_with_room_for_all_the_match_is_the_longest_in_whole_blocks(texts, block):
    cache = PrefixCache(10_000, block)
    for i, text in enumerate(texts):
        longest = max((common(text, earlier) for earlier in texts[:i]), default=0)
        matched = cache.match(hashes(text, block), len(text))
        assert matched >= min(longest // block * block, len(text) - 1)
        cache.add(hashes(text, block))


def test_the_least_recently_used_tail_goes_first():
    cache = PrefixCache(3, 1)
    cache.add((1, 2))
    cache.add((7,))
    assert cache.match((1, 2), 9) == 2
    cache.add((8,))
    assert cache.match((1, 2), 9) == 1


def test_a_conversation_that_goes_on_computes_only_what_is_new():
    machine = SimulatedMachine(Profile(name="p", a=0.01, prefill_s=0.001, cache_tokens=1000, block=10))
    blocks = tuple(range(20))
    machine.submit(SimRequest(id="1", prompt_tokens=50, output_tokens=30, blocks=blocks[:8]), 0.0)
    machine.submit(SimRequest(id="2", prompt_tokens=100, output_tokens=5, blocks=blocks[:10]), 10.0)
    began = {event.id: event for event in machine.advance(20.0) if isinstance(event, Began)}
    assert (began["1"].cached_tokens, began["2"].cached_tokens) == (0, 80)
    assert (machine.prompt_tokens_computed, machine.prompt_tokens_cached) == (70, 80)
