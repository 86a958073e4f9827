"""Metrics: what they hold, who may read them, and that the dashboard asks for nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import visitor
from tests.http.test_account_door import ask, call, join, operator, refused

from thinkwell.cli.watch import dashboard
from thinkwell.errors import ThinkwellError
from thinkwell.http.metrics import OTHER, SiteMetrics
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

QUESTION = {"model": "scripted", "messages": [{"role": "user", "content": "SECRETQUESTION"}]}
ELSEWHERE = ("http.metrics_from=10.1.0.0/16",)


async def scraped(client: aiohttp.ClientSession) -> str:
    async with client.get("/metrics") as reply:
        assert reply.status == 200
        return await reply.text()


def samples(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


async def one_of_each(running: RunningSite, engine: ScriptedEngine) -> str:
    """A turn of a visitor and one of a member, one that fails, a request that is refused; then the metrics."""
    running.site.watching.watch.look()
    async with visitor(running.url) as client, visitor(running.url) as member:
        await join(member)
        await ask(member, "SECRETQUESTION")
        async with client.post("/v1/chat/completions", json=QUESTION) as reply:
            assert reply.status == 200
        engine.then("refuses")
        async with client.post("/v1/chat/completions", json=QUESTION) as reply:
            assert reply.status >= 400
        async with client.post("/v1/chat/completions", json={"model": "SECRETMODEL"}) as reply:
            assert reply.status == 400
        running.site.watching.watch.look()
        return await scraped(client)


async def test_turns_are_counted_by_tier_and_model(running: RunningSite, engine: ScriptedEngine) -> None:
    text = await one_of_each(running, engine)
    found = samples(text)
    turns = found["thinkwell_tier_turns_total"]
    assert {(labels["tier"], labels["ending"]): n for labels, n in _each(turns)} == {
        ("visitor", "finished"): 1,
        ("visitor", "failed"): 1,
        ("member", "finished"): 1,
    }
    assert {labels["model"] for labels, _ in _each(turns)} == {"scripted"}
    tokens = found["thinkwell_tier_tokens_total"]
    for labels, total in _each(found["thinkwell_tokens_total"]):
        assert total == sum(n for these, n in _each(tokens) if these["kind"] == labels["kind"])
    assert sum(n for _, n in _each(found["thinkwell_turn_seconds_count"])) == 3
    assert found["thinkwell_refused_total"][("code", "bad_request"),] == 1
    assert found["thinkwell_replica_ready"][("engine", "scripted"),] == 1
    assert found["thinkwell_engine_ready"][()] == 1
    assert "SECRET" not in text


def _each(found: dict[tuple[tuple[str, str], ...], float]) -> list[tuple[dict[str, str], float]]:
    return [(dict(labels), value) for labels, value in found.items()]


async def test_labels_have_few_values(running: RunningSite, engine: ScriptedEngine) -> None:
    found = samples(await one_of_each(running, engine))
    codes = {error.code for error in _all_errors()}
    for labels, _ in (pair for by_label in found.values() for pair in _each(by_label)):
        assert labels.get("code", "") in codes | {""}
        assert labels.get("tier", OTHER) in {"visitor", "member", OTHER}
        assert labels.get("model", "scripted") == "scripted"


def _all_errors() -> list[type[ThinkwellError]]:
    found = [ThinkwellError]
    for error in found:
        found += error.__subclasses__()
    return found


def test_tiers_and_models_that_are_too_many_go_under_one_name() -> None:
    metrics = SiteMetrics(["visitor"], "EUR")
    assert metrics.tier("visitor") == "visitor" and metrics.tier("made-up") == OTHER
    labels = {id(metrics._totals_of("visitor", f"model-{number}")) for number in range(500)}
    assert len(labels) == 51


# -- who may read --------------------------------------------------------------------------------


async def test_only_certain_networks_operators_and_their_keys_read_metrics(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine, assignments=ELSEWHERE) as running:
        async with visitor(running.url) as client:
            await refused(client, "GET", "/metrics", None, 403, "forbidden")
            await join(client)
            await refused(client, "GET", "/metrics", None, 403, "forbidden")
            mine = (await call(client, "POST", "/api/keys", {"name": "mine"}, 201))["key"]
        async with operator(running) as boss:
            assert "thinkwell_turns_running 0.0" in await scraped(boss)
            key = (await call(boss, "POST", "/api/keys", {"name": "prometheus"}, 201))["key"]
            bound = (await call(boss, "POST", "/api/keys", {"name": "b", "doors": ["chat"]}, 201))["key"]
        async with visitor(running.url) as nobody:
            for header in ("Authorization", "x-api-key"):
                said = {header: f"Bearer {key}" if header == "Authorization" else key}
                async with nobody.get("/metrics", headers=said) as reply:
                    assert reply.status == 200
            for other in (mine, bound):
                async with nobody.get("/metrics", headers={"Authorization": f"Bearer {other}"}) as reply:
                    assert reply.status == 403
            for forged in (key[:-2] + "xx", "tw_nonsense"):
                async with nobody.get("/metrics", headers={"Authorization": f"Bearer {forged}"}) as reply:
                    assert reply.status == 401
            async with nobody.get("/metrics", headers={"Authorization": "Bearer sk-other"}) as reply:
                assert reply.status == 403


@pytest.mark.parametrize(
    ("assignments", "headers", "status"),
    [
        ((), {}, 200),
        # Behind a proxy that the settings do not name everybody comes from its address.
        ((), {"X-Forwarded-For": "127.0.0.1"}, 403),
        ((), {"Forwarded": "for=127.0.0.1"}, 403),
        (ELSEWHERE, {"X-Forwarded-For": "10.1.2.3"}, 403),
        ((*ELSEWHERE, "people.proxy_addresses=127.0.0.1"), {"X-Forwarded-For": "10.1.2.3"}, 200),
        ((*ELSEWHERE, "people.proxy_addresses=127.0.0.1"), {"X-Forwarded-For": "10.1.2.3, 192.0.2.1"}, 403),
        (("people.proxy_addresses=127.0.0.1",), {"X-Forwarded-For": "192.0.2.1"}, 403),
        (("http.metrics_from=",), {}, 403),
    ],
)
async def test_where_a_request_comes_from_is_believed_of_trusted_proxies_alone(
    data: Path,
    engine: ScriptedEngine,
    assignments: tuple[str, ...],
    headers: dict[str, str],
    status: int,
) -> None:
    async with (
        running_site(data, engine, assignments=assignments) as running,
        visitor(running.url) as client,
        client.get("/metrics", headers=headers) as reply,
    ):
        assert reply.status == status


# -- the dashboard -------------------------------------------------------------------------------


@pytest.fixture
def board() -> Any:
    return json.loads(dashboard())


def queries(panel: Any) -> list[str]:
    """Every expression, wherever it stands."""
    if isinstance(panel, dict):
        own = [value for key, value in panel.items() if key in ("expr", "definition") and value]
        return own + [query for value in panel.values() for query in queries(value)]
    return [query for value in panel for query in queries(value)] if isinstance(panel, list) else []


async def test_every_metric_and_label_of_the_dashboard_is_one_of_the_sites(
    running: RunningSite, engine: ScriptedEngine, board: Any
) -> None:
    found = samples(await one_of_each(running, engine))
    asked = queries(board)
    assert len(asked) > 30
    labels = {name: {label for key in by_label for label, _ in key} for name, by_label in found.items()}
    for query in asked:
        names = re.findall(r"thinkwell_\w+", query)
        assert names, query
        for name in names:
            assert name in found, f"{name} in {query}"
        for name, matchers in re.findall(r"(thinkwell_\w+)\{([^}]*)\}", query):
            wanted = set(re.findall(r"(\w+)\s*[=!]~?", matchers)) - {"job"}
            assert wanted <= labels[name], f"{wanted - labels[name]} in {query}"
        for grouped in re.findall(r"by \(([^)]*)\)", query):
            wanted = {label.strip() for label in grouped.split(",")}
            assert any(wanted <= labels[name] for name in names), query


def test_the_dashboard_is_one_that_grafana_reads(board: Any) -> None:
    assert board["schemaVersion"] >= 39 and board["title"] == "Thinkwell"
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["targets"] and panel["datasource"]["uid"] == "${datasource}"
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(board))) - {"__rate_interval", "__all"}
    assert used == set(variables)
