"""Budgets: what a caller asked of the thought, made into tokens and into switches of the model. Pure.

The one place that knows what an effort is worth. It cuts nothing (bound.py) and asks nobody.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from thinkwell.models.card import ModelCard, PlainDialect, PromptedDialect
from thinkwell.values.thinking import Effort
from thinkwell.values.turn import TurnRequest

# What an effort may take, in thoughts of this model: of what a thought takes when nobody waits. ``max``
# bounds nothing; its share only says how much room a turn gets whose caller named no limit.
SHARES: dict[Effort, Fraction] = {
    "none": Fraction(0),
    "minimal": Fraction(1, 16),
    "low": Fraction(1, 4),
    "medium": Fraction(1, 2),
    "high": Fraction(1),
    "xhigh": Fraction(2),
    "max": Fraction(8),
}
_RISING: tuple[Effort, ...] = tuple(SHARES)
# By effort at most so much of a limit is thought: whoever asks for few tokens gets an answer too.
OF_THE_LIMIT = Fraction(3, 4)


# The least that is offered to a person; each next one is twice the one before.
LEAST_OFFERED = 256


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``limit`` bounds all tokens of the turn. ``full`` is what the thought takes at most, unshortened
    (None: there is none); ``lifted`` what it may take where a person lets it think on.

    ``asked`` is the bound that the caller asked for (None: none), ``exact`` where it was in tokens; ``site``
    the one of the site, where that is lower. ``off``:
    the model is told not to think. ``template`` and ``effort`` tell the model, ``quiet`` and ``no_effort``
    tell it not to think. ``switched``: by ``quiet`` the template can be told, so that it opens no thought.
    """

    limit: int
    off: bool = False
    full: int | None = None
    lifted: int = 0
    asked: int | None = None
    exact: bool = False
    site: int | None = None
    template: dict[str, bool | int | str] = {}
    effort: Effort | None = None
    quiet: dict[str, bool | int | str] = {}
    no_effort: Effort | None = None
    switched: bool = False

    @property
    def holds(self) -> int | None:
        """What bounds the thought from the start; None: only the limit of the turn."""
        return min((bound for bound in (self.asked, self.site) if bound is not None), default=None)


def plan(card: ModelCard, request: TurnRequest, room: int | None) -> Plan:
    """``room`` is a lower bound of the tokens left after the prompt, None where nobody knows."""
    thinking = request.thinking
    usual = 0 if thinking.off else _usual(card)
    share = SHARES[thinking.effort or "high"]
    wish = int(usual * share) if thinking.budget is None or not usual else thinking.budget
    limit = request.max_tokens
    if limit is None:
        limit = card.answer_tokens + wish
        limit = limit if room is None else max(1, min(limit, room))
    asked = 0 if thinking.off else None
    if isinstance(card.dialect, PromptedDialect | PlainDialect):
        made = Plan(limit=limit, asked=asked)
    else:
        template, effort = _told(card, thinking.effort)
        quiet, no_effort = _told(card, "none")
        made = Plan(
            limit=limit,
            off=thinking.off,
            asked=asked,
            template=quiet if thinking.off else template,
            effort=no_effort if thinking.off else effort,
            quiet=quiet,
            no_effort=no_effort,
            switched=bool(card.switches.off),
        )
    if not usual:
        return made
    exact = thinking.budget is not None
    by_effort = not exact and thinking.effort not in (None, "max")
    most = _most(card, limit, room)
    full = min(wish, most, max(1, int(limit * OF_THE_LIMIT)) if by_effort else most)
    asked = full if exact or by_effort else None
    lifted = full if exact else max(full, min(usual, most))
    site = request.most_thought
    bounded = asked is not None or isinstance(card.dialect, PromptedDialect)
    if site is not None and bounded and site >= lifted:
        site = None
    if site is not None:
        full, lifted = min(full, site), min(lifted, site)
    planned = msgspec.structs.replace(made, full=full, lifted=lifted, asked=asked, exact=exact, site=site)
    if card.switches.budget is not None and planned.holds is not None:
        template = {**made.template, card.switches.budget: planned.holds}
        planned = msgspec.structs.replace(planned, template=template)
    return planned


def offered(card: ModelCard, context: int, site: int) -> tuple[int, ...]:
    """Budgets worth offering, in rising order: at most what this model ever thinks, half of the context, and
    what the site allows (0: no bound), which is one of them."""
    most = min(int(_usual(card) * SHARES["max"]), context // 2)
    made = [LEAST_OFFERED << step for step in range(12) if LEAST_OFFERED << step <= most]
    return tuple(made) if not 0 < site < most else (*(one for one in made if one < site), site)


def _usual(card: ModelCard) -> int:
    """Tokens of a thought of this model when nobody waits; 0 for one that does not think."""
    if isinstance(card.dialect, PromptedDialect):
        return card.dialect.budget
    return 0 if isinstance(card.dialect, PlainDialect) else card.thought_tokens


def _most(card: ModelCard, limit: int, room: int | None) -> int:
    """What of the limit a thought may take.

    A prompted one at most half, and of the context left a third: the answer's pass holds the thought as
    well, and the question again.
    """
    if not isinstance(card.dialect, PromptedDialect):
        return limit
    return limit // 2 if room is None else min(limit // 2, room // 3)


def _told(card: ModelCard, effort: Effort | None) -> tuple[dict[str, bool | int | str], Effort | None]:
    """Arguments of the template, and the effort, as this model knows them."""
    switches = card.switches
    if effort == "none" and switches.off:
        return switches.off, effort
    template = dict(switches.on)
    if effort is None:
        return template, None
    known = [name for name in _RISING if name in switches.efforts]
    at = _RISING.index(effort)
    nearest = min(known, key=lambda name: abs(_RISING.index(name) - at), default=effort)
    if switches.effort is not None:
        template[switches.effort] = nearest
    return template, nearest
