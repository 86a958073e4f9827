"""Rewards: what a completion is worth, each with a sentence that says why.

A reward is a function of the field's usual signature (TRL's GRPOTrainer): ``reward(prompts, completions,
**columns) -> list[float]``, where ``columns`` are the fields of the rows, each a list. Texts may be
strings or lists of messages. Knows no model; tokens are counted by whoever asks: the column ``tokens``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, Final, Protocol

import msgspec

from thinkwell.errors import SetupError
from thinkwell.reasoning.splitters import USUAL_TAGS
from thinkwell.training.form import problem_of
from thinkwell.training.languages import foreign_script, share_in
from thinkwell.training.loops import repeated_share
from thinkwell.training.ownfunction import own_function
from thinkwell.training.rows import Row
from thinkwell.training.tasks.traces.claims import claims, holds
from thinkwell.training.verifiers import extract, verify

Texts = Sequence[Any]


class Judged(msgspec.Struct, frozen=True):
    value: float
    why: str


class Reward(Protocol):
    """What a reward is; ``__name__`` names it in metrics."""

    @property
    def __name__(self) -> str: ...

    def __call__(self, prompts: Texts, completions: Texts, **columns: Any) -> list[float]: ...


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One completion of a row's prompt. ``tokens``: of the completion, 0 where nobody counted."""

    row: Row
    completion: str
    tokens: int = 0


class _Each:
    """What the rewards here share: each judges one sample by itself."""

    name = ""

    @property
    def __name__(self) -> str:
        return self.name

    def judge(self, sample: Sample) -> Judged:
        raise NotImplementedError

    def __call__(self, prompts: Texts, completions: Texts, **columns: Any) -> list[float]:
        return [self.judge(sample).value for sample in samples_of(prompts, completions, columns)]


class Correctness(_Each):
    """1 for an answer that the row's verifier takes; a verifier may give less for a part."""

    name = "correct"

    def judge(self, sample: Sample) -> Judged:
        row, text = sample.row, sample.completion
        if USUAL_TAGS.open in text and USUAL_TAGS.close not in text:
            return Judged(0.0, "the thought was not closed, so that there is no answer")
        said = extract(text, strict=False).answer
        if not said:
            return Judged(0.0, "there is no answer")
        score = verify(row.verifier, row.answer, said, row.entry)
        verdict = "takes it" if score == 1 else "gives a part" if score > 0 else "does not take it"
        return Judged(score, f"said {_short(said)}, expected {_short(row.answer)}: {row.verifier} {verdict}")


class Form(_Each):
    """1 for exactly one closed thought at the start and an answer that is not empty."""

    name = "form"

    def judge(self, sample: Sample) -> Judged:
        problem = problem_of(sample.completion)
        return Judged(0.0, problem) if problem else Judged(1.0, "one closed thought, then an answer")


class Length(_Each):
    """0 up to ``longest - margin`` tokens, from there down to -1 at ``longest`` and beyond (soft overlong
    punishment: DAPO, arXiv:2503.14476, equation 13)."""

    name = "length"

    def __init__(self, longest: int, margin: int) -> None:
        if not 0 < margin <= longest:
            raise SetupError("The margin of the length reward has to be above 0 and at most its longest.")
        self._longest, self._margin = longest, margin

    def judge(self, sample: Sample) -> Judged:
        allowed, tokens = self._longest - self._margin, sample.tokens
        if tokens <= allowed:
            return Judged(0.0, f"{tokens} tokens are within {allowed}")
        if tokens <= self._longest:
            return Judged((allowed - tokens) / self._margin, f"{tokens} tokens are over {allowed}")
        return Judged(-1.0, f"{tokens} tokens are over {self._longest}")


class Language(_Each):
    """The share of the thought that is in the question's language, 1 where that cannot be told: nobody is to
    write words in place of sums for it (DeepSeek-R1, arXiv:2501.12948, section 2.3.2: language consistency).
    """

    name = "language"

    def judge(self, sample: Sample) -> Judged:
        thought, wanted = extract(sample.completion, strict=False).thought, sample.row.language
        if script := foreign_script(sample.row.prompt, thought):
            return Judged(0.0, f"the thought writes {script.title()}, the question does not")
        share = share_in(thought, wanted)
        if share is None:
            return Judged(1.0, "too few words to tell the language")
        return Judged(share, f"{share:.0%} of the telling words can be {wanted}")


class Repetition(_Each):
    """0 for a text that repeats no run of ``size`` words, down to -1 for one that says only the same."""

    name = "repetition"

    def __init__(self, size: int = 6) -> None:
        if size < 1:
            raise SetupError("The runs of the repetition reward have at least one word.")
        self._size = size

    def judge(self, sample: Sample) -> Judged:
        share = repeated_share(sample.completion, self._size)
        return Judged(0.0 - share, f"{share:.0%} of its runs of {self._size} words were there before")


class Equations(_Each):
    """The share of the thought's equations that hold, 0 without any: what teaches where no answer of a group
    is right. It needs no trace to compare with, and sees no wrong step that is not wrong arithmetic."""

    name = "equations"

    def judge(self, sample: Sample) -> Judged:
        thought = extract(sample.completion, strict=False).thought
        every = claims(thought)
        if not every:
            return Judged(0.0, "the thought has no equation")
        wrong = [it for it in every if not holds(it)]
        among = f", among them {_short(wrong[0])}" if wrong else ""
        return Judged(1 - len(wrong) / len(every), f"{len(wrong)} of {len(every)} equations are wrong{among}")


class RewardSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``weights``: by name, or ``python:module.function`` for one's own. ``longest`` 0: the most tokens
    that a sample may have, as the run says."""

    weights: dict[str, float] = msgspec.field(default_factory=lambda: {"correct": 1.0, "form": 0.1})
    longest: int = 0
    margin: int = 0
    run: int = 6


NAMES: Final = ("correct", "form", "length", "language", "repetition", "equations")


def reward_of(name: str, settings: RewardSettings, max_tokens: int) -> Reward:
    """Raises SetupError for a name that is none, or a function that cannot be loaded."""
    longest = settings.longest or max_tokens
    makes: dict[str, Callable[[], Reward]] = {
        "correct": Correctness,
        "form": Form,
        "length": lambda: Length(longest, settings.margin or max(1, longest // 4)),
        "language": Language,
        "repetition": lambda: Repetition(settings.run),
        "equations": Equations,
    }
    if name in makes:
        return makes[name]()
    kind, _, path = name.partition(":")
    if kind != "python" or not path:
        raise SetupError(
            f"There is no reward {name!r}. Known: {', '.join(NAMES)}, python:<module>.<function>."
        )
    return own_function(path, "reward")


class Combined:
    """The weighted sum of rewards, itself a reward; ``parts`` tells each one's."""

    __name__ = "combined"

    def __init__(self, rewards: Mapping[str, tuple[Reward, float]]) -> None:
        self._rewards = dict(rewards)

    def __call__(self, prompts: Texts, completions: Texts, **columns: Any) -> list[float]:
        parts = self.parts(prompts, completions, **columns)
        return [sum(values) for values in zip(*parts.values(), strict=True)]

    def parts(self, prompts: Texts, completions: Texts, **columns: Any) -> dict[str, list[float]]:
        """Weighted. Raises SetupError for a reward of one's own that fails or returns something else."""
        return {
            name: [weight * value for value in _asked(name, reward, prompts, completions, columns)]
            for name, (reward, weight) in self._rewards.items()
        }

    def told(self, sample: Sample) -> dict[str, Judged]:
        """Each part's weighted value with the reason."""
        told: dict[str, Judged] = {}
        for name, (reward, weight) in self._rewards.items():
            if isinstance(reward, _Each):
                judged = reward.judge(sample)
                told[name] = Judged(weight * judged.value, judged.why)
            else:
                columns = columns_of([sample])
                value = _asked(name, reward, [sample.row.prompt], [sample.completion], columns)[0]
                told[name] = Judged(weight * value, "your own function says so")
        return told

    def of(self, samples: Sequence[Sample]) -> list[float]:
        prompts, completions = [it.row.prompt for it in samples], [it.completion for it in samples]
        return self(prompts, completions, **columns_of(samples))


def combined(settings: RewardSettings, max_tokens: int) -> Combined:
    """``max_tokens``: that a sample may have. Raises SetupError."""
    if not settings.weights:
        raise SetupError("No reward has a weight: without one nothing can be learnt.")
    made = {name: reward_of(name, settings, max_tokens) for name in settings.weights}
    return Combined({name: (reward, settings.weights[name]) for name, reward in made.items()})


def columns_of(samples: Sequence[Sample]) -> dict[str, list[Any]]:
    """The fields of the rows but for their prompts, and the tokens of the completions."""
    fields = [name for name in Row.__struct_fields__ if name != "prompt"]
    columns: dict[str, list[Any]] = {name: [getattr(it.row, name) for it in samples] for name in fields}
    return columns | {"tokens": [it.tokens for it in samples]}


def samples_of(prompts: Texts, completions: Texts, columns: Mapping[str, Any]) -> list[Sample]:
    """Columns that are no fields of a row are passed over; TRL's ``completion_ids`` are counted."""
    fields = {name: columns[name] for name in Row.__struct_fields__ if name != "prompt" and name in columns}
    counts = columns.get("tokens") or [len(ids) for ids in columns.get("completion_ids") or []]
    return [
        Sample(
            row=Row(prompt=_text(prompt), **{name: column[place] for name, column in fields.items()}),
            completion=_text(completion),
            tokens=counts[place] if counts else 0,
        )
        for place, (prompt, completion) in enumerate(zip(prompts, completions, strict=True))
    ]


def _text(said: Any) -> str:
    return said if isinstance(said, str) else str(said[-1]["content"])


def _asked(
    name: str, reward: Reward, prompts: Texts, completions: Texts, columns: Mapping[str, Any]
) -> list[float]:
    if isinstance(reward, _Each):
        return reward(prompts, completions, **columns)
    try:
        values = [float(value) for value in reward(prompts, completions, **columns)]
    except Exception as problem:  # the operator's own code: told whose, and what
        raise SetupError(f"The reward {name} failed: {problem!r}.") from problem
    if len(values) != len(completions) or not all(isfinite(value) for value in values):
        raise SetupError(f"The reward {name} has to return one finite number for each completion.")
    return values


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return repr(plain if len(plain) <= 60 else plain[:59] + "…")
