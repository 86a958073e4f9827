"""What is wrong with the form of a completion, in words. Stricter than the splitter, which forgives."""

from __future__ import annotations

from thinkwell.reasoning.splitters import USUAL_TAGS


def problem_of(text: str) -> str | None:
    """None: one closed thought at the very start, then an answer; the same as ``formed`` in verifiers.py."""
    tags = USUAL_TAGS
    opens, closes = text.count(tags.open), text.count(tags.close)
    if not opens and not closes:
        return "there is no thought"
    if not text.lstrip().startswith(tags.open):
        return "the thought is not at the start"
    if not closes:
        return "the thought is not closed"
    if opens > 1 or closes > 1:
        return "there is more than one thought"
    thought, _, answer = text.partition(tags.close)
    if not thought.replace(tags.open, "").strip():
        return "the thought is empty"
    return None if answer.strip() else "the answer is empty"


def with_open(text: str) -> str:
    """With the tag that the template wrote for the model, where the text begins within its thought."""
    tags = USUAL_TAGS
    begun = tags.close in text and tags.open not in text.partition(tags.close)[0]
    return tags.open + text if begun else text


def in_form(thought: str, answer: str) -> str:
    """Of an engine that tells thought and answer apart by itself."""
    tags = USUAL_TAGS
    return f"{tags.open}\n{thought}\n{tags.close}\n{answer}" if thought else answer
