"""A piece of a text around what was searched for, in parts of which some are hits. Pure; makes no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from thinkwell.conversations.searchwords import AS_WRITTEN, MOST_CHARACTERS, Phrase, folded

# Characters of a piece, and of those how many before the first hit.
LENGTH = 220
BEFORE = 60
# A text is looked through in blocks that overlap, so that a long one costs little.
BLOCK = 4_000
OVERLAP = 400

_spaces = re.compile(r"\s+")
Span = tuple[int, int]


class Part(msgspec.Struct, frozen=True):
    text: str
    hit: bool = False


def snippet(text: str, phrases: Sequence[Phrase]) -> list[Part]:
    """Parts in order, which joined are the piece. Where no phrase is found, how the text begins."""
    begin, block = _best_block(text[:MOST_CHARACTERS], phrases)
    spans = list(_spans(block, phrases))
    start = _word_start(block, max(0, spans[0][0] - BEFORE) if spans else 0)
    end = _word_end(block, start + LENGTH)
    parts: list[Part] = []
    at = start
    for first, last in spans:
        if first < at or last > end:
            continue
        parts += [Part(block[at:first]), Part(block[first:last], hit=True)]
        at = last
    parts.append(Part(block[at:end]))
    return _tidy(parts, cut_before=begin + start > 0, cut_after=begin + end < len(text))


def _best_block(text: str, phrases: Sequence[Phrase]) -> tuple[int, str]:
    """Where most of the phrases are, and where it begins; of equal ones the first."""
    best, most = (0, text[:BLOCK]), 0
    for begin in range(0, max(1, len(text) - OVERLAP), BLOCK - OVERLAP):
        start = _word_start(text, begin)
        block = text[start : begin + BLOCK]
        words = f" {folded(block)} "
        found = sum(1 for phrase in phrases if phrase.times_in(words))
        if found > most:
            best, most = (start, block), found
        if most == len(phrases):
            break
    return best


def _spans(block: str, phrases: Sequence[Phrase]) -> Iterator[Span]:
    """Where hits are, in order; none overlaps another."""
    words = [
        (word, match.start(), match.end())
        for match in AS_WRITTEN.finditer(block)
        for word in folded(match.group()).split()
    ]
    end = 0
    for place, (_, first, _) in enumerate(words):
        if first < end:
            continue
        length = max((len(phrase.words) for phrase in phrases if _is_at(words, place, phrase)), default=0)
        if length:
            end = words[place + length - 1][2]
            yield first, end


def _is_at(words: list[tuple[str, int, int]], place: int, phrase: Phrase) -> bool:
    here = [word for word, _, _ in words[place : place + len(phrase.words)]]
    if len(here) < len(phrase.words) or here[:-1] != list(phrase.words[:-1]):
        return False
    return here[-1].startswith(phrase.words[-1]) if phrase.open else here[-1] == phrase.words[-1]


def _word_start(text: str, at: int) -> int:
    """Behind the next space, where one is near: no piece begins within a word."""
    if at == 0:
        return 0
    found = _spaces.search(text, at - 1, at + 20)
    return found.end() if found else at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    found = _spaces.search(text, at, at + 20)
    return found.start() if found else at


def _tidy(parts: list[Part], *, cut_before: bool, cut_after: bool) -> list[Part]:
    """Each run of spaces and line breaks is one space."""
    shown = [Part(_spaces.sub(" ", part.text), part.hit) for part in parts if part.text]
    if cut_before:
        shown.insert(0, Part("… "))
    if cut_after:
        shown.append(Part(" …"))
    return shown
