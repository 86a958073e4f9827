"""Every spelling in use of "how much to think", made into one value. The same fields at all doors.

OpenAI (``reasoning_effort``, Responses' ``reasoning``), OpenRouter (``reasoning``, ``include_reasoning``),
Anthropic and DeepSeek (``thinking``, ``output_config``), vLLM (``thinking_token_budget``), llama.cpp
(``thinking_budget_tokens``), Qwen (``thinking_budget``, ``enable_thinking``), and of the template arguments
those that switch the thought. Spellings may be sent together as long as they do not contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.values.thinking import Effort, Thinking

# -1 says "no bound" in llama.cpp's and vLLM's spelling.
MOST_BUDGET = 1_000_000
Budget = Annotated[int, Meta(ge=-1, le=MOST_BUDGET)]
_Said = TypeVar("_Said")


class ReasoningField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``summary`` is accepted without effect: the thought itself is sent."""

    effort: Effort | None = None
    max_tokens: Budget | None = None
    exclude: bool | None = None
    enabled: bool | None = None
    summary: Literal["auto", "concise", "detailed", "none"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None


class ThinkingField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``adaptive`` and ``auto``: as the model likes. ``display`` ``omitted``: do not send the thought."""

    type: Literal["enabled", "disabled", "adaptive", "auto"] = "auto"
    budget_tokens: Budget | None = None
    display: Literal["full", "summarized", "omitted"] | None = None


class TemplateArguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of ``chat_template_kwargs`` what switches the thought; nothing else reaches a template."""

    enable_thinking: bool | None = None
    thinking: bool | None = None
    reasoning_effort: Effort | None = None
    thinking_budget: Budget | None = None


class OutputConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    effort: Effort | None = None


class ThinkingFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To be inherited by a request's shape."""

    reasoning_effort: Effort | None = None
    reasoning: ReasoningField | None = None
    thinking: ThinkingField | None = None
    output_config: OutputConfig | None = None
    thinking_token_budget: Budget | None = None
    thinking_budget_tokens: Budget | None = None
    thinking_budget: Budget | None = None
    enable_thinking: bool | None = None
    include_reasoning: bool | None = None
    chat_template_kwargs: TemplateArguments | None = None


def thinking_of(asked: ThinkingFields) -> Thinking:
    """Raises BadRequest where two spellings contradict each other."""
    reasoning = asked.reasoning or ReasoningField()
    thinking = asked.thinking or ThinkingField()
    template = asked.chat_template_kwargs or TemplateArguments()
    efforts: dict[str, Effort | None] = {
        "reasoning_effort": asked.reasoning_effort,
        "reasoning.effort": reasoning.effort,
        "output_config.effort": asked.output_config.effort if asked.output_config else None,
        "chat_template_kwargs.reasoning_effort": template.reasoning_effort,
    }
    budgets = {
        "reasoning.max_tokens": reasoning.max_tokens,
        "thinking.budget_tokens": thinking.budget_tokens,
        "thinking_token_budget": asked.thinking_token_budget,
        "thinking_budget_tokens": asked.thinking_budget_tokens,
        "thinking_budget": asked.thinking_budget,
        "chat_template_kwargs.thinking_budget": template.thinking_budget,
    }
    shown = {
        "include_reasoning": asked.include_reasoning,
        "reasoning.exclude": None if reasoning.exclude is None else not reasoning.exclude,
        "thinking.display": None if thinking.display is None else thinking.display != "omitted",
    }
    effort: Effort | None = _one("efforts", efforts)
    budget = _one("budgets", budgets)
    show = _one("wishes to see the thought", shown)
    # Every one that says whether to think must say the same, an effort and a budget too.
    on = _one(
        "wishes to think",
        {
            "reasoning.enabled": reasoning.enabled,
            "thinking.type": {"enabled": True, "disabled": False}.get(thinking.type),
            "enable_thinking": asked.enable_thinking,
            "chat_template_kwargs.enable_thinking": template.enable_thinking,
            "chat_template_kwargs.thinking": template.thinking,
        }
        | {name: value != "none" for name, value in efforts.items() if value is not None}
        | {name: value != 0 for name, value in budgets.items() if value is not None},
    )
    if on is False:
        budget = 0
    return Thinking(effort=effort, budget=None if budget == -1 else budget, show=show is not False)


def _one(what: str, said: Mapping[str, _Said | None]) -> _Said | None:
    """The one value that was said, however often."""
    given = [(name, value) for name, value in said.items() if value is not None]
    if not given:
        return None
    name, value = given[0]
    for other, another in given[1:]:
        if another != value:
            raise BadRequest(f"{name} and {other} are two {what} that disagree; send one.", param=other)
    return value
