"""Quoting: whether a close tag within a thought ends it, or is quoted there as text. Pure.

A thought about tags quotes them, and a tag that is quoted is text:

- directly between backticks or between quotation marks of one kind: `</think>`, "</think>";
- in code, where it closes an open tag that is quoted in the same code;
- in a code span that is closed further on in the same line, at most LOOK_AHEAD characters away;
- in a fence that is closed by a bare fence at most LOOK_AHEAD characters away.

Every other close tag ends the thought: an unclosed fence loses nobody the answer. In a fence also one
with an empty line after it does, for so models and templates write the end, and one that comes when the
thought is ended by force (``forced``). Spans end with their line. A close tag that was taken for a
quotation is remembered by tags.py, should nothing more come of the reply.
"""

from __future__ import annotations

import re
from typing import Literal

LOOK_AHEAD = 160
_QUOTES = ("`", '"', "'")
_BLANK_LINE = re.compile(r"[ \t]*\n[ \t]*\n")

Verdict = Literal["end", "text", "unsure"]


class Quoting:
    """Follows the code in a thought. ``read`` is given text in order, each character once."""

    def __init__(self, open_tag: str, close_tag: str) -> None:
        self._open = open_tag
        self._close = close_tag
        self._seen = re.compile(f"`+|~+|\n|{re.escape(open_tag)}|{re.escape(close_tag)}")
        self.marks = frozenset((open_tag[0], close_tag[0], "`", "~"))
        self.forced = False
        self._fence = ""  # the marks that opened it
        self._span = 0  # backticks that opened it
        self._opened = 0  # open tags quoted in this code
        self._blank = True  # nothing but white space in this line so far
        self._last = ""

    def passed(self, text: str) -> None:
        """Text without marks that was said."""
        _, newline, line = text.rpartition("\n")
        if newline:
            self._new_line()
        self._blank = self._blank and not line.strip()
        self._last = text[-1:] or self._last

    def read(self, text: str, *, whole: bool = False) -> tuple[int, int, bool]:
        """How much of the text is thought, where what follows the close tag begins, and whether there is one.

        Without one both are the same, and what is left of the text has to be read again with more; not so
        where it is ``whole``. A quoted tag ends the reading just behind it, with ``quoted`` set.
        """
        self.quoted = False
        at = 0
        while (found := self._seen.search(text, at)) is not None:
            begin, end = found.span()
            mark = found[0]
            self.passed(text[at:begin])
            at = begin
            if mark == self._close:
                verdict = self._verdict(text, end, whole=whole)
                if verdict == "unsure":
                    return begin, begin, False
                if verdict == "end":
                    return begin, end, True
                self._last = mark[-1]
                self._blank = False
                self.quoted = True
                return end, end, False
            if mark[0] in "`~":
                if end == len(text) and not whole:
                    return begin, begin, False
                self._run(mark, text[end : end + 1])
            elif mark == "\n":
                self._new_line()
            elif self._fence or self._span:
                self._opened += 1
            self._last = mark[-1]
            at = end
        kept = 0 if whole else max(beginning(text[at:], self._open), beginning(text[at:], self._close))
        said = len(text) - kept
        self.passed(text[at:said])
        return said, said, False

    def _new_line(self) -> None:
        self._blank, self._span = True, 0
        if not self._fence:
            self._opened = 0

    def _run(self, run: str, after: str) -> None:
        """Backticks or tildes: of a fence where they begin a line, else of a code span."""
        if self._blank and len(run) >= 3:
            closes = bool(self._fence) and run.startswith(self._fence) and after in ("", "\n", " ", "\r")
            self._fence = "" if closes else run
            self._opened = 0
        elif run[0] == "`" and not self._fence:
            if not self._span:
                self._span = len(run)
            elif self._span == len(run):
                self._span = self._opened = 0
        self._blank = False

    def _verdict(self, text: str, end: int, *, whole: bool) -> Verdict:
        if self.forced:
            return "end"
        unsure: Verdict = "end" if whole else "unsure"
        if self._last in _QUOTES and end == len(text):
            return unsure
        if directly_quoted(self._last, text[end : end + 1]):
            return "text"
        if not (self._fence or self._span):
            return "end"
        if self._opened:
            self._opened -= 1
            return "text"
        after = text[end : end + LOOK_AHEAD]
        closed = self._closed_in_fence(after) if self._fence else self._closed_in_line(after)
        if closed is not None:
            return "text" if closed else "end"
        return "end" if len(after) == LOOK_AHEAD else unsure

    def _closed_in_line(self, after: str) -> bool | None:
        line, newline, _ = after.partition("\n")
        for run in re.finditer("`+", line):
            if run.end() == len(after):
                return None
            if len(run[0]) == self._span:
                return True
        return False if newline else None

    def _closed_in_fence(self, after: str) -> bool | None:
        if _BLANK_LINE.match(after):
            return False
        found = re.search(rf"\n[ \t]*{re.escape(self._fence)}+[ \t\r]*(\n|$|.)", after)
        # What may still become an info string, or an empty line, is waited for.
        if found is None or not found[1]:
            return None
        return found[1] == "\n"


def directly_quoted(before: str, after: str) -> bool:
    """A tag between these stands between two backticks, or two quotation marks of one kind."""
    return before[-1:] in _QUOTES and before[-1:] == after[:1] != ""


def beginning(text: str, tag: str) -> int:
    """Length of the longest end of ``text`` that is a beginning of ``tag``, and not all of it."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
