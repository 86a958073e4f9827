"""Schemas and patterns from clients: what an engine's grammar can hold passes, what kills it does not."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import BadRequest
from thinkwell.http.wire.patterns import MOST_PATTERN, pattern_problem
from thinkwell.http.wire.schemas import MOST_DEPTH, check_schema, is_deeper


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        found = {"type": "array", "items": found}
    return found


def chain(length: int) -> dict[str, Any]:
    """Each definition refers to the next."""
    links = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": links | {f"d{length}": {"type": "string"}}}


GOOD: list[dict[str, Any]] = [
    {},
    {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": r"^\d{4}-\d\d$"}},
        "required": ["a"],
    },
    {"properties": {"pattern": {"type": "string"}, "enum": {}, "$ref": {"type": "string"}, "maxItems": {}}},
    {"enum": [{"$ref": "#"}, {"pattern": "["}], "default": {"maxItems": -1}},
    {
        "properties": {"a": {"$ref": "#/$defs/p"}, "b": {"$ref": "#/$defs/p"}},
        "$defs": {"p": {"type": "string"}},
    },
    {"anyOf": [{"type": "string"}, {"type": "null"}], "additionalProperties": False},
    {"$defs": {"a/b~c%": {"type": "string"}}, "$ref": "#/$defs/a~1b~0c%25"},
    {"allOf": [{"type": "string"}], "items": {"$ref": "#/allOf/0"}},
    # Every definition twice in the one before: written out it would be endless work, looked at once it is not.
    {
        "$defs": {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(8)}
        | {"d8": {"type": "string"}},
        "$ref": "#/$defs/d0",
    },
    nested(10),
    chain(5),
]

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "itself": ({"properties": {"child": {"$ref": "#"}}}, "refers to itself"),
    "itself by another": (
        {
            "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}},
            "$ref": "#/$defs/a",
        },
        "refers to itself",
    ),
    "itself by a dynamic reference": (
        {"$defs": {"n": {"items": {"$dynamicRef": "#/$defs/n"}}}},
        "refers to itself",
    ),
    "elsewhere": ({"$ref": "http://169.254.169.254/"}, "Only references into itself"),
    "nowhere": ({"$ref": "#/$defs/none"}, "not in it"),
    "a nest": (nested(MOST_DEPTH), "nested deeper"),
    "a nest of five thousand": (nested(5_000), "nested deeper"),
    "a chain": (chain(900), "nested deeper"),
    "ten thousand properties": ({"properties": {str(i): {} for i in range(10_000)}}, "properties"),
    "properties here and there": (
        {"items": [{"properties": {str(i): {} for i in range(400)}} for _ in range(3)]},
        "properties",
    ),
    "a long list": ({"enum": list(range(20_001))}, "values"),
    "a pattern": ({"properties": {"a": {"pattern": "(a+)+$"}}}, "repeats what already repeats"),
    "a pattern of names": ({"patternProperties": {"(": {}}}, "cannot be read"),
    "a count": ({"maxItems": 10**9}, "maxItems"),
    "a truth for a count": ({"minLength": True}, "minLength"),
    "less than none": ({"minItems": -1}, "minItems"),
}


@pytest.mark.parametrize("schema", GOOD)
def test_what_a_grammar_can_hold_passes(schema: dict[str, Any]) -> None:
    check_schema(schema, "tools[0].input_schema")


@pytest.mark.parametrize(("schema", "why"), BAD.values(), ids=BAD.keys())
def test_what_kills_engines_is_refused_and_named(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(why)) as caught:
        check_schema(schema, "tools[0].input_schema")
    assert caught.value.param == "tools[0].input_schema"
    assert len(caught.value.message) < 300


keywords = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "$ref",
        "pattern",
        "$defs",
        "enum",
        "anyOf",
        "maxItems",
        "patternProperties",
        "a",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["#", "#/$defs/a", "#/items", "a+", "("]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keywords, inner, max_size=4),
    max_leaves=30,
)


@given(st.dictionaries(keywords, values, max_size=5))
def test_any_json_is_taken_or_refused_and_nothing_else_happens(schema: dict[str, Any]) -> None:
    before = msgspec.json.encode(schema)
    try:
        check_schema(schema, "x")
    except BadRequest as problem:
        assert problem.param == "x"
    assert msgspec.json.encode(schema) == before


def test_the_depth_of_json_is_told_without_recursion() -> None:
    assert not is_deeper("text", 0)
    assert is_deeper([[]], 0) and not is_deeper([[]], 1)
    assert is_deeper({"a": nested(5_000)}, 32)


PATTERNS: list[tuple[str, str | None]] = [
    ("^[a-z]+(-[a-z]+)*$", None),
    (r"^([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$", None),
    (r"\d{1,3}(\.\d{1,3}){3}", None),
    ("(ab|cd)*", None),
    ("[[a]", None),
    ("(a+)+$", "repeats what"),
    ("(?:a+|b)*", "repeats what"),
    ("((a+))*", "repeats what"),
    ("(a*b*)*", "repeats what"),
    ("(.*)*", "repeats what"),
    (r"(\w+\s?)*$", "repeats what"),
    ("(a{1000}){1000}", "times"),
    ("(?!x)a", "looks ahead"),
    ("(?<=x)a", "looks ahead"),
    (r"(a)\1", "refers back"),
    ("[", "cannot be read"),
    ("a{99999999999999}", "cannot be read"),
    ("(" * 900 + ")" * 900, "cannot be read"),
    ("a" * (MOST_PATTERN + 1), "longer"),
]


@pytest.mark.parametrize(("pattern", "why"), PATTERNS, ids=[pattern[:20] for pattern, _ in PATTERNS])
def test_a_pattern_is_what_a_grammar_can_hold(pattern: str, why: str | None) -> None:
    problem = pattern_problem(pattern)
    assert problem is None if why is None else problem is not None and why in problem


@given(st.text(alphabet="ab()[]{}|*+?^$\\.,0123456789:<=!-", max_size=40))
def test_any_pattern_is_judged(pattern: str) -> None:
    pattern_problem(pattern)
