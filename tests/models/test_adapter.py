from __future__ import annotations

from pathlib import Path

import pytest
from gguf_maker import BASE, entry, gguf, text

from thinkwell.errors import SetupError
from thinkwell.models.adapter import AdapterCard, card_of_adapter, check_adapter, read_card, write_card
from thinkwell.models.card import TagsDialect
from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.gguf import read_header

BASE_CARD = read_catalogue().default


def lora(architecture: str = "llama", kind: str = "lora", type: str = "adapter", name: str = "") -> bytes:
    return gguf(
        entry("general.type", 8, text(type)),
        entry("general.architecture", 8, text(architecture)),
        entry("general.name", 8, text(name)),
        entry("adapter.type", 8, text(kind)),
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf(*BASE))
    return path


def written(folder: Path, content: bytes, card: str | None = None) -> Path:
    path = folder / "Mini Two.gguf"
    path.write_bytes(content)
    if card is not None:
        (folder / "Mini Two.card.toml").write_text(card, "utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gguf(*BASE), "is no adapter but a model"),
        (lora(type="imatrix"), "is no adapter but a imatrix"),
        (lora(kind="control_vector"), "kind 'control_vector'; only 'lora'"),
        (lora("qwen3"), "models of the kind 'qwen3', and the model is 'llama'"),
        (b"<!DOCTYPE html><html>not found", "no GGUF file"),
        (b"", "too short"),
    ],
)
def test_a_file_that_is_no_adapter_of_the_model_is_refused_with_the_reason(
    tmp_path: Path, model: Path, content: bytes, told: str
) -> None:
    with pytest.raises(SetupError, match=told):
        check_adapter(written(tmp_path, content), read_header(model))


def test_a_missing_adapter_is_named_as_one(tmp_path: Path, model: Path) -> None:
    with pytest.raises(SetupError, match="There is no adapter file at"):
        check_adapter(tmp_path / "none.gguf", read_header(model))


def test_without_a_card_an_adapter_is_as_its_model_under_a_name_of_its_own(
    tmp_path: Path, model: Path
) -> None:
    card = card_of_adapter(written(tmp_path, lora()), BASE_CARD, model)
    assert (card.name, card.title) == ("mini-two", "mini-two")
    assert (card.dialect, card.control_tokens) == (BASE_CARD.dialect, BASE_CARD.control_tokens)


def test_the_card_beside_an_adapter_says_how_it_speaks(tmp_path: Path, model: Path) -> None:
    said = """
        name = "mini-2"
        title = "Mini, second"
        temperature = 0.0
        thought_tokens = 300
        continues = false
        dialect = { type = "tags", open = "<think>", close = "</think>" }
        [provenance]
        base = "SmolLM2"
    """
    card = card_of_adapter(written(tmp_path, lora(), said), BASE_CARD, model)
    assert (card.name, card.title, card.thought_tokens, card.continues) == (
        "mini-2",
        "Mini, second",
        300,
        False,
    )
    assert card.dialect == TagsDialect(open="<think>", close="</think>")
    assert (card.temperature, card.context) == (0.0, BASE_CARD.context)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("name = ", "is no card of an adapter"),
        ("colour = 'red'", "unknown field `colour`"),
        ("name = 'Mini 2'", "no name for an adapter"),
        ("name = '../mini'", "no name for an adapter"),
        ("temperature = 'hot'", "is no card of an adapter"),
        ("# " + "x" * 100_001, "too long for a card"),
    ],
)
def test_a_card_that_cannot_be_used_is_refused(tmp_path: Path, model: Path, said: str, told: str) -> None:
    with pytest.raises(SetupError, match=told):
        card_of_adapter(written(tmp_path, lora(), said), BASE_CARD, model)


@pytest.mark.parametrize("wrap", [None, ("<a>", "</a>")])
def test_a_card_that_is_written_is_read_as_it_was(tmp_path: Path, wrap: tuple[str, str] | None) -> None:
    path = tmp_path / "mini.gguf"
    card = AdapterCard(
        title='Mini "two" \\ é\t\x7f',
        temperature=0.0,
        continues=True,
        dialect=TagsDialect(open="<think>", close="</think>", wrap=wrap),
        provenance={
            "seed": 1,
            "evaluation": {"adapter-plain": ["all: 50 % of 2", 'a "b"']},
            "licence": "MIT",
        },
    )
    write_card(path, card)
    assert read_card(path) == card
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mini.card.toml"]
    text = (tmp_path / "mini.card.toml").read_text("utf-8")
    assert "temperature = 0.0" in text and "[provenance]" in text
    write_card(path, AdapterCard())
    assert read_card(path) == AdapterCard()
