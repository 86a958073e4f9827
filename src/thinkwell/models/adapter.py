"""An adapter (LoRA) of a model: is it one, for which model, and what the site is to know of it.

Its card is a TOML file beside it, ``mini.card.toml`` for ``mini.gguf``: read and mended with any editor, also
for an adapter that somebody else made, and written without a tool that knows GGUF. What it does not say is as
on the card of the model below; without a card, all is. Knows no engine, and not where adapters are kept.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import put
from thinkwell.models.card import Dialect, ModelCard, Replay
from thinkwell.models.gguf import GgufHeader, read_header

# Those that ship with models of the catalogue.
MINDS = Path(__file__).parent / "minds"
CARD_SUFFIX = ".card.toml"
MOST_CARD_BYTES = 100_000
# What stands in receipts, in requests and in file names alike.
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class AdapterCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """As on a model's card, whose words hold where one here is unset. ``provenance`` is shown to operators as
    it stands: base, data, run, licence, what an evaluation found."""

    name: str | None = None
    title: str | None = None
    about: str | None = None
    licence: str | None = None
    dialect: Dialect | None = None
    replay: Replay | None = None
    temperature: float | None = None
    top_p: float | None = None
    answer_tokens: int | None = None
    thought_tokens: int | None = None
    continues: bool | None = None
    closing: str | None = None
    provenance: dict[str, Any] = {}


def adapters_in(folder: Path) -> list[str]:
    """Names of the adapters there, without what is no name."""
    return sorted(path.stem for path in folder.glob("*.gguf") if NAME.fullmatch(path.stem))


def adapter_in(folder: Path, name: str) -> Path | None:
    """The file of that name there; None for everything that is not one, whatever is written in ``name``, and
    for a link that leads elsewhere."""
    path = folder / f"{name}.gguf"
    if NAME.fullmatch(name) is None or not path.is_file():
        return None
    return path if path.resolve().parent == folder.resolve() else None


def check_adapter(path: Path, base: GgufHeader) -> GgufHeader:
    """The adapter's header. Raises SetupError for a file that is no LoRA adapter of such a model."""
    header = read_header(path, what="adapter")
    if header.kind != "adapter":
        raise SetupError(
            f"{path} is no adapter but a {header.kind}; give it as the model, or name a LoRA file."
        )
    if header.adapter not in ("", "lora"):
        raise SetupError(f"{path} is an adapter of the kind {header.adapter!r}; only 'lora' can be loaded.")
    if header.architecture != base.architecture:
        its, other = header.architecture or "unknown", base.architecture or "unknown"
        raise SetupError(
            f"{path} is an adapter for models of the kind {its!r}, and the model is {other!r}; "
            "take the model that it was trained on."
        )
    return header


def card_of_adapter(path: Path, base: ModelCard, model: Path) -> ModelCard:
    """The card of the model at ``model`` with the adapter at ``path`` laid over it. Raises SetupError."""
    header = check_adapter(path, read_header(model))
    told = read_card(path)
    said = {
        name: value
        for name, value in msgspec.structs.asdict(told).items()
        if name != "provenance" and value is not None
    }
    name = told.name or _slug(header.name) or _slug(path.stem)
    if NAME.fullmatch(name) is None:
        raise SetupError(
            f"{name!r} is no name for an adapter; write small letters, digits, '.', '_' and '-'."
        )
    title = told.title or header.name[:80].strip() or name
    return msgspec.structs.replace(base, **{**said, "name": name, "title": title})


def read_card(path: Path) -> AdapterCard:
    """What stands beside the adapter at ``path``; empty where nothing does. Raises SetupError."""
    beside = path.with_name(path.stem + CARD_SUFFIX)
    try:
        with beside.open("rb") as file:
            text = file.read(MOST_CARD_BYTES + 1)
        if len(text) > MOST_CARD_BYTES:
            raise SetupError(f"{beside} is too long for a card.")
        return msgspec.convert(tomllib.loads(text.decode("utf-8")), AdapterCard)
    except FileNotFoundError:
        return AdapterCard()
    except OSError as problem:
        raise SetupError(f"{beside} cannot be read: {problem.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise SetupError(f"{beside} is no card of an adapter: {problem}.") from None


def write_card(path: Path, card: AdapterCard) -> None:
    """Beside the adapter at ``path``, for a person to read and mend; whole or not at all."""
    beside = path.with_name(path.stem + CARD_SUFFIX)
    told = msgspec.to_builtins(card)
    provenance = told.pop("provenance", {})
    lines = [f"{name} = {_toml(value)}\n" for name, value in told.items()]
    if provenance:
        lines += ["\n[provenance]\n", *(f"{name} = {_toml(value)}\n" for name, value in provenance.items())]
    put(beside, "".join(lines).encode())


def _toml(value: Any) -> str:
    """A value on one line; a string of JSON is one of TOML. What is None is left out: TOML has no such."""
    if isinstance(value, dict):
        said = (f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items() if each is not None)
        return "{ " + ", ".join(said) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._]+", "-", text.casefold()[:200]).strip("-._")[:64]
