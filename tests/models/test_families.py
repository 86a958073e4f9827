"""What is known of a model by its id alone: a table of ids as servers, hubs, files and Ollama write them."""

from __future__ import annotations

from pathlib import Path

import gguf_maker
import msgspec
import pytest

from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    HarmonyDialect,
    ModelCard,
    PlainDialect,
    PromptedDialect,
    Switches,
    TagsDialect,
)
from thinkwell.models.catalogue import Catalogue, read_catalogue, switches_of_template
from thinkwell.models.resolve import card_of_file, card_of_server

HARMONY, PLAIN, FIELDS = HarmonyDialect(), PlainDialect(), FieldsDialect()
TAGS = TagsDialect(open="<think>", close="</think>")
OPENED = TagsDialect(open="<think>", close="</think>", opened=True)
MISTRAL = TagsDialect(open="[THINK]", close="[/THINK]")

ENABLE, THINKING, NONE = "enable_thinking", "thinking", None

# id: dialect, replay, by which argument it is switched, pictures
TABLE: dict[str, tuple[Dialect, str, str | None, bool | None]] = {
    "openai/gpt-oss-20b": (HARMONY, "tool-turns", NONE, False),
    "gpt-oss:120b": (HARMONY, "tool-turns", NONE, False),
    "unsloth/gpt-oss-20b-GGUF:Q4_K_M": (HARMONY, "tool-turns", NONE, False),
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": (OPENED, "strip", NONE, False),
    "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B": (OPENED, "strip", NONE, False),
    "deepseek-r1:1.5b": (OPENED, "strip", NONE, False),
    "deepseek-r1:671b": (OPENED, "strip", NONE, False),
    "deepseek-ai/DeepSeek-R1-0528": (OPENED, "strip", NONE, False),
    "deepseek-ai/DeepSeek-V3-0324": (PLAIN, "strip", NONE, False),
    "deepseek-ai/DeepSeek-V3.1-Terminus": (OPENED, "strip", THINKING, False),
    "deepseek-v3.1:671b": (OPENED, "strip", THINKING, False),
    "deepseek-ai/DeepSeek-V3.2-Exp": (OPENED, "tool-turns", THINKING, False),
    "deepseek-ai/DeepSeek-V4-Pro": (OPENED, "tool-turns", THINKING, None),
    "deepseek-v4-flash": (OPENED, "tool-turns", THINKING, None),
    "Qwen/Qwen3-8B": (TAGS, "tool-turns", ENABLE, False),
    "qwen3:8b": (TAGS, "tool-turns", ENABLE, False),
    "Qwen3-30B-A3B-Q4_K_M.gguf": (TAGS, "tool-turns", ENABLE, False),
    "Qwen/Qwen3-4B-Instruct-2507": (PLAIN, "strip", NONE, False),
    "Qwen/Qwen3-4B-Thinking-2507": (OPENED, "tool-turns", NONE, False),
    "qwen3:30b-a3b-thinking-2507-q4_K_M": (OPENED, "tool-turns", NONE, False),
    "Qwen/Qwen3-Next-80B-A3B-Instruct": (PLAIN, "strip", NONE, False),
    "Qwen/Qwen3-Next-80B-A3B-Thinking": (OPENED, "tool-turns", NONE, False),
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": (PLAIN, "strip", NONE, False),
    "qwen3-coder:30b": (PLAIN, "strip", NONE, False),
    "Qwen/Qwen3-VL-8B-Instruct": (PLAIN, "strip", NONE, True),
    "Qwen/Qwen3-VL-8B-Thinking": (OPENED, "tool-turns", NONE, True),
    "Qwen/Qwen3.5-35B-A3B": (OPENED, "keep", ENABLE, None),
    "qwen3.6-35b-a3b": (OPENED, "keep", ENABLE, None),
    "Qwen/QwQ-32B": (OPENED, "strip", NONE, False),
    "qwq:32b": (OPENED, "strip", NONE, False),
    "Qwen/Qwen2.5-7B-Instruct": (PLAIN, "strip", NONE, False),
    "Qwen/Qwen2.5-VL-7B-Instruct": (PLAIN, "strip", NONE, True),
    "zai-org/GLM-4.5-Air": (TAGS, "keep", ENABLE, None),
    "zai-org/GLM-4.6": (TAGS, "keep", ENABLE, None),
    "zai-org/GLM-4.6V": (TAGS, "keep", ENABLE, True),
    "zai-org/GLM-4.7": (OPENED, "keep", ENABLE, None),
    "glm-5": (OPENED, "keep", ENABLE, None),
    "zai-org/GLM-Z1-9B-0414": (OPENED, "strip", NONE, False),
    "zai-org/GLM-4-9B-0414": (PLAIN, "strip", NONE, None),
    "moonshotai/Kimi-K2-Instruct-0905": (PLAIN, "strip", NONE, None),
    "moonshotai/Kimi-K2-Thinking": (TAGS, "tool-turns", NONE, False),
    "kimi-k2-thinking:cloud": (TAGS, "tool-turns", NONE, False),
    "moonshotai/Kimi-K2.5": (OPENED, "tool-turns", THINKING, True),
    "mistralai/Magistral-Small-2506": (TAGS, "strip", NONE, False),
    "mistralai/Magistral-Small-2509": (MISTRAL, "strip", NONE, None),
    "magistral:24b": (MISTRAL, "strip", NONE, None),
    "mistralai/Mistral-Small-3.2-24B-Instruct-2506": (PLAIN, "strip", NONE, None),
    "mistral:7b": (PLAIN, "strip", NONE, None),
    "ibm-granite/granite-3.3-8b-instruct": (
        TagsDialect(open="<think>", close="</think>", wrap=("<response>", "</response>")),
        "strip",
        THINKING,
        None,
    ),
    "granite3.2:8b": (
        TagsDialect(open="Here is my thought process:", close="Here is my response:"),
        "strip",
        THINKING,
        None,
    ),
    "ibm-granite/granite-4.0-h-small": (PLAIN, "strip", NONE, None),
    "ibm-granite/granite-4.2-8b": (TAGS, "strip", THINKING, None),
    "HuggingFaceTB/SmolLM3-3B": (TAGS, "strip", ENABLE, False),
    "HuggingFaceTB/SmolLM2-1.7B-Instruct": (PLAIN, "strip", NONE, False),
    "google/gemma-3-27b-it": (PLAIN, "strip", NONE, True),
    "gemma3:270m": (PLAIN, "strip", NONE, False),
    "google/gemma-4-31B-it": (
        TagsDialect(open="<|channel>thought", close="<channel|>"),
        "strip",
        ENABLE,
        True,
    ),
    "meta-llama/Llama-3.3-70B-Instruct": (PLAIN, "strip", NONE, False),
    "llama3.1:8b": (PLAIN, "strip", NONE, False),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": (PLAIN, "strip", NONE, True),
    "nvidia/Llama-3_3-Nemotron-Super-49B-v1_5": (TAGS, "strip", NONE, False),
    "nvidia/NVIDIA-Nemotron-Nano-9B-v2": (OPENED, "strip", NONE, False),
    "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": (OPENED, "keep", ENABLE, False),
    "MiniMaxAI/MiniMax-M2": (OPENED, "keep", NONE, None),
    "MiniMaxAI/MiniMax-M1-80k": (TAGS, "strip", NONE, None),
    "microsoft/Phi-4-mini-reasoning": (TAGS, "strip", NONE, False),
    "phi4:14b": (PLAIN, "strip", NONE, None),
    "tencent/Hunyuan-A13B-Instruct": (
        TagsDialect(open="<think>", close="</think>", wrap=("<answer>", "</answer>")),
        "strip",
        ENABLE,
        None,
    ),
    "ByteDance-Seed/Seed-OSS-36B-Instruct": (
        TagsDialect(open="<seed:think>", close="</seed:think>"),
        "strip",
        "thinking_budget",
        False,
    ),
    "allenai/Olmo-3-7B-Think": (OPENED, "strip", NONE, False),
    "swiss-ai/Apertus-8B-Instruct-2509": (PLAIN, "strip", NONE, False),
    "somebody/something-new": (FIELDS, "tool-turns", NONE, None),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue()


@pytest.mark.parametrize("model_id", TABLE)
def test_a_model_behind_a_server_is_known_by_its_id(catalogue: Catalogue, model_id: str) -> None:
    dialect, replay, switch, images = TABLE[model_id]
    card = card_of_server(model_id, None, catalogue)
    assert (card.dialect, card.replay, card.images) == (dialect, replay, images)
    assert (switch in card.switches.off) if switch else not card.switches.off
    assert set(card.switches.on) <= set(card.switches.off)
    assert card.name == model_id
    assert card.context >= 4096 and not card.continues


def test_what_a_server_tells_of_its_context_counts(catalogue: Catalogue) -> None:
    assert card_of_server("Qwen/Qwen3-8B", 9999, catalogue).context == 9999
    assert card_of_server("Qwen/Qwen3-8B", None, catalogue).context == 40960
    assert card_of_server("who/knows", None, catalogue).context == 4096


def test_no_family_is_hidden_behind_a_wider_one(catalogue: Catalogue) -> None:
    """Each is what some id of the table leads to, but for those that are rare: they have an id here."""
    rare = (
        "deepseek-reasoner",
        "qwq-32b-preview",
        "qwen3-omni-30b-a3b",
        "glm-4.1v-9b-thinking",
        "kimi-k3",
        "kimi-vl-a3b-thinking",
        "gemma-3n-e4b-it",
        "gemma-2-9b",
        "llama-3.2-11b-vision",
        "llama-3-8b",
        "command-a-reasoning",
        "exaone-deep-32b",
        "exaone-4.0-32b",
        "ernie-4.5-21b-a3b-thinking",
    )
    reached = {id(catalogue.family(name.rpartition("/")[2])) for name in (*TABLE, *rare)}
    assert [family.ids for family in catalogue.families if id(family) not in reached] == []


def test_what_a_card_of_the_catalogue_leaves_out_its_family_says(catalogue: Catalogue) -> None:
    card = catalogue.card("qwen3-4b")
    assert card is not None
    assert (card.dialect, card.licence, card.context, card.replay) == (
        TAGS,
        "Apache-2.0",
        40960,
        "tool-turns",
    )
    assert card.switches == Switches(on={"enable_thinking": True}, off={"enable_thinking": False})
    assert "limited time" in card.closing and card.continues
    assert isinstance(catalogue.default.dialect, PromptedDialect)


def test_a_server_with_a_model_of_the_catalogue_has_what_its_card_says(catalogue: Catalogue) -> None:
    card = card_of_server("x/smollm2-135m-instruct", None, catalogue)
    assert card.dialect == catalogue.default.dialect and card.title == catalogue.default.title
    assert not card.continues and card.source is None


QWEN3 = (
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think></think>' }}{%- endif %}"
)


@pytest.mark.parametrize(
    ("template", "switch"),
    [
        (QWEN3, "enable_thinking"),
        ("{% if not thinking is defined %}{% set thinking = false %}{% endif %}", "thinking"),
        (
            "{{- '/nothink' if (enable_thinking is defined and not enable_thinking) else '' -}}",
            "enable_thinking",
        ),
        ("{% set enable_thinking = true %}{% if not enable_thinking %}<think></think>{% endif %}", None),
        ("{% if message.thinking %}{{ message.thinking }}{% endif %}", None),
        ("{% if 'thinking' in message %}{% endif %} if thinking", None),
        ("", None),
    ],
)
def test_a_template_tells_by_what_it_is_switched(template: str, switch: str | None) -> None:
    expected = Switches(on={switch: True}, off={switch: False}) if switch else Switches()
    assert switches_of_template(template) == expected


def file_card(catalogue: Catalogue, folder: Path, template: str, name: str) -> ModelCard:
    path = folder / "x.gguf"
    path.write_bytes(gguf_maker.model(template, name=name))
    return card_of_file(path, catalogue)


def test_a_file_is_what_its_template_says_and_more_by_its_name(catalogue: Catalogue, tmp_path: Path) -> None:
    thinks = QWEN3 + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
    card = file_card(catalogue, tmp_path, thinks, "Qwen3 8B")
    assert (card.dialect, card.replay) == (TAGS, "tool-turns")
    assert "enable_thinking" in card.switches.off and card.closing
    other = file_card(catalogue, tmp_path, thinks, "My Merge")
    assert (other.dialect, other.switches.off) == (TAGS, {"enable_thinking": False})
    assert other.replay == "tool-turns" and not other.closing


def test_a_file_whose_name_and_template_disagree_is_what_its_template_says(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    card = file_card(catalogue, tmp_path, "{{ messages }}", "Qwen3 8B stripped")
    assert card.dialect == catalogue.default.dialect and card.continues and not card.switches.off
    harmony = file_card(catalogue, tmp_path, "<|start|>assistant<|channel|>analysis<|message|>", "A merge")
    assert harmony.dialect == HARMONY and not harmony.continues
    named = file_card(catalogue, tmp_path, "<|start|>assistant<|channel|>analysis<|message|>", "Gpt-Oss-20B")
    assert named.switches.efforts == ("low", "medium", "high")


def test_no_two_cards_share_what_could_be_changed(catalogue: Catalogue) -> None:
    for card in catalogue.cards:
        assert msgspec.convert(msgspec.to_builtins(card), ModelCard) == card
