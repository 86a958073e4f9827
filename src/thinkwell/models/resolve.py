"""What an operator's ``--model`` means: a card, and where the model is. Reads headers, downloads nothing."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from thinkwell.errors import SetupError
from thinkwell.models.card import FieldsDialect, ModelCard, PlainDialect, PromptedDialect
from thinkwell.models.catalogue import UNKNOWN, Catalogue, switches_of_template
from thinkwell.models.gguf import GgufHeader, read_header

Kind = Literal["embedded", "remote"]

_UNKNOWN_CONTEXT = 4096
_HUB = re.compile(
    r"hf:(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>[\w./-]+\.gguf)(?:@(?P<revision>[\w./-]+))?", re.ASCII
)


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """``where`` is the weights' source for weights.py, or the server's base address.

    ``model_id`` is what to ask a server for (None: the first it lists). ``complete`` says that the card
    is all there is to know; otherwise it is to be completed from the file (``card_of_file``) or from the
    server (``card_of_server``) once that is there.
    """

    card: ModelCard
    kind: Kind
    where: str
    model_id: str | None = None
    complete: bool = True


def resolve(model: str, catalogue: Catalogue) -> Resolved:
    """``model`` is a catalogue name, a path to a .gguf file, ``hf:owner/repo/file.gguf[@revision]``, or
    the URL of a server, with ``#id`` at its end where it has several models.

    Raises SetupError, with the nearest names where there are some.
    """
    if card := catalogue.card(model):
        return Resolved(card=card, kind="embedded", where=card.source or "")
    if model.startswith(("http://", "https://")):
        return _server(model, catalogue)
    if model.startswith("hf:"):
        return _hub(model, catalogue)
    path = Path(model).expanduser()
    if path.suffix.lower() == ".gguf" or path.exists():
        card = card_of_file(path, catalogue)
        return Resolved(card=card, kind="embedded", where=str(path.resolve()))
    raise SetupError(_unknown(model, catalogue))


def card_of_file(path: Path, catalogue: Catalogue, source: str | None = None) -> ModelCard:
    """The card of a model file that no card names, from its own header. Raises SetupError."""
    header = read_header(path)
    name = _slug(header.name) or _slug(path.stem) or "model"
    template = header.chat_template
    dialect = catalogue.dialect_of_template(template)
    family = catalogue.family(header.name, path.stem)
    if family is None or dialect is None or type(family.dialect) is not type(dialect):
        # Its own template knows better what it is than its name. One without marks of a thought has none
        # of its own, and is made to think as the default model is.
        dialect = dialect or catalogue.default.dialect
        family = msgspec.structs.replace(
            UNKNOWN,
            dialect=dialect,
            licence=family.licence if family else "unknown",
            images=family.images if family else None,
            switches=switches_of_template(template),
        )
    known = family.on_card
    known |= {
        "dialect": dialect,
        "licence": header.licence[:80] or family.licence,
        "context": header.context or family.context or _UNKNOWN_CONTEXT,
        "answer_tokens": UNKNOWN.answer_tokens,
        "thought_tokens": UNKNOWN.thought_tokens,
    }
    return ModelCard(
        name=name,
        title=_title(header, path.stem),
        # llama.cpp goes on with any reply, but whether with an open thought depends on the template.
        continues=isinstance(dialect, PromptedDialect),
        source=source or str(path),
        size_bytes=header.size_bytes,
        control_tokens=header.control_tokens,
        **known,
    )


def card_of_server(model_id: str, context: int | None, catalogue: Catalogue) -> ModelCard:
    """The card of a model behind a server, from its id there."""
    short = model_id.rpartition("/")[2]
    known = (catalogue.family(short, model_id) or UNKNOWN).on_card
    if named := catalogue.card(short):
        known = {name: getattr(named, name) for name in known}
    return ModelCard(
        name=model_id,
        title=named.title if named else short,
        **{**known, "context": context or known["context"] or _UNKNOWN_CONTEXT},
    )


def hub_parts(source: str) -> tuple[str, str, str]:
    """Repository, file and revision of an ``hf:`` source. Raises SetupError."""
    found = _HUB.fullmatch(source)
    parts = re.split("[/@]", source.removeprefix("hf:"))
    if found is None or not {"", ".", ".."}.isdisjoint(parts):
        raise SetupError(
            f"{source!r} is no place at the hub; write hf:owner/repo/file.gguf or …file.gguf@revision."
        )
    return found["repo"], found["file"], found["revision"] or "main"


def _server(model: str, catalogue: Catalogue) -> Resolved:
    try:
        parts = urlsplit(model)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise SetupError(f"{model!r} is no usable address of a server; write http://host:port/v1.")
    if parts.username or parts.password:
        raise SetupError("A key does not belong into the server's address; give it as its own setting.")
    where = parts._replace(fragment="", query="").geturl()
    model_id = parts.fragment or None
    if model_id:
        card = card_of_server(model_id, None, catalogue)
    else:
        card = ModelCard(
            name="remote",
            title="remote",
            licence="unknown",
            context=_UNKNOWN_CONTEXT,
            dialect=FieldsDialect(),
        )
    return Resolved(card=card, kind="remote", where=where, model_id=model_id, complete=False)


def _hub(model: str, catalogue: Catalogue) -> Resolved:
    _, file, _ = hub_parts(model)
    card = next((card for card in catalogue.cards if card.source == model), None)
    if card is not None:
        return Resolved(card=card, kind="embedded", where=model)
    stem = Path(file).stem
    card = ModelCard(
        name=_slug(stem) or "model",
        title=stem,
        licence="unknown",
        context=_UNKNOWN_CONTEXT,
        dialect=PlainDialect(),
        source=model,
    )
    return Resolved(card=card, kind="embedded", where=model, complete=False)


def _title(header: GgufHeader, stem: str) -> str:
    title = "".join(c if c.isprintable() else " " for c in header.name[:80]).strip()
    return title or stem


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.casefold()[:200]).strip("-.")[:64]


def _unknown(model: str, catalogue: Catalogue) -> str:
    near = difflib.get_close_matches(model.casefold(), list(catalogue.names), n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(catalogue.names)}."
    return (
        f"There is no model {model[:80]!r} in the catalogue; {hint} "
        "A path to a .gguf file, hf:owner/repo/file.gguf or a server's URL will do as well."
    )
