"""Checking a model card against the engines that serve it, before anybody else asks them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.engines.checks import put
from thinkwell.errors import EngineError
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue
from thinkwell.reasoning.checks import CardCheck, corrected, said_of
from thinkwell.values.engine import EnginePass

log = logging.getLogger(__name__)


class Checked(msgspec.Struct, frozen=True):
    """The card, corrected, and what was found, in sentences; ``least_budget`` as ``Engine.found`` is told.
    ``cut_tokens`` were heard of replies of the first engine that were broken off."""

    card: ModelCard
    said: list[str]
    least_budget: int = 0
    cut_tokens: int = 0


async def check_card(card: ModelCard, engines: Sequence[Engine], catalogue: Catalogue) -> Checked:
    """Ask the first engine, which is ready; what it cannot do is not believed of the others either.

    Raises SetupError where it cannot be used at all.
    """
    first = engines[0]
    known = [one.dialect for one in catalogue.templates] + [one.dialect for one in catalogue.families]
    check = CardCheck(card, known, limits=first.limits_thought)
    with contextlib.suppress(EngineError):
        if (shown := await _shown(first, check.prompts())) is not None:
            check.look_at(*shown)
    away = await put(first, check)
    findings = check.findings
    for engine in engines:
        holds = engine.limits_thought and findings.holds_budget is not False
        engine.found(limits_thought=holds, least_budget=findings.least_budget)
    said = said_of(card, findings) if away is None else [f"The model card was not checked: {away}"]
    for sentence in said:
        log.info("%s: %s", card.name, sentence)
    card = corrected(card, findings)
    images = first.abilities.images
    card = card if images is None else msgspec.structs.replace(card, images=images)
    return Checked(card, said, findings.least_budget, check.cut_tokens)


async def _shown(engine: Engine, asked: tuple[EnginePass, EnginePass] | None) -> tuple[str, str] | None:
    if asked is None:
        return None
    prompts = [await engine.prompt(one) for one in asked]
    return None if prompts[0] is None or prompts[1] is None else (prompts[0], prompts[1])
