"""JSON schemas from clients, checked before an engine compiles them into a grammar. Pure; knows no door.

An engine turns a schema into rules and automata: what is endless, huge or not regular makes it slow or kills
it. Refused are deep nests, too many properties, references that lead elsewhere or back to themselves, and
patterns that no grammar can hold. The schema's own meaning is left to the engine.
"""

from __future__ import annotations

from typing import Any

from thinkwell.errors import BadRequest
from thinkwell.http.wire.patterns import pattern_problem

MOST_DEPTH = 32
MOST_PROPERTIES = 1_000
MOST_VALUES = 20_000
MOST_COUNT = 100_000

# Names of properties, and what each of them must be like.
NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
PROPERTIES = frozenset({"properties", "patternProperties"})
# Plain values, in which nothing is a schema.
VALUES = frozenset({"enum", "const", "default", "examples", "example"})
REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})


def check_schema(schema: dict[str, Any], param: str) -> None:
    """Raises BadRequest, with ``param`` (the schema's place in the request), for what engines cannot take."""
    _Check(schema, param).check()


class _Check:
    def __init__(self, schema: dict[str, Any], param: str) -> None:
        self._whole = schema
        self._param = param
        self._properties = 0
        # How deep each object of it goes, by identity; None while it is being looked at.
        self._heights: dict[int, int | None] = {}
        self._following = 0

    def check(self) -> None:
        self._depth_and_size()
        self._schema(self._whole)

    def _refuse(self, why: str) -> BadRequest:
        return BadRequest(f"The schema in {self._param} {why}", param=self._param)

    def _depth_and_size(self) -> None:
        """Of the JSON as it was sent, without recursion of ours: it may be deeper than our stack."""
        layer: list[Any] = [self._whole]
        values = 0
        for _ in range(MOST_DEPTH):
            inner: list[Any] = []
            for value in layer:
                inner += value.values() if isinstance(value, dict) else value
            values += len(inner)
            if values > MOST_VALUES:
                raise self._refuse(f"has more than {MOST_VALUES} values. Make it smaller.")
            layer = [value for value in inner if isinstance(value, dict | list)]
            if not layer:
                return
        raise self._too_deep()

    def _too_deep(self) -> BadRequest:
        return self._refuse(f"is nested deeper than {MOST_DEPTH}. Make it flatter.")

    def _schema(self, schema: Any) -> int:
        """How deep it is, with what it refers to."""
        if isinstance(schema, list):
            return 1 + max(map(self._schema, schema), default=0)
        if not isinstance(schema, dict):
            return 0
        if id(schema) not in self._heights:
            self._heights[id(schema)] = None
            height = 1 + max((self._keyword(name, value) for name, value in schema.items()), default=0)
            if height > MOST_DEPTH:
                raise self._too_deep()
            self._heights[id(schema)] = height
        known = self._heights[id(schema)]
        if known is None:
            raise self._refuse("refers to itself. Write it out to a fixed depth.")
        return known

    def _keyword(self, name: str, value: Any) -> int:
        if name in NAMED and isinstance(value, dict):
            if name in PROPERTIES:
                self._properties += len(value)
                if self._properties > MOST_PROPERTIES:
                    raise self._refuse(f"has more than {MOST_PROPERTIES} properties. Make it smaller.")
            if name == "patternProperties":
                for pattern in value:
                    self._pattern(pattern)
            return 1 + max(map(self._schema, value.values()), default=0)
        if name in VALUES:
            return 0  # its depth and size were looked at with everything
        if name in REFERENCES and isinstance(value, str):
            return self._reference(value)
        if name == "pattern" and isinstance(value, str):
            self._pattern(value)
        elif name in COUNTS and not _is_count(value):
            raise self._refuse(f"has a {name} that is not a whole number from 0 to {MOST_COUNT}.")
        return self._schema(value)

    def _pattern(self, pattern: str) -> None:
        problem = pattern_problem(pattern)
        if problem is not None:
            raise self._refuse(f"has the pattern {pattern[:80]!r}, which {problem}.")

    def _reference(self, reference: str) -> int:
        self._following += 1
        if self._following > MOST_DEPTH:
            raise self._too_deep()
        height = self._schema(self._target(reference))
        self._following -= 1
        return height

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#"):
            raise self._refuse(
                f"refers to {reference[:80]!r}. Only references into itself (#/$defs/…) are taken."
            )
        found: Any = self._whole
        for step in reference[1:].split("/")[1:]:
            name = step.replace("%25", "%").replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name.isascii() and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                raise self._refuse(f"refers to {reference[:80]!r}, which is not in it.")
        return found


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNT


def is_deeper(value: Any, most: int) -> bool:
    """Whether JSON is nested deeper than ``most``; without recursion: it may be deeper than our stack."""
    layer = [value]
    for _ in range(most + 1):
        layer = [inner for outer in layer if isinstance(outer, dict | list) for inner in _inner(outer)]
        if not layer:
            return False
    return True


def _inner(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
