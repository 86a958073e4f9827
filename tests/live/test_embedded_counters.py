"""What llama.cpp counts itself is what the site metered on it, to the token."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from thinkwell.build import open_site, prepare_model
from thinkwell.settings import load_settings, prepare_data
from thinkwell.testing.site import NO_PAGES
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

pytestmark = pytest.mark.live

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")


@pytest.mark.timeout(300)
async def test_what_llama_cpp_counted_is_what_the_site_metered(tmp_path: Path) -> None:
    await asyncio.to_thread(prepare_data, tmp_path)
    settings = await asyncio.to_thread(load_settings, tmp_path, {}, ())
    model = await prepare_model(settings, lambda *_: None)
    async with open_site(settings, model, NO_PAGES) as site:
        await model.engines[0].ready()
        assert site.pool.checking is not None
        await asyncio.wait({site.pool.checking})

        async def begin(said: str, most: int) -> LiveTurn:
            request = TurnRequest(
                id=site.new_id("turn"),
                caller=CALLER,
                model=site.pool.card.name,
                messages=(Message("user", said),),
                max_tokens=most,
            )
            return await site.conductor.begin(site.tasks, request)

        # By the end of a turn it has counted also what the check had broken off before.
        await (await begin("Count to 4, please.", 12)).over()
        (before,) = (await site.reconciler.reconcile()).engines
        assert before.generated.verdict in ("equal", "explained"), before
        lives = [await begin(f"Count to {number}, please.", 12) for number in (5, 6, 5)]
        ends = [await live.over() for live in lives]
        (account,) = (await site.reconciler.reconcile()).engines
        metered = account.generated.metered - before.generated.metered
        assert metered == sum(end.receipt.usage.generated for end in ends) > 0
        assert account.generated.difference == before.generated.difference, account
        assert account.prompt.verdict in ("equal", "explained"), account

        long = await begin("Tell me all about the sea.", 400)
        while not any(isinstance(event, AnswerDelta | ReasoningDelta) for event in long.log.since(0)):
            await long.log.grown(long.log.published)
        long.stop("person")
        await long.over()
        (account,) = (await site.reconciler.reconcile()).engines
        assert account.generated.verdict in ("equal", "explained"), account
        whys = {reason.why for reason in account.reasons}
        assert {"cut", "just_cut"} <= whys <= {"cut", "just_cut", "cut_before", "running", "more_passes"}
