from __future__ import annotations

import asyncio
import struct
import time
from pathlib import Path

import pytest
from gguf_maker import BASE, entry, gguf, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.gguf import read_header
from thinkwell.models.hub import Hub
from thinkwell.models.weights import present


def written(folder: Path, content: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(content)
    return path


def test_a_header_tells_what_the_model_says_of_itself(tmp_path: Path) -> None:
    header = read_header(written(tmp_path, gguf(*BASE)))
    assert header.architecture == "llama"
    assert header.name == "Tiny Model"
    assert header.licence == "apache-2.0"
    assert header.context == 2048
    assert header.chat_template.startswith("{% for")


def test_control_tokens_are_those_that_look_like_tags(tmp_path: Path) -> None:
    assert read_header(written(tmp_path, gguf(*BASE))).control_tokens == ("<|im_start|>", "[INST]")


def test_an_unknown_context_is_none(tmp_path: Path) -> None:
    header = read_header(written(tmp_path, gguf(entry("general.architecture", 8, text("new")))))
    assert header.context is None and header.control_tokens == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "too short"),
        (b"GGUF", "too short"),
        (b"<!DOCTYPE html><html>not found", "no GGUF file"),
        (gguf(*BASE, version=1), "version is 1"),
        (gguf(*BASE, version=0x03000000), "version"),
        (gguf(*BASE)[:-20], "cut off"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "too many entries"),
        (gguf() + struct.pack("<Q", 1 << 62), None),
        (gguf(struct.pack("<Q", 1 << 62)), "cut off"),
        (gguf(entry("a", 8, struct.pack("<Q", 1 << 63))), "cut off"),
        (gguf(entry("a", 77, b"")), "unknown type 77"),
        (gguf(entry("a", 9, struct.pack("<IQ", 9, 1))), "lists in lists"),
        (gguf(entry("a", 9, struct.pack("<IQ", 4, 1 << 61))), "longer than any"),
        (gguf(entry("a", 9, struct.pack("<IQ", 8, 3_000_000) + b"\0" * 800)), "cut off"),
        (gguf(entry("general.name", 8, text("x" * (2 << 20)))), "too long"),
    ],
)
def test_a_file_that_lies_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, told: str | None
) -> None:
    path = written(tmp_path, content)
    if told is None:
        assert read_header(path)
        return
    with pytest.raises(SetupError, match=told) as caught:
        read_header(path)
    assert "\n" not in caught.value.message


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no model file at"):
        read_header(tmp_path / "none.gguf")
    with pytest.raises(SetupError, match="is a folder"):
        read_header(tmp_path)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_mutation_raises_anything_but_a_setup_error(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(gguf(*BASE))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["byte", "huge", "cut", "twice"])):
            case "byte":
                content[at] = data.draw(st.integers(0, 255))
            case "huge":
                content[at : at + 8] = data.draw(
                    st.sampled_from([b"\xff" * 8, b"\0" * 8, b"\xff" * 4 + b"\0" * 4])
                )
            case "cut":
                del content[at : at + data.draw(st.integers(1, 40))]
            case "twice":
                content[at:at] = content[at : at + 30]
        content = content or bytearray(b"x")
    try:
        header = read_header(written(tmp_path, bytes(content)))
    except SetupError:
        return
    assert all(isinstance(token, str) for token in header.control_tokens)


@pytest.mark.live
def test_the_real_header_is_read_quickly(tmp_path: Path) -> None:
    card = read_catalogue().default
    path = asyncio.run(present(card.source or "", folder=tmp_path, hub=Hub(), sha256=card.sha256))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        header = read_header(path)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.15
    assert header.control_tokens == card.control_tokens
    assert (header.context, header.size_bytes) == (card.context, card.size_bytes)
