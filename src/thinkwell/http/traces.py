"""Traces: what happened in a turn and when, as OpenTelemetry spans, for a collector of the operator's.

A turn is a span with children: ``wait`` (in line), one for each pass on an engine, ``close``. Their
attributes are those of OpenTelemetry's conventions for generative AI. No text is in them, and of the person
only the tier. A ``traceparent`` of the request is honoured: the turn is then part of the trace of who asked.

The library is an extra, loaded only where the setting logs.traces_url is given. Spans are made when a turn is
over; a thread of the library's sends them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from thinkwell import __version__
from thinkwell.errors import SetupError
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Failed, Finished, Stopped, TurnEnd

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

# Longest that the end of the site waits for the collector.
PATIENCE_S = 5
# Spans that wait to be sent; at more a second than the collector takes, the newest are left out.
MOST_WAITING = 16_384
PARENT_HEADERS = frozenset({b"traceparent", b"tracestate"})

Counts = tuple[int, int, int, int]

# Of the request whose task this is.
_asked_within: ContextVar[dict[str, str] | None] = ContextVar("thinkwell_traceparent", default=None)


class Step:
    """A part of a turn; times are nanoseconds since 1970. ``tokens`` as ``Meter.counts``."""

    __slots__ = ("began", "ended", "name", "replica", "tokens")

    def __init__(self, name: str, began: int, replica: str = "", tokens: Counts = (0, 0, 0, 0)) -> None:
        self.name = name
        self.began = began
        self.ended = began
        self.replica = replica
        self.tokens = tokens


class Course:
    """Of one turn: its steps so far, the last of which may be open."""

    __slots__ = ("closing", "parent", "replica", "steps", "zero")

    def __init__(self, parent: dict[str, str] | None) -> None:
        # Times of day that never go back, whatever the clock does meanwhile.
        self.zero = time.time_ns() - time.monotonic_ns()
        self.parent = parent
        self.steps = [Step("wait", self.now())]
        self.replica = ""
        self.closing = 0

    def now(self) -> int:
        return self.zero + time.monotonic_ns()


class Traces(Unmoved):
    """An Observer. ``close`` sends what is left."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer("thinkwell", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._courses: dict[str, Course] = {}

    def asked_with(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Called in the task of a request: what it says of a trace that it belongs to."""
        found = {
            name.decode("ascii"): value.decode("latin-1") for name, value in headers if name in PARENT_HEADERS
        }
        _asked_within.set(found if "traceparent" in found else None)

    def close(self) -> None:
        """Blocks, for PATIENCE_S at most or little longer."""
        self._provider.shutdown()

    # -- an Observer -----------------------------------------------------------------------------

    def begun(self, live: LiveTurn) -> None:
        self._courses[live.request.id] = Course(_asked_within.get())

    def leased(self, live: LiveTurn, replica: str) -> None:
        course = self._courses.get(live.request.id)
        if course is None:
            return
        last = course.steps[-1]
        if last.name != "wait":  # it gave way, or lost its replica
            last = Step("wait", last.ended)
            course.steps.append(last)
        last.ended = course.now()
        course.replica = replica

    def asked(self, live: LiveTurn) -> None:
        course = self._courses.get(live.request.id)
        if course is not None:
            course.steps.append(Step("pass", course.now(), course.replica, live.meter.counts))

    def answered(self, live: LiveTurn) -> None:
        course = self._courses.get(live.request.id)
        if course is not None:
            step, before, now = course.steps[-1], course.steps[-1].tokens, live.meter.counts
            step.tokens = (now[0] - before[0], now[1] - before[1], now[2] - before[2], now[3] - before[3])
            step.ended = course.now()

    def closing(self, live: LiveTurn) -> None:
        course = self._courses.get(live.request.id)
        if course is not None:
            course.closing = now = course.now()
            last = course.steps[-1]
            if last.name == "wait" and not course.replica:
                last.ended = now  # its turn never came

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        course = self._courses.pop(live.request.id, None)
        if course is not None:
            self._tell(course, live, end)

    # -- spans -----------------------------------------------------------------------------------

    def _tell(self, course: Course, live: LiveTurn, end: TurnEnd) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        over = course.now()
        thinks = live.thinker is not None or not any(step.name == "pass" for step in course.steps)
        operation = "chat" if thinks else "embeddings"
        common = {"gen_ai.operation.name": operation, "gen_ai.request.model": end.receipt.model}
        parent = None if course.parent is None else self._propagator.extract(course.parent)
        root = self._tracer.start_span(
            "turn",
            context=parent,
            kind=SpanKind.SERVER,
            attributes=common | _of_turn(live, end),
            start_time=course.steps[0].began,
        )
        if root.is_recording():
            if isinstance(end, Failed):
                root.set_status(Status(StatusCode.ERROR))
            within = set_span_in_context(root)
            for step in course.steps:
                self._child(within, step, common)
            closing = Step("close", course.closing)
            closing.ended = over
            self._child(within, closing, common)
        root.end(over)

    def _child(self, within: Context, step: Step, common: dict[str, str]) -> None:
        from opentelemetry.trace import SpanKind

        name, kind, attributes = step.name, SpanKind.INTERNAL, {}
        if name == "pass":
            name = " ".join(common.values())
            kind, attributes = (
                SpanKind.CLIENT,
                common | {"thinkwell.replica": step.replica} | _of(step.tokens),
            )
        span: Span = self._tracer.start_span(
            name, context=within, kind=kind, attributes=attributes, start_time=step.began
        )
        span.end(max(step.ended, step.began))


def _of(tokens: Counts) -> dict[str, Any]:
    prompt, cached, thought, answer = tokens
    return {
        "gen_ai.usage.input_tokens": prompt,
        "gen_ai.usage.cache_read.input_tokens": cached,
        "gen_ai.usage.output_tokens": thought + answer,
        "gen_ai.usage.reasoning.output_tokens": thought,
    }


def _of_turn(live: LiveTurn, end: TurnEnd) -> dict[str, Any]:
    receipt, usage = end.receipt, end.receipt.usage
    found: dict[str, Any] = {
        "gen_ai.provider.name": "thinkwell",
        "gen_ai.response.id": receipt.turn_id,
        "gen_ai.response.model": receipt.model,
        **_of((usage.prompt, usage.cached, usage.reasoning, usage.answer)),
        "thinkwell.tier": live.request.caller.tier,
        "thinkwell.ending": receipt.ending,
        "thinkwell.waited_s": receipt.waited_s,
        "thinkwell.behind": receipt.behind,
    }
    if live.request.max_tokens is not None:
        found["gen_ai.request.max_tokens"] = live.request.max_tokens
    if receipt.first_token_s is not None:
        found["gen_ai.response.time_to_first_chunk"] = receipt.first_token_s
    if isinstance(end, Finished):
        found["gen_ai.response.finish_reasons"] = [end.reason]
    elif isinstance(end, Failed):
        found["error.type"] = end.code
    elif isinstance(end, Stopped):
        found["thinkwell.stopped_by"] = end.by
    return found


def open_traces(url: str) -> Traces | None:
    """None where ``url``, the setting logs.traces_url, is empty. Raises SetupError."""
    if not url:
        return None
    endpoint = _endpoint(url)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
    except ImportError as problem:
        raise SetupError(
            "The setting logs.traces_url needs OpenTelemetry, which is not installed here. "
            "Install it with: pip install 'thinkwell[traces]'"
        ) from problem
    about = Resource.create({"service.name": "thinkwell", "service.version": __version__})
    provider = TracerProvider(ParentBased(ALWAYS_ON), about, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint, timeout=PATIENCE_S)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING))
    return Traces(provider)


def _endpoint(url: str) -> str:
    """With the path that collectors listen at, where none is given. Raises SetupError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise SetupError(
            "The setting logs.traces_url cannot be that: it is the address of a collector, such as "
            "http://localhost:4318/v1/traces."
        )
    return urlunsplit(parts._replace(path="/v1/traces")) if parts.path in ("", "/") else url
