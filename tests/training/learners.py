"""A learner small enough for a test: a random llama of two layers."""

from __future__ import annotations

from pathlib import Path

from tests.training.tiny_models import tiny

from thinkwell.training.config import LoraShape
from thinkwell.training.torch.model import Learner, open_learner


def tiny_model(folder: Path) -> Path:
    """As transformers keeps it; beside it the same as a GGUF file. The same each time."""
    return tiny("llama", folder).folder


def tiny_learner(folder: Path, rank: int = 4) -> Learner:
    return open_learner(folder, LoraShape(rank=rank, alpha=8.0), base="tiny", seed=3, wanted="fp32")
