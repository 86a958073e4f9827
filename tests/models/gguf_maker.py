"""Makes small GGUF files."""

from __future__ import annotations

import struct

TEMPLATE = "{% for m in messages %}{{ m.content }}{% endfor %}"


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def texts(*values: str) -> bytes:
    return struct.pack("<IQ", 8, len(values)) + b"".join(text(value) for value in values)


def numbers(*values: int) -> bytes:
    return struct.pack("<IQ", 5, len(values)) + struct.pack(f"<{len(values)}i", *values)


def gguf(*entries: bytes, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + b"".join(entries)


def model(template: str = TEMPLATE, name: str = "Tiny Model") -> bytes:
    return gguf(
        *BASE[:1],
        entry("general.name", 8, text(name)),
        *BASE[2:-1],
        entry("tokenizer.chat_template", 8, text(template)),
    )


BASE = [
    entry("general.architecture", 8, text("llama")),
    entry("general.name", 8, text("Tiny Model")),
    entry("general.license", 8, text("apache-2.0")),
    entry("llama.context_length", 4, struct.pack("<I", 2048)),
    entry("tokenizer.ggml.tokens", 9, texts("a", "<|im_start|>", "<b>", "[INST]", "plain", "<｜")),
    entry("tokenizer.ggml.token_type", 9, numbers(1, 3, 1, 4, 3, 3)),
    entry("tokenizer.chat_template", 8, text(TEMPLATE)),
]
