"""What the model reads and is to write, in its own tokens: the chat template around a row."""

from __future__ import annotations

from typing import Any

from thinkwell.training.batches import Encoded
from thinkwell.training.rows import Row, completion_of


def prompt_ids(tokenizer: Any, prompt: str) -> list[int]:
    """As the serving engine asks: the question alone, and the beginning of a reply."""
    asked = [{"role": "user", "content": prompt}]
    text: str = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def encoded(tokenizer: Any, row: Row) -> Encoded:
    """The reply's tokens are cut apart from the prompt's, as they are when it is generated; the end of the
    reply is learned with it. Raises ValueError for a row without a trace."""
    asked = prompt_ids(tokenizer, row.prompt)
    reply = tokenizer(completion_of(row), add_special_tokens=False)["input_ids"]
    return Encoded([*asked, *reply, tokenizer.eos_token_id], len(asked))
