"""The router goes where the prompt is cached, spreads what is cached nowhere, and floods nobody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.scheduling.replica_peers import cost_line, least_work, round_robin
from thinkwell.scheduling.replicas import Choice, Cost, ReplicaState, Router, locality_and_load

NAMES = ("a", "b", "c", "d")
BLOCK = 100
COSTS = (locality_and_load, round_robin, least_work, cost_line)


def router(
    names: tuple[str, ...] = NAMES, cost: Cost = locality_and_load, cache_blocks: int = 1000
) -> Router:
    return Router(names, cache_blocks=cache_blocks, block_tokens=BLOCK, cost=cost)


def free(names: tuple[str, ...] = NAMES, **running: int) -> list[ReplicaState]:
    return [ReplicaState(name, True, running.get(name, 0), 8) for name in names]


def send(to: Router, states: list[ReplicaState], blocks: tuple[int, ...], prompt: int) -> Choice:
    choice = to.choose(states, blocks, prompt)
    assert choice is not None
    to.sent(choice.name, blocks, prompt, choice.cached_tokens)
    return choice


STATES = st.lists(
    st.builds(
        ReplicaState,
        name=st.sampled_from(NAMES),
        ready=st.booleans(),
        running=st.integers(0, 4),
        slots=st.integers(1, 4),
        draining=st.booleans(),
    ),
    unique_by=lambda state: state.name,
)
TURNS = st.lists(
    st.tuples(
        STATES,
        st.lists(st.integers(0, 9), max_size=6).map(tuple),
        st.integers(1, 700),
        st.sets(st.sampled_from(NAMES)),
        st.sampled_from(("send", "end", "die")),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(TURNS, st.sampled_from(COSTS))
def test_never_one_that_is_not_ready_is_draining_is_full_or_does_not_fit(
    turns: list[tuple[list[ReplicaState], tuple[int, ...], int, set[str], str]], cost: Cost
) -> None:
    mine = router(cost=cost)
    for states, blocks, prompt, fitting, then in turns:
        choice = mine.choose(states, blocks, prompt, fitting.__contains__)
        able = {
            state.name
            for state in states
            if state.ready and not state.draining and state.running < state.slots and state.name in fitting
        }
        assert (choice is None) == (not able), "it is put off only while nobody can take it"
        if choice is None:
            continue
        assert choice.name in able
        assert 0 <= choice.cached_tokens < prompt
        assert choice == mine.choose(states, blocks, prompt, fitting.__contains__), "asking changes nothing"
        mine.sent(choice.name, blocks, prompt, choice.cached_tokens)
        if then == "end":
            mine.ended(choice.name, (*blocks, 99))
        elif then == "die":
            mine.gone(choice.name)
            after = mine.choose(free((choice.name,)), blocks, prompt)
            assert after == Choice(choice.name, 0), "its cache died with it"


def test_a_conversation_goes_back_to_where_its_text_is_cached() -> None:
    mine = router()
    homes = [send(mine, free(), (talk, talk + 1), 250).name for talk in (10, 20, 30, 40)]
    assert sorted(homes) == list(NAMES), "new ones are spread"
    mine.ended(homes[2], (30, 31, 32, 33))
    again = mine.choose(free(), (30, 31, 32, 33, 34), 550)
    assert again == Choice(homes[2], 400), "question, answer and all"


def test_a_common_beginning_does_not_draw_all_to_one_replica() -> None:
    """All talks begin with the same system prompt, one block of forty."""
    mine = router()
    work = dict.fromkeys(NAMES, 0)
    for talk in range(400):
        choice = send(mine, free(), (0, *range(100 + talk * 40, 139 + talk * 40)), 4000)
        work[choice.name] += 4000 - choice.cached_tokens
    assert max(work.values()) <= 1.02 * sum(work.values()) / len(NAMES)


def test_a_little_in_common_is_left_for_a_replica_with_less_to_do() -> None:
    mine = router()
    send(mine, free(), (1,), 150)
    assert mine.choose(free(), (1,), 150) == Choice("a", 100)
    busy = mine.choose(free(a=6), (1,), 150)
    assert busy is not None and busy.name != "a"


def test_a_long_text_is_worth_a_crowd_but_not_the_last_slot() -> None:
    mine = router(("a", "b"))
    text = tuple(range(300))
    send(mine, free(("a", "b")), text, 30_050)
    assert mine.choose(free(("a", "b"), a=5), text, 30_050) == Choice("a", 30_000)
    elsewhere = mine.choose(free(("a", "b"), a=7), text, 30_050)
    assert elsewhere == Choice("b", 0)


def test_of_equals_the_first_is_chosen() -> None:
    assert router().choose(free(), (), 100) == Choice("a", 0)
    assert router().choose(list(reversed(free())), (), 100) == Choice("d", 0)


def test_with_equal_work_the_one_with_fewer_turns_is_chosen() -> None:
    chosen = router().choose(free(a=3, b=1, c=2, d=4), (), 100)
    assert chosen == Choice("b", 0)


def test_on_a_large_machine_too_turns_that_run_weigh_against_work_done() -> None:
    mine = router(("a", "b"))
    mine.sent("b", (), 20_000, 0)
    states = [ReplicaState("a", True, 10, 256), ReplicaState("b", True, 0, 256)]
    assert mine.choose(states, (), 100) == Choice("b", 0)


def test_many_long_contexts_on_one_replica_are_worth_a_second_copy() -> None:
    mine = router(("a", "b"))
    text = tuple(range(300))
    mine.sent("a", text, 30_050, 0)
    found = [
        mine.choose([ReplicaState("a", True, running, 256), ReplicaState("b", True, 0, 256)], text, 30_050)
        for running in (30, 60)
    ]
    assert found == [Choice("a", 30_000), Choice("b", 0)]


@pytest.mark.parametrize("away", ["not ready", "draining", "dead"])
def test_who_comes_late_or_comes_back_is_not_flooded(away: str) -> None:
    mine = router()
    gone = ReplicaState("d", away == "draining", 0, 8, draining=away == "draining")
    send(mine, free(), (), 1000)  # all were there once
    if away == "dead":
        mine.gone("d")
    for _ in range(900):
        choice = send(mine, [*free(NAMES[:3]), gone], (), 1000)
        assert choice.name != "d"
    shares = dict.fromkeys(NAMES, 0)
    for _ in range(40):
        shares[send(mine, free(), (), 1000).name] += 1
    assert shares == dict.fromkeys(NAMES, 10), "its share from the first turn on, and no more"


def test_a_replica_that_died_between_two_choices_comes_back_level() -> None:
    """Nobody has to have seen it away."""
    mine = router(("a", "b"))
    both = free(("a", "b"))
    for _ in range(300):
        send(mine, both, (), 1000)
    for _ in range(100):
        mine.sent("a", (), 1000, 0)
    mine.gone("b")
    first = [send(mine, both, (), 1000).name for _ in range(20)]
    assert 9 <= first.count("b") <= 11


def test_old_work_weighs_less_than_new() -> None:
    """After a half-life of the pool's work a lead has halved; long after it is forgotten."""
    mine = router(("a", "b"))
    mine.sent("a", (), 50_000, 0)
    ahead = free(("a", "b"))

    def turns_until_a() -> int:
        for turn in range(200):
            if send(mine, ahead, (), 1000).name == "a":
                return turn
        raise AssertionError("a was never chosen again")

    assert 30 <= turns_until_a() <= 50, "less than the 50 that would have made up for all of it"
    mine.sent("a", (), 50_000, 0)
    for _ in range(3000):
        mine.sent("a", (), 1000, 0)
        mine.sent("b", (), 1000, 0)
    assert turns_until_a() <= 2


def test_an_index_forgets_what_was_used_least_lately() -> None:
    mine = router(("a",), cache_blocks=4)
    one = free(("a",))
    send(mine, one, (1, 2), 250)
    send(mine, one, (5, 6, 7), 350)
    assert mine.choose(one, (1, 2), 250) == Choice("a", 100), "its tail went first"
    assert mine.choose(one, (5, 6, 7), 350) == Choice("a", 300)


def test_engines_without_a_prefix_cache_are_never_thought_to_have_one() -> None:
    mine = router(cache_blocks=0)
    send(mine, free(), (1, 2), 250)
    assert mine.choose(free(("a",)), (1, 2), 250) == Choice("a", 0)


def test_round_robin_goes_round() -> None:
    mine = router(cost=round_robin)
    assert "".join(send(mine, free(), (1, 2), 250).name for _ in range(9)) == "abcdabcda"


def test_least_work_counts_only_what_was_computed() -> None:
    mine = router(("a", "b"), cost=least_work)
    mine.sent("a", (), 1000, 950)
    mine.sent("b", (), 100, 0)
    assert mine.choose(free(("a", "b")), (), 100) == Choice("a", 0)
