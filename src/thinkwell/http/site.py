"""What every door needs of the site: one value, made by build/, found in the app's state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from litestar.di import NamedDependency

from thinkwell.admission.quotas import Quotas
from thinkwell.conversations.search import Search
from thinkwell.http.doors.responses_kept import Responses
from thinkwell.http.exports import Exports
from thinkwell.http.look import Look
from thinkwell.http.pages import WebApp
from thinkwell.http.signatures import ThoughtSigner
from thinkwell.http.watching import Watching
from thinkwell.ledger.signing import Signer
from thinkwell.models.runs import Runs
from thinkwell.people.blocks import Blocks
from thinkwell.people.keyring import Keyring
from thinkwell.people.members import Members
from thinkwell.people.named import SignIn
from thinkwell.people.pushing import Pushing
from thinkwell.people.visitors import Visitors
from thinkwell.settings import Settings
from thinkwell.store.database import Database
from thinkwell.turns.adapters import Adapters
from thinkwell.turns.ask import Asker
from thinkwell.turns.embed import Embedder
from thinkwell.turns.erasing import Eraser
from thinkwell.turns.handover import Handover
from thinkwell.turns.idempotent import Once
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.pool import Pool
from thinkwell.turns.power import Power
from thinkwell.turns.reconciler import Reconciler
from thinkwell.turns.run import Conductor


class Site:
    """Opaque to the framework, on purpose: its parts are handed over as they are, never validated."""

    def __init__(  # noqa: PLR0913  a bundle, not a behaviour
        self,
        *,
        settings: Settings,
        pool: Pool,
        adapters: Adapters,
        runs: Runs,
        conductor: Conductor,
        asker: Asker,
        embedder: Embedder,
        turns: LiveTurns,
        once: Once,
        quotas: Quotas,
        power: Power,
        database: Database,
        search: Search,
        visitors: Visitors,
        sign_in: SignIn,
        members: Members,
        keyring: Keyring,
        handover: Handover,
        eraser: Eraser,
        signer: ThoughtSigner,
        receipt_signer: Signer,
        watching: Watching,
        reconciler: Reconciler,
        blocks: Blocks,
        responses: Responses,
        web_app: WebApp,
        look: Look,
        pushing: Pushing | None,
        tasks: asyncio.TaskGroup,
        new_id: Callable[[str], str],
        started_at: int,
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.adapters = adapters
        self.runs = runs
        self.conductor = conductor
        self.asker = asker
        self.embedder = embedder
        self.turns = turns
        self.once = once
        self.quotas = quotas
        self.power = power
        self.database = database
        self.search = search
        self.visitors = visitors
        self.sign_in = sign_in
        self.members = members
        self.keyring = keyring
        self.handover = handover
        self.eraser = eraser
        self.exports = Exports()
        self.signer = signer
        self.receipt_signer = receipt_signer
        self.watching = watching
        self.reconciler = reconciler
        self.blocks = blocks
        self.responses = responses
        self.web_app = web_app
        self.look = look
        self.pushing = pushing
        self.tasks = tasks
        self.new_id = new_id
        self.started_at = started_at


# How a handler asks for it.
TheSite: TypeAlias = NamedDependency[Site]
