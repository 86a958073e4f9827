"""Profiles: how fast a machine is and how much it holds. Knows no requests and no time."""

from __future__ import annotations

from typing import Literal

import msgspec

Reservation = Literal["declared", "peak"]
Prefill = Literal["blocking", "chunked"]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One step makes one token for every running request and lasts ``a + b * running + c * KV tokens``.

    Seconds throughout. ``prefill_s`` is per uncached prompt token: ``blocking`` stops the decoding for
    all newcomers together; ``chunked`` spreads it over steps, at most ``chunk`` prompt tokens a step.
    ``kv_tokens`` bounds what running requests reserve (None: no bound). ``declared`` reserves prompt
    and the limit of tokens each for itself; ``peak`` admits while the sum can never pass the pool if
    each runs to its limit and those with less left leave first (what S-LoRA and LightLLM do).
    ``cache_tokens`` of prompt prefixes are kept in blocks of ``block`` tokens (0: no prefix cache).
    """

    name: str
    a: float
    b: float = 0.0
    c: float = 0.0
    prefill_s: float = 0.0
    prefill: Prefill = "blocking"
    chunk: int = 512
    slots: int | None = None
    kv_tokens: int | None = None
    reservation: Reservation = "declared"
    context: int = 8192
    cache_tokens: int = 0
    block: int = 16

    @property
    def paced(self) -> bool:
        return self.a > 0


def profiles() -> dict[str, Profile]:
    known = (
        # Llama-2-7B on one A10G, fitted to the stored runs of the VTC artifact (OSDI'24, arXiv 2401.00588):
        # FCFS on its arena trace ends within 5 % of the published 777 tokens/s (prompt and output).
        # The trace declares the true lengths; reserving them as declared is what gives those figures.
        Profile(name="arena", a=0.0255, b=0.0002, prefill_s=0.00023, kv_tokens=10_000, context=4096),
        # A small model on a laptop's CPU, llama.cpp with four slots: about 30 tokens/s alone and 60 in all.
        # Chosen, not measured; prefill about ten times as fast as decoding.
        Profile(
            name="laptop",
            a=0.020,
            b=0.012,
            c=1e-7,
            prefill_s=0.003,
            prefill="chunked",
            slots=4,
            kv_tokens=16_384,
            context=4096,
            cache_tokens=16_384,
        ),
        # 8B in FP16 on one H100: step 10-15 ms, prefill 0.15-0.30 ms a token, from the latency profiles of
        # llm-d-inference-sim (docs/latency-profiles.md; batch 1). b and c from reading the KV cache, 128 KiB
        # a token at 3.35 TB/s: 4e-8 s; KV pool: 60 GB / 128 KiB.
        Profile(
            name="h100-8b",
            a=0.0115,
            b=0.00002,
            c=4e-8,
            prefill_s=0.0002,
            prefill="chunked",
            chunk=2048,
            slots=256,
            kv_tokens=450_000,
            context=32_768,
            cache_tokens=200_000,
            reservation="peak",
        ),
        # One decode node of DeepSeek's V3/R1 service (open-infra-index, day 6): 47.6 ms a step at about 705
        # streams of mean KV 4,989, which is 14,800 tokens/s; prefill happens on other nodes, at 73,700/s.
        Profile(
            name="deepseek-node",
            a=0.020,
            b=0.00002,
            c=3.84e-9,
            prefill_s=1 / 73_700,
            prefill="chunked",
            chunk=4096,
            slots=1024,
            kv_tokens=8_000_000,
            context=65_536,
            cache_tokens=4_000_000,
            block=64,
            reservation="peak",
        ),
        # No time passes: measures what stands in front of it.
        Profile(name="instant", a=0.0, slots=1024, context=131_072, cache_tokens=1_000_000),
    )
    return {profile.name: profile for profile in known}


def profile(name: str) -> Profile:
    """Raises KeyError, naming the known ones."""
    known = profiles()
    if name not in known:
        raise KeyError(f"no profile {name!r}; there are {', '.join(known)}")
    return known[name]
