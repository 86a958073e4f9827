"""Where an OpenAI-compatible server is and which one it is. Knows addresses and probing, no passes."""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from thinkwell.engines.base import Abilities

ServerKind = Literal["llama.cpp", "vllm", "sglang", "generic"]

_Shape = TypeVar("_Shape")

DEFAULT_SLOTS = 4  # where neither the operator nor the server says how many


class ServerAddress(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` with or without a ``/v1`` at its end. ``model`` None: the first that the server lists.

    ``slots`` and ``context`` win over what the server tells. ``whole_text`` asks llama.cpp and SGLang to
    leave the thought in the text, for a card whose dialect splits it itself.
    """

    url: str
    model: str | None = None
    key: str | None = None
    slots: int | None = None
    context: int | None = None
    whole_text: bool = False

    @property
    def root(self) -> str:
        return self.url.rstrip("/").removesuffix("/v1")

    def __repr__(self) -> str:  # the key stays out of logs
        return f"ServerAddress(url={self.url!r}, model={self.model!r}, slots={self.slots!r})"


class EngineTimeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. ``silent_s`` is the longest silence in a stream, from the question on; ``ask_s`` bounds
    the small questions (health, models, tokenise)."""

    connect_s: float = 5.0
    silent_s: float = 120.0
    ask_s: float = 10.0


class ServerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of a server; None: it does not tell.

    ``holds_budget``: it ends a thought at the budget that it is sent. ``least_budget`` is what ends one at
    once: one token where the prompt opens it and goes on with white space, which llama.cpp counts.
    ``spared`` are fields that it refused and did without.
    """

    kind: ServerKind = "generic"
    model: str | None = None
    slots: int | None = None
    context: int | None = None
    holds_budget: bool = False
    least_budget: int = 0
    abilities: Abilities = Abilities()
    spared: frozenset[str] = frozenset()


class _Settings(msgspec.Struct):
    n_ctx: int | None = None


class _Caps(msgspec.Struct):
    supports_tools: bool | None = None


class _Modalities(msgspec.Struct):
    vision: bool | None = None


class _Props(msgspec.Struct):
    """``GET /props`` of llama.cpp."""

    total_slots: int
    default_generation_settings: _Settings = msgspec.field(default_factory=_Settings)
    chat_template_caps: _Caps = msgspec.field(default_factory=_Caps)
    modalities: _Modalities = msgspec.field(default_factory=_Modalities)


class _Info(msgspec.Struct):
    """``GET /server_info`` of SGLang."""

    enable_strict_thinking: bool = False


class _Meta(msgspec.Struct):
    n_ctx: int | None = None


class _Model(msgspec.Struct):
    id: str
    owned_by: str | None = None
    max_model_len: int | None = None  # vLLM and SGLang
    meta: _Meta | None = None  # llama.cpp


class _Models(msgspec.Struct):
    data: list[_Model] = msgspec.field(default_factory=list)


def facts_from(models: bytes | None, props: bytes | None, wanted: str | None) -> ServerFacts:
    """The facts in ``GET /v1/models`` and ``GET /props``; None or unreadable replies tell nothing."""
    listed = _decoded(models, _Models)
    found = _decoded(props, _Props)
    entries = listed.data if listed else []
    entry = next((m for m in entries if m.id == wanted), entries[0] if entries else None)
    model = wanted or (entry.id if entry else None)
    if found is not None and 0 < found.total_slots <= 4096:
        listed_context = entry.meta.n_ctx if entry and entry.meta else None
        return ServerFacts(
            kind="llama.cpp",
            model=model,
            slots=found.total_slots,
            context=_positive(found.default_generation_settings.n_ctx or listed_context),
            holds_budget=True,
            abilities=Abilities(
                tools=found.chat_template_caps.supports_tools, images=found.modalities.vision
            ),
        )
    owner = (entry.owned_by or "") if entry else ""
    kind: ServerKind = "vllm" if owner == "vllm" else "sglang" if owner == "sglang" else "generic"
    return ServerFacts(
        kind=kind,
        model=model,
        context=_positive(entry.max_model_len) if entry else None,
        holds_budget=kind == "vllm",  # until it refuses: it tells by nothing else
    )


def strict_thinking(info: bytes | None) -> bool:
    """Whether this SGLang was started so that it holds budgets of thought."""
    found = _decoded(info, _Info)
    return found is not None and found.enable_strict_thinking


def _decoded(body: bytes | None, shape: type[_Shape]) -> _Shape | None:
    if body is None:
        return None
    try:
        return msgspec.json.decode(body, type=shape)
    except (ValueError, RecursionError):
        return None


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None
