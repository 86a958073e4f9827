"""A learner small enough for a test: a random llama of two layers, with a tokenizer of single characters."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from thinkwell.training.config import LoraShape
from thinkwell.training.torch.model import Learner, open_learner

LETTERS = "".join(chr(code) for code in range(32, 127)) + "\n"
TEMPLATE = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}[a]"


def tiny_model(folder: Path) -> Path:
    """As transformers keeps it. The same each time."""
    words = {"~end~": 0, **{letter: at for at, letter in enumerate(LETTERS, start=1)}}
    tokenizer = Tokenizer(WordLevel(words, unk_token="?"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.decoder = Fuse()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="~end~", pad_token="~end~")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        eos_token_id=0,
        bos_token_id=None,
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def tiny_learner(folder: Path, rank: int = 4) -> Learner:
    return open_learner(folder, LoraShape(rank=rank, alpha=8.0), base="tiny", seed=3, wanted="fp32")
