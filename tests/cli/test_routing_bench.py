"""``bench routing`` counts what was cached and who computed; its goals are those of the issue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from thinkwell.cli.bench.report import Row, as_table, figure
from thinkwell.cli.bench.routing import POLICIES, measure
from thinkwell.cli.bench.routing_runs import Pool, ceiling, documents, spread
from thinkwell.scheduling.replica_peers import least_work, round_robin
from thinkwell.scheduling.replicas import locality_and_load
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.replay import Arrival
from thinkwell.testing.simulation.request import SimRequest
from thinkwell.testing.simulation.trace import BadTrace, TraceRequest

TRACES = Path(__file__).parents[3] / "shared" / "data" / "traces"


def asked(*blocks: int) -> TraceRequest:
    """A prompt of these blocks of 10 tokens, and one token more."""
    return TraceRequest(
        at=0.0,
        person=None,
        prompt_tokens=10 * len(blocks) + 1,
        answer_tokens=1,
        blocks=blocks,
        block_tokens=10,
    )


def test_hits_and_work_are_counted_as_on_paper() -> None:
    """Round robin over two: the third turn finds its first two blocks, the fourth nothing."""
    trace = [asked(1, 2), asked(7), asked(1, 2, 3), asked(1)]
    found = spread(trace, round_robin, 2, cache_blocks=100)
    assert found.hits == 100 * 2 / 7
    # a computes 21 and 31 - 20, b 11 and 11
    assert found.imbalance == pytest.approx(32 * 2 / (32 + 22))
    assert ceiling(trace) == 100 * 3 / 7


def test_a_bounded_cache_hits_less() -> None:
    trace = [asked(1, 2), asked(7, 8), asked(1, 2)]
    assert spread(trace, round_robin, 1, cache_blocks=4).hits == 100 * 2 / 6
    assert spread(trace, round_robin, 1, cache_blocks=2).hits == 0


def test_questions_about_documents_are_made_from_the_seed_and_do_not_grow_together() -> None:
    assert documents(3, 50) == documents(3, 50) != documents(4, 50)
    ends = [request.blocks[-1] for request in documents(3, 50)]
    assert len(set(ends)) == 50
    ours = spread(documents(3, 1000), locality_and_load, 4, 10**6)
    theirs = spread(documents(3, 1000), least_work, 4, 10**6)
    assert ours.hits is not None and theirs.hits is not None
    assert ours.hits > theirs.hits + 10


def test_the_pool_waits_in_line_for_room_and_all_come_to_their_end() -> None:
    """One slot, 1 s a token, no prefill: each of three turns of two tokens starts when the last has ended."""
    profile = Profile(name="p", a=1.0, slots=1)
    requests = [SimRequest(id=str(n), prompt_tokens=1, output_tokens=2) for n in range(3)]
    alone = Pool(profile, 1, least_work).run([Arrival(0.0, None, request) for request in requests])
    first = alone.first
    assert alone.last == pytest.approx(first + 1.0), "one step after the first token"
    apart = Pool(profile, 3, least_work).run([Arrival(0.0, None, request) for request in requests])
    assert apart.first == pytest.approx(0.0)
    assert first == pytest.approx((0 + 1 + 2) / 3), "they wait for each other"


def test_every_row_is_read_on_a_small_trace(tmp_path: Path) -> None:
    path = tmp_path / "small.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    "timestamp": 100 * n,
                    "input_length": 2 * 512 + 5,
                    "output_length": 3,
                    "hash_ids": [n % 4, 10 + n % 4, 100 + n],
                }
            )
            for n in range(40)
        )
    )
    report = measure(path, 4, seed=1)
    found = report.figures
    for kind in ("", "bounded_", "documents_"):
        for name in POLICIES:
            assert {f"hits_{kind}{name}", f"imbalance_{kind}{name}"} <= found.keys()
    assert {f"{what}_{name}_s" for what in ("ttft", "answer") for name in POLICIES} <= found.keys()
    assert all(one.readings == 1 and one.value is not None for one in found.values())
    # 4 texts of which 2 of 3 blocks repeat: all but the first of each is a hit at best.
    assert found["hits_ceiling"].value == found["hits_thinkwell"].value == pytest.approx(60.0)
    assert found["hits_thinkwell"].met is True
    assert found["hits_round_robin"].above is None
    assert report.setup["requests"] == report.setup["slice"] == 40
    assert ">= 59.28 %" in as_table(report)


def test_a_trace_without_blocks_is_only_balanced(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(
        "req_time_s,client,prompt_len,output_len\n" + "".join(f"{n},a,100,20\n" for n in range(40))
    )
    found = measure(path, 4, seed=1).figures
    assert found["hits_thinkwell"].value is None
    assert found["hits_thinkwell"].met is None
    assert "no block hashes" in found["hits_thinkwell"].missing
    assert found["imbalance_thinkwell"].value == 1.0


def test_a_bad_trace_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadTrace):
        measure(tmp_path / "none.csv", 8, seed=1)


def test_a_goal_from_below_is_met_at_its_value() -> None:
    assert figure(Row(title="", unit="", above=5), [5.0]).met is True
    assert figure(Row(title="", unit="", above=5), [4.9]).met is False
    both = Row(title="", unit="", above=2, below=5)
    assert [figure(both, [value]).met for value in (1.0, 2.0, 5.0)] == [False, True, False]
    assert figure(Row(title="", unit="", above=5), []).met is None


MOONCAKE = TRACES / "mooncake_conversation.jsonl"


@pytest.mark.skipif(not MOONCAKE.exists(), reason="the trace lies beside the checkout, and is not there")
@pytest.mark.timeout(120)
def test_the_goals_of_routing_are_met_on_mooncakes_conversations() -> None:
    found = measure(MOONCAKE, 8, seed=1).figures
    values = {name: one.value or 0.0 for name, one in found.items()}
    assert found["hits_thinkwell"].met and found["imbalance_thinkwell"].met
    assert values["hits_thinkwell"] >= 36.2
    assert values["hits_round_robin"] == pytest.approx(13.6, abs=0.1)
    assert values["hits_ceiling"] == pytest.approx(36.6, abs=0.1)
    assert values["hits_bounded_thinkwell"] >= 29.9
    assert values["ttft_thinkwell_s"] < 0.6 * values["ttft_round_robin_s"]
    assert values["answer_thinkwell_s"] < min(
        values[f"answer_{peer}_s"] for peer in POLICIES if peer != "thinkwell"
    )
