"""The figures of ``bench web``: stable names, what they mean, their goals, and what peers published."""

from __future__ import annotations

from collections.abc import Sequence

from thinkwell.cli.bench.report import Row
from thinkwell.cli.bench.web_thought import LENGTHS

_LOAD = {
    "load_first_kb": Row(title="all of the page that is fetched until one can ask", unit="kB", below=80.0),
    "load_kb": Row(title="all of the page that a plain conversation fetches", unit="kB", below=80.0),
    "load_field": Row(
        title="peers: llama.cpp's page, Chainlit", unit="kB", missing="published: 2,350; 1,000"
    ),
    "load_script_kb": Row(title="of it script", unit="kB", below=80.0),
    "load_style_kb": Row(title="of it style", unit="kB"),
    "load_files": Row(title="of it files", unit="", digits=0),
    "load_interactive_ms": Row(title="4x slower: Send was heard after", unit="ms", below=1000.0, digits=0),
}
_THOUGHT = {
    "thought_fps": Row(
        title="long thought, 4x slower: frames, by the second", unit="/s", above=55.0, digits=0
    ),
    "thought_fps_p5": Row(title="long thought, 4x slower: frames, 5 of 100 seconds", unit="/s", digits=0),
    "thought_fps_field": Row(title="peers: Unsloth Studio", unit="/s", missing="published: 16 (#9066)"),
    "thought_memory_mb": Row(
        title="after it: the page's process, own memory", unit="MiB", below=150.0, digits=0
    ),
    "thought_memory_field": Row(
        title="peers: Unsloth Studio", unit="MiB", missing="published: 3,000 (#9066)"
    ),
    "thought_heap_mb": Row(title="after it: JavaScript heap", unit="MiB"),
    "thought_nodes": Row(title="after it: nodes in the page", unit="", digits=0),
}
_LONG = {
    "long_open_ms": Row(
        title="long conversation: from the click to the last answer", unit="ms", below=300.0, digits=0
    ),
    "long_load_ms": Row(
        title="long conversation: from its address to the last answer", unit="ms", below=300.0, digits=0
    ),
    "long_field": Row(title="peers: Open WebUI, on a phone", unit="ms", missing="published: minutes (#5032)"),
    "long_slow_open_ms": Row(title="the same, 4x slower", unit="ms", digits=0),
    "long_key_ms": Row(title="a key in it: what it takes", unit="ms"),
    "long_key_ms_p95": Row(title="a key in it: what it takes, 95 of 100", unit="ms", below=16.0),
    "long_key_frame_ms": Row(title="a key in it: with the wait for the next frame", unit="ms"),
    "long_key_frame_ms_p95": Row(title="a key in it: with that wait, 95 of 100", unit="ms"),
}
_CUTS = {
    "cuts_same": Row(title="streams cut at one of their events: same text in the end", unit="", digits=0),
    "cuts_lost": Row(title="streams cut at one of their events: another text", unit="", below=1.0, digits=0),
    "cuts_field": Row(title="peers: Open WebUI", unit="", missing="published: cut off (#29596)"),
}


def _token() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for name in ("short", "long"):
        found |= {
            f"token_ms_{name}": Row(
                title=f"last token of a {name} answer to the screen", unit="ms", digits=0
            ),
            f"token_ms_{name}_p95": Row(
                title=f"last token of a {name} answer to the screen, 95 of 100",
                unit="ms",
                below=50.0,
                digits=0,
            ),
        }
    return found


def _cost(lengths: Sequence[int]) -> dict[str, Row]:
    at = {
        f"thought_token_ms_{length}": Row(
            title=f"4x slower: a token after {length:,} characters of thought", unit="ms", digits=2
        )
        for length in lengths
    }
    ratio = Row(title="the last of these over the first", unit="x", below=1.5, digits=2)
    return at | {"thought_token_ratio": ratio}


def rows(parts: Sequence[str], lengths: Sequence[int] = LENGTHS) -> dict[str, Row]:
    known = {
        "load": _LOAD,
        "thought": _THOUGHT,
        "cost": _cost(lengths),
        "long": _LONG,
        "cuts": _CUTS,
        "token": _token(),
        "shots": {},
    }
    return {name: row for part in parts for name, row in known[part].items()}
