"""The adapters of the data folder, and with which of them a site begins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from thinkwell.build import prepare_model
from thinkwell.build.embedded import AdapterShelf
from thinkwell.errors import NotFound, SetupError
from thinkwell.models.adapter import MINDS
from thinkwell.models.card import TagsDialect
from thinkwell.models.catalogue import read_catalogue
from thinkwell.settings import Settings, load_settings, prepare_data
from thinkwell.testing.lora import write_lora

CATALOGUE = read_catalogue()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    prepare_data(data)
    (data / "adapters").mkdir()
    return data


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model.gguf")


def write_model(path: Path) -> Path:
    """An empty one, of the adapters' architecture."""
    from tests.models.gguf_maker import BASE, gguf

    path.write_bytes(gguf(*BASE))
    return path


def settings(data: Path, *assignments: str) -> Settings:
    return load_settings(data, {}, assignments)


def shelf(data: Path, model: Path, *assignments: str, mind: str = "") -> AdapterShelf:
    base = msgspec.structs.replace(CATALOGUE.default, mind=mind)
    return AdapterShelf(settings(data, *assignments), base, model, CATALOGUE)


def test_adapters_are_named_by_their_files(data: Path, model: Path) -> None:
    write_lora(data / "adapters" / "mini.gguf", name="Mini Two")
    write_lora(data / "adapters" / "No Name.gguf")
    here = shelf(data, model)
    assert asyncio.run(here.names()) == ["mini"]
    assert asyncio.run(here.card("mini")).name == "mini-two"
    assert asyncio.run(here.card("")) == here.base


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "..",
        "./mini",
        "sub/mini",
        "mini.gguf",
        "/etc/passwd",
        "mini\0",
        "link",
        "Mini",
        "none",
        " ",
    ],
)
def test_what_is_not_in_the_folder_cannot_be_named(data: Path, model: Path, name: str) -> None:
    write_lora(data / "secret.gguf")
    (data / "adapters" / "sub").mkdir()
    write_lora(data / "adapters" / "sub" / "mini.gguf")
    write_lora(data / "adapters" / "mini.gguf")
    (data / "adapters" / "link.gguf").symlink_to(data / "secret.gguf")
    with pytest.raises(NotFound):
        asyncio.run(shelf(data, model).card(name))


def test_a_site_begins_with_what_was_published_until_the_setting_is_changed(data: Path, model: Path) -> None:
    write_lora(data / "adapters" / "mini.gguf")
    assert shelf(data, model).first() == ("", None)
    set_one = "engine.adapter=old.gguf"
    assert shelf(data, model, set_one).first() == ("", data / "old.gguf")
    asyncio.run(shelf(data, model, set_one).remember("mini"))
    assert shelf(data, model, set_one).first() == ("mini", data / "adapters" / "mini.gguf")
    assert shelf(data, model, "engine.adapter=new.gguf").first() == ("", data / "new.gguf")
    asyncio.run(shelf(data, model, set_one).remember(""))
    assert shelf(data, model, set_one).first() == ("", None)


def test_a_site_begins_with_the_models_own_mind_unless_it_is_told_otherwise(data: Path, model: Path) -> None:
    mind = CATALOGUE.default.mind
    here = shelf(data, model, mind=mind)
    assert here.first() == (mind, MINDS / f"{mind}.gguf")
    assert asyncio.run(here.names()) == [mind]
    assert asyncio.run(here.card(mind)).dialect == TagsDialect(open="<think>", close="</think>")
    assert shelf(data, model, "engine.adapter=none", mind=mind).first() == ("", None)
    asyncio.run(here.remember(""))
    assert shelf(data, model, mind=mind).first() == ("", None), "as was published"
    asyncio.run(here.remember(mind))
    assert shelf(data, model, mind=mind).first() == (mind, MINDS / f"{mind}.gguf")


@pytest.mark.parametrize("mind", ["", "lost"])
def test_a_model_without_a_mind_is_as_it_is(data: Path, model: Path, mind: str) -> None:
    here = shelf(data, model, mind=mind)
    assert (asyncio.run(here.names()), here.first()) == ([], ("", None))


def test_a_site_takes_its_card_from_the_adapter_that_it_begins_with(data: Path, model: Path) -> None:
    write_lora(data / "adapters" / "mini.gguf")
    (data / "adapters" / "mini.card.toml").write_text('name = "mini-2"\nthought_tokens = 300\n', "utf-8")
    named = settings(data, f"engine.model={model}", "engine.adapter=adapters/mini.gguf")
    found = asyncio.run(prepare_model(named, lambda done, total: None))
    assert (found.card.name, found.card.thought_tokens) == ("mini-2", 300)
    assert found.engines[0].name == "mini-2"
    assert found.shelf is not None and found.shelf.base.name == "tiny-model"


def test_a_server_is_given_no_adapter(data: Path) -> None:
    named = settings(data, "engine.model=http://127.0.0.1:9", "engine.adapter=mini.gguf")
    with pytest.raises(SetupError, match="for the embedded engine"):
        asyncio.run(prepare_model(named, lambda done, total: None))
    as_it_is = settings(data, "engine.model=http://127.0.0.1:9", "engine.adapter=none")
    with pytest.raises(SetupError, match="does not answer"):
        asyncio.run(prepare_model(as_it_is, lambda done, total: None))


def test_a_published_adapter_that_is_gone_is_told_and_not_passed_over(data: Path, model: Path) -> None:
    asyncio.run(shelf(data, model).remember("mini"))
    with pytest.raises(SetupError, match=r"is not in .*adapters any more"):
        shelf(data, model).first()
    (data / "adapters" / "serving.json").write_text("{")
    with pytest.raises(SetupError, match=r"serving\.json cannot be read"):
        shelf(data, model).first()
