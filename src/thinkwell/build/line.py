"""The fair line, the budgets of thought and the quotas, as the settings have them."""

from __future__ import annotations

from thinkwell.admission.quotas import Quotas
from thinkwell.admission.tiers import rules_of, worth_of
from thinkwell.build.model import Model
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.budgets import LoadBudgets, TierBudget
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.null import UnlimitedLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.prefix_index import BLOCK_BYTES
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.settings import Settings
from thinkwell.store.database import Database
from thinkwell.turns.run import now_us
from thinkwell.turns.ticket import BYTES_PER_TOKEN

# Of a turn that paused, the part that a prefix cache is thought to have kept: the embedded engine kept
# between 0.4 and 0.99 with another turn in between (docs/log.md, 2026-11-22).
KEPT = 0.9
# What the gateway thinks a replica's prefix cache holds: 16,384 blocks of 128 tokens, two million tokens.
PREFIX_BLOCKS = 16_384


def line_over(settings: Settings, model: Model) -> PoolSchedule:
    """The fair line over the model's engines; turns give way only where the model can go on."""
    wanted, engine = settings.line, settings.engine
    names = [one.name for one in model.engines]
    weights = {name: tier.weight for name, tier in settings.tiers.items()}
    at_once = {name: tier.at_once for name, tier in settings.tiers.items()}
    return PoolSchedule(
        lambda cost: BehindLine(cost, weights, at_once) if wanted.fair else UnlimitedLine(),
        [
            Replica(one.name, one.slots, engine.kv_tokens, pauses=model.card.continues)
            for one in model.engines
        ],
        Router(names, cache_blocks=PREFIX_BLOCKS, block_tokens=BLOCK_BYTES // BYTES_PER_TOKEN),
        Predictor(first_guess=model.card.answer_tokens / 2),
        # An adapter that is loaded later may go on where the one of now cannot.
        Rules(kept=KEPT) if wanted.give_way and (model.card.continues or model.shelf) else None,
    )


def quotas_of(settings: Settings, database: Database) -> Quotas:
    tiers = {name: rules_of(tier, behind=settings.line.fair) for name, tier in settings.tiers.items()}
    worth = {model: worth_of(price) for model, price in settings.prices.items()}
    return Quotas(database, tiers, worth, settings.tariff.currency, now_us)


def thought_budgets(settings: Settings) -> LoadBudgets:
    """A heavier tier's thoughts are cut later."""
    least = min(tier.weight for tier in settings.tiers.values())
    return LoadBudgets(
        {
            name: TierBudget(floor_share=tier.thought_floor, weight=tier.weight / least)
            for name, tier in settings.tiers.items()
        }
    )
