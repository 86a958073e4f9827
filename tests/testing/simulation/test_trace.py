"""Traces are told apart by their columns; what is wrong with a file is said with its line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.testing.simulation.replay import as_arrivals
from thinkwell.testing.simulation.trace import BadTrace, TraceRequest, read_trace

TRACES = Path(__file__).parents[4] / "shared" / "data" / "traces"
ARENA = "req_time_s,client,prompt_len,output_len\n"


def read(folder: Path, text: str | bytes) -> list[TraceRequest]:
    path = folder / "some.trace"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_trace(path)


def test_arena_columns(tmp_path: Path) -> None:
    assert read(tmp_path, ARENA + "3.5,7,13,199\n4,ann,36,137\n") == [
        TraceRequest(at=0.0, person="7", prompt_tokens=13, answer_tokens=199),
        TraceRequest(at=0.5, person="ann", prompt_tokens=36, answer_tokens=137),
    ]


def test_azure_columns_tell_nobody(tmp_path: Path) -> None:
    text = (
        "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.6805900,374,44\r\n"
        "2023-11-17 00:00:00.6805901,396,109\r\n2023-11-17T01:00:01.6805900+01:00,1,2\r\n"
    )
    found = read(tmp_path, text)
    assert [(r.person, r.prompt_tokens, r.output_tokens) for r in found] == [
        (None, 374, 44),
        (None, 396, 109),
        (None, 1, 2),
    ]
    assert [r.at for r in found] == pytest.approx([0.0, 1.0, 2.0], abs=1e-5)


def test_mooncake_lines_have_blocks(tmp_path: Path) -> None:
    line = {"timestamp": 3000, "input_length": 1100, "output_length": 5, "hash_ids": [0, 14, 15], "x": None}
    found = read(tmp_path, json.dumps(line) + "\n\n" + json.dumps(line | {"timestamp": 4500.5}))
    expected = TraceRequest(
        at=0.0, person=None, prompt_tokens=1100, answer_tokens=5, blocks=(0, 14, 15), block_tokens=512
    )
    assert found[0] == expected
    assert found[1].at == pytest.approx(1.5005)


def test_reasoning_columns_tell_thought_from_answer(tmp_path: Path) -> None:
    text = "answer_tokens,arrival_s,client,note,prompt_tokens,reasoning_tokens\n146,0.008,29,x,21,3338\n"
    (found,) = read(tmp_path, text)
    assert found == TraceRequest(
        at=0.0, person="29", prompt_tokens=21, reasoning_tokens=3338, answer_tokens=146
    )
    assert found.output_tokens == 3484


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.text("abü", min_size=1), st.integers(0, 10**6), st.integers(0, 10**6))
)


@given(ROWS.filter(bool))
def test_csv_and_jsonl_of_the_same_rows_are_the_same_trace_by_time(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, int, int]]
) -> None:
    names = ARENA.strip().split(",")
    folder = tmp_path_factory.mktemp("trace")
    with (folder / "a").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([names, *rows])
    lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
    (folder / "b").write_text("\n".join(lines), "utf-8")
    found = read_trace(folder / "a")
    assert found == read_trace(folder / "b")
    first = min(at for at, *_ in rows)
    assert [(r.at + first, r.person, r.prompt_tokens, r.answer_tokens) for r in found] == sorted(
        rows, key=lambda row: row[0]
    ), "what came in one moment stays in the file's order"


GOOD = '{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": [1]}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no requests"),
        (ARENA, "no requests"),
        ("time,tokens\n1,2\n", "line 1: the columns are time, tokens. Expected are the columns req_time_s"),
        ("a picture", "line 1: the columns are a picture"),
        (b"\xff\xfe\x00", "cannot be read"),
        (ARENA + "1,a,2,3\n2,a,3\n", "line 3: output_len is missing"),
        (ARENA + "1,a,2,3\n\n2,a,,3\n", "line 4: prompt_len is missing"),
        (ARENA + "1,a,two,3\n", "line 2: prompt_len is 'two', and a number is expected"),
        (ARENA + "1,a,2.5,3\n", "line 2: prompt_len is '2.5', and a whole number"),
        (ARENA + "1,a,-2,3\n", "line 2: prompt_len is '-2', and a number of 0 or more"),
        (ARENA + "nan,a,2,3\n", "line 2: req_time_s is 'nan', and a number of 0 or more"),
        (ARENA + "1,a,1e999,3\n", "line 2: prompt_len is '1e999', and a number of 0 or more"),
        ("TIMESTAMP,ContextTokens,GeneratedTokens\nnoon,1,2\n", "line 2: TIMESTAMP is 'noon', and a date"),
        (GOOD + "{\n", "line 2: a JSON object is expected"),
        (GOOD + "[1]\n", "line 2: a JSON object is expected"),
        (GOOD + GOOD.replace("[1]", '["x"]'), "line 2: hash_ids is ['x'], and a list of whole numbers"),
        (GOOD + GOOD.replace("[1]", "null"), "line 2: hash_ids is missing"),
        (GOOD.replace('"output_length": 1', '"output_length": true'), "line 1: output_length is True"),
        (GOOD.replace(', "hash_ids": [1]', ""), "line 1: the columns are timestamp, input_length"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(BadTrace) as raised:
        read(tmp_path, text)
    assert "some.trace" in raised.value.message
    assert said in raised.value.message
    assert isinstance(raised.value, SetupError)


def test_what_is_no_file_is_no_trace(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(BadTrace, match="cannot be read"):
            read_trace(path)


def test_hashes_may_stand_in_a_csv_too(tmp_path: Path) -> None:
    text = 'timestamp,input_length,output_length,hash_ids\n5,600,13.0,"[3, 4]"\n'
    (found,) = read(tmp_path, text)
    assert (found.at, found.blocks, found.answer_tokens) == (0.0, (3, 4), 13)


def test_arrivals_have_at_least_a_token_each_way() -> None:
    empty = TraceRequest(at=2.0, person="a", prompt_tokens=0, answer_tokens=0, blocks=(5,), block_tokens=512)
    (arrival,) = as_arrivals([empty])
    request = arrival.request
    assert (arrival.at, arrival.person, request.blocks) == (2.0, "a", (5,))
    assert (request.prompt_tokens, request.output_tokens) == (1, 1)


@pytest.mark.skipif(not TRACES.is_dir(), reason="the traces lie beside the checkout, and are not there")
@pytest.mark.parametrize(
    ("name", "requests", "persons", "prompt", "output", "lasts"),
    [
        ("arena_10min.csv", 1500, 27, 204_398, 384_297, 600.0),
        ("azure_conv_2023.csv", 19_366, 1, 22_361_870, 4_088_665, 3501.72),
        ("mooncake_conversation.jsonl", 12_031, 1, 144_793_823, 4_122_048, 3537.0),
        ("reasoning_r1_30min.csv", 23_679, 20, 23_604_414, 75_987_753, 1799.8),
    ],
)
def test_the_known_traces_are_read_whole(
    name: str, requests: int, persons: int, prompt: int, output: int, lasts: float
) -> None:
    found = read_trace(TRACES / name)
    assert len(found) == requests
    assert len({request.person for request in found}) == persons
    assert sum(request.prompt_tokens for request in found) == prompt
    assert sum(request.output_tokens for request in found) == output
    assert found[0].at == 0.0
    assert found[-1].at == pytest.approx(lasts, abs=0.01)
