"""Scored samples as text for a person, before the first step: is the reward what was meant?"""

from __future__ import annotations

from collections.abc import Sequence

from thinkwell.training.rewards import Combined, Sample
from thinkwell.training.verifiers import extract

MOST = 600


def explain(samples: Sequence[Sample], rewards: Combined) -> str:
    """Each sample with its parts and why, and what all of them together say about the run."""
    blocks, totals = [], list[float]()
    for number, sample in enumerate(samples, start=1):
        told, row = rewards.told(sample), sample.row
        total = sum(judged.value for judged in told.values())
        totals.append(total)
        said = extract(sample.completion, strict=False)
        lines = [f"— {number} of {len(samples)}: {row.task}, level {row.level}, {row.language} —"]
        lines += _block("question", sample.row.prompt) + _block("thought", said.thought or "(none)")
        lines += _block("answer", said.answer or "(none)") + _block("expected", sample.row.answer)
        lines += [f"{name:>12} {judged.value:+.3f}  {judged.why}" for name, judged in told.items()]
        blocks.append("\n".join([*lines, f"{'reward':>12} {total:+.3f}"]))
    return "\n\n".join([*blocks, _summed(totals)]) + "\n"


def _block(name: str, text: str) -> list[str]:
    """The text indented under its name; of a long one its two ends."""
    if len(text) > MOST:
        text = f"{text[: MOST // 2]} […] {text[-MOST // 2 :]}"
    first, *rest = text.splitlines() or [""]
    return [f"{name:>12} {first}", *(f"{'':>12} {line}" for line in rest)]


def _summed(totals: list[float]) -> str:
    if not totals:
        return "No samples."
    low, high = min(totals), max(totals)
    line = (
        f"{len(totals)} samples: reward {sum(totals) / len(totals):.3f} on average, {low:.3f} to {high:.3f}."
    )
    if low == high:
        line += (
            " All are worth the same, so that nothing can be learnt from them: the questions are too hard or "
            "too easy for this model, or the verifier does not fit the answers."
        )
    return line
