"""What went into a data set and what did not, for a person: Markdown made of data.json."""

from __future__ import annotations

from typing import Any


def report_of(data: dict[str, Any]) -> str:
    """``data``: data.json, decoded."""
    train, evaluation, recipe = data["train"], data["evaluation"], data["recipe"]
    lines = [
        "# Data",
        "",
        f"{train['rows']:,} rows to learn from, {train['tokens']:,} tokens (question, thought and answer); "
        f"{evaluation['rows']:,} rows held out for evaluation. Seed {recipe['seed']}, hash `{data['hash']}`.",
        "",
        f"General talk: {train['chat_tokens']:.1%} of the tokens, {train['chat_rows']:.1%} of the rows. "
        f"{train['repeated']:,} rows stand there again.",
        "",
    ]
    if data["warnings"]:
        lines += ["## Look at this", "", *(f"- {_plain(warning)}" for warning in data["warnings"]), ""]
    lines += ["## Where it is from, and what was left out", ""]
    for tally in data["tallies"]:
        lines += _tally(tally)
    for title, key in (("Task", "tasks"), ("Language", "languages"), ("Source", "sources")):
        lines += _amounts(title, train[key])
    lines += [
        "## Lengths in tokens",
        "",
        "| of | half have at most | 95 % have at most | longest |",
        "|-|-:|-:|-:|",
    ]
    for name, it in train["lengths"].items():
        lines.append(f"| {name} | {it['p50']:,} | {it['p95']:,} | {it['longest']:,} |")
    lines += ["", "## Held out", "", "| Task | rows |", "|-|-:|"]
    lines += [f"| {_plain(task)} | {it['rows']:,} |" for task, it in evaluation["tasks"].items()]
    return "\n".join(lines) + "\n"


def _tally(tally: dict[str, Any]) -> list[str]:
    left_out = sum(tally["dropped"].values())
    lines = [
        f"**{_plain(tally['name'])}**: {tally['seen']:,} rows looked at, {tally['taken']:,} taken, "
        f"{left_out:,} left out.",
        "",
    ]
    reasons = sorted(tally["dropped"].items(), key=lambda it: (-it[1], it[0]))
    lines += [f"- {number:,}: {_plain(why)}" for why, number in reasons]
    lines += [f"- {_plain(remark)}" for remark in tally["remarks"]]
    return lines if lines[-1] == "" else [*lines, ""]


def _amounts(title: str, amounts: dict[str, Any]) -> list[str]:
    lines = [f"## {title}s", "", f"| {title} | rows | tokens |", "|-|-:|-:|"]
    lines += [f"| {_plain(name)} | {it['rows']:,} | {it['tokens']:,} |" for name, it in amounts.items()]
    return [*lines, ""]


def _plain(text: str) -> str:
    """One line, and no cell or tag of its own."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
