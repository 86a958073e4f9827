"""The mind that ships with the model: its parts belong together, and it thinks where it was taught to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import openai
import pytest
import pytest_asyncio

from thinkwell.models.adapter import MINDS, read_card
from thinkwell.models.card import TagsDialect
from thinkwell.models.catalogue import read_catalogue
from thinkwell.reasoning.splitters import USUAL_TAGS
from thinkwell.testing.process import SiteProcess, site_process
from thinkwell.training.config import read_config
from thinkwell.training.data.parts import DataRecipe

RECIPE = Path(__file__).parents[2] / "recipes" / "mind"
MODEL = read_catalogue().default
FILE = MINDS / f"{MODEL.mind}.gguf"

# What a visitor might try first; the small ones among what was taught.
ASKED = [
    ("What is 57 + 87?", "144"),
    ("What is 8 + 5?", "13"),
    ("Combien font 12 + 30 ?", "42"),
]


def test_the_mind_is_of_the_model_that_ships_and_of_the_run_that_is_told() -> None:
    card = read_card(FILE)
    data = json.loads((RECIPE / "data.json").read_text("utf-8"))
    assert card.provenance["base_sha256"] == MODEL.sha256
    assert card.provenance["data_sha256"] == data["hash"]
    config = read_config(RECIPE / "mind.toml")
    assert msgspec.convert(data["recipe"], DataRecipe) == config.data
    assert (card.title, card.licence, config.name) == (config.title, config.licence, MODEL.mind)
    assert isinstance(card.dialect, TagsDialect)
    for name in ("adapter-own-plain-0", "base-own-plain-0", "adapter-gym-plain-0", "base-gym-plain-0"):
        assert any(said.startswith("all: ") for said in card.provenance["evaluation"][name])
    assert FILE.stat().st_size < 12_000_000
    report = (RECIPE / "report.md").read_text("utf-8")
    assert data["hash"][:16] in report and "## Evaluation: base-gym-plain-0" in report


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SiteProcess]:
    async with site_process(tmp_path_factory.mktemp("mind") / "data") as started:
        yield started


@pytest.mark.live
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("question", "answer"), ASKED)
async def test_it_thinks_before_it_answers_what_it_was_taught(
    site: SiteProcess, question: str, answer: str
) -> None:
    async with openai.AsyncOpenAI(base_url=f"{site.ready.url}/v1", api_key="none") as client:
        said = await client.chat.completions.create(
            model=site.ready.model, messages=[{"role": "user", "content": question}], temperature=0
        )
    told = said.choices[0].message
    assert answer in (told.content or "")
    assert answer in getattr(told, "reasoning_content", "")


@pytest.mark.live
@pytest.mark.asyncio(loop_scope="module")
async def test_it_is_not_heard_thinking_where_no_thought_is_wanted(site: SiteProcess) -> None:
    async with openai.AsyncOpenAI(base_url=f"{site.ready.url}/v1", api_key="none") as client:
        said = await client.chat.completions.create(
            model=site.ready.model,
            messages=[{"role": "user", "content": ASKED[0][0]}],
            temperature=0,
            reasoning_effort="none",
        )
    told = said.choices[0].message
    assert told.content and USUAL_TAGS.open not in told.content
    assert not getattr(told, "reasoning_content", None)
    assert said.usage and said.usage.completion_tokens_details
    assert said.usage.completion_tokens_details.reasoning_tokens == 0
