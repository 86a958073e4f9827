from __future__ import annotations

from pathlib import Path

import gguf_maker
import pytest

from thinkwell.errors import SetupError
from thinkwell.models.card import PromptedDialect, TagsDialect
from thinkwell.models.catalogue import Catalogue, read_catalogue
from thinkwell.models.resolve import hub_parts, resolve


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


def test_every_card_is_whole(catalogue: Catalogue) -> None:
    assert len(set(catalogue.names)) == len(catalogue.cards) >= 6
    for card in catalogue.cards:
        assert card.name == card.name.casefold() and card.about and card.licence
        assert card.source and card.source.startswith(("wheel:", "hf:"))
        if card.source.startswith("hf:"):
            hub_parts(card.source)


def test_the_default_comes_with_a_checksum_and_thinks_first(catalogue: Catalogue) -> None:
    card = catalogue.default
    assert card.name == "smollm2-135m-instruct" and len(card.sha256 or "") == 64
    assert isinstance(card.dialect, PromptedDialect) and "{question}" in card.dialect.ask


def test_a_name_is_found_in_any_case(catalogue: Catalogue) -> None:
    found = resolve("Qwen3-0.6B", catalogue)
    assert (found.kind, found.card.name, found.complete) == ("embedded", "qwen3-0.6b", True)
    assert found.where == found.card.source


def test_an_unknown_name_lists_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(SetupError, match=r"did you mean qwen3-0\.6b"):
        resolve("qwen3-0.5b", catalogue)
    with pytest.raises(SetupError, match="there are smollm2-135m-instruct, "):
        resolve("zzzz", catalogue)


R1 = "{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜><think>\\n'}}{% endif %}"
QWEN3 = (
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}"
)
THINKING = "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}"
STRIPS = "{{ content.split('</think>')[-1] }}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"


@pytest.mark.parametrize(
    ("template", "opened"), [(R1, True), (QWEN3, False), (THINKING, True), (STRIPS, False)]
)
def test_a_template_tells_its_tags_and_whether_it_opens_the_thought(
    catalogue: Catalogue, tmp_path: Path, template: str, opened: bool
) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf_maker.model(template))
    dialect = resolve(str(path), catalogue).card.dialect
    assert dialect == TagsDialect(open="<think>", close="</think>", opened=opened)


def test_a_file_without_tags_is_made_to_think_first(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf_maker.model(name="A  Model: v1.0/Ünï"))
    found = resolve(str(path), catalogue)
    assert (found.kind, found.where, found.complete) == ("embedded", str(path), True)
    assert found.card.name == "a-model-v1.0-n"
    assert (found.card.context, found.card.licence) == (2048, "apache-2.0")
    assert found.card.control_tokens == ("<|im_start|>", "[INST]")
    assert found.card.dialect == catalogue.default.dialect


def test_a_name_of_control_characters_falls_back_on_the_files(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "plain.gguf"
    path.write_bytes(gguf_maker.model(name="\x1b[2J\n\x00"))
    card = resolve(str(path), catalogue).card
    assert card.name == "2j" and card.title.isprintable()


def test_a_missing_path_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="There is no model file at"):
        resolve(str(tmp_path / "none.gguf"), catalogue)


@pytest.mark.parametrize(
    ("model", "where", "model_id"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1", None),
        ("https://api.example.org/v1#some/model-1", "https://api.example.org/v1", "some/model-1"),
        ("http://[::1]:8000", "http://[::1]:8000", None),
    ],
)
def test_a_servers_address_may_name_its_model(
    catalogue: Catalogue, model: str, where: str, model_id: str | None
) -> None:
    found = resolve(model, catalogue)
    assert (found.kind, found.where, found.model_id, found.complete) == ("remote", where, model_id, False)


@pytest.mark.parametrize(
    "model", ["http://", "http://h:99999", "http://h:0", "https://key:x@h/v1", "http://[::1", "http:///v1"]
)
def test_an_address_that_is_none_is_refused(catalogue: Catalogue, model: str) -> None:
    with pytest.raises(SetupError):
        resolve(model, catalogue)


def test_a_key_in_an_address_is_not_repeated(catalogue: Catalogue) -> None:
    with pytest.raises(SetupError) as caught:
        resolve("https://me:sk-secret@h/v1", catalogue)
    assert "sk-secret" not in caught.value.message


def test_the_hubs_places_are_taken_apart() -> None:
    assert hub_parts("hf:a/b/c.gguf") == ("a/b", "c.gguf", "main")
    assert hub_parts("hf:a/b/q4/c.gguf@refs/pr/1") == ("a/b", "q4/c.gguf", "refs/pr/1")


@pytest.mark.parametrize(
    "source",
    [
        "hf:a/c.gguf",
        "hf:a/b/c.bin",
        "hf:a/b/../c.gguf",
        "hf:../b/c.gguf",
        "hf:a/b//c.gguf",
        "hf:a/b/c.gguf@../x",
    ],
)
def test_a_place_that_leads_astray_is_refused(catalogue: Catalogue, source: str) -> None:
    with pytest.raises(SetupError, match=r"write hf:owner/repo/file\.gguf"):
        resolve(source, catalogue)


def test_a_hub_file_of_the_catalogue_has_its_card(catalogue: Catalogue) -> None:
    known = catalogue.card("qwen3-0.6b")
    assert known and known.source
    assert resolve(known.source, catalogue).card == known
    found = resolve("hf:a/b/My-Model.Q4.gguf", catalogue)
    assert (found.card.name, found.complete) == ("my-model.q4", False)
