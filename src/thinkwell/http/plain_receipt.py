"""How a turn ended, and its receipt, as a line of the plain page."""

from __future__ import annotations

from html import escape

from thinkwell.http.words import Words
from thinkwell.values.event import Failed, Finished, Stopped, TurnEnd
from thinkwell.values.money import decimal
from thinkwell.values.receipt import Charge, Energy, Receipt

JOULES_A_WH = 3_600
STOPPED = {
    "person": "turn.stopped",
    "reader": "turn.stoppedByReader",
    "operator": "turn.stoppedByOperator",
}


def ending(words: Words, end: TurnEnd, *, nothing: bool) -> str:
    """Why it ended, where that needs saying, and the receipt. ``nothing``: no answer was written."""
    said = ""
    if isinstance(end, Failed):
        sentence = words.get(f"error.{end.code}", words["error.other"])
        said = f'<p class="problem" role="alert">{escape(sentence)}</p>\n'
    elif isinstance(end, Stopped):
        said = f'<p class="small">{escape(words[STOPPED[end.by]])}</p>\n'
    elif isinstance(end, Finished) and (end.reason == "length" or nothing):
        word = "turn.atLimit" if end.reason == "length" else "turn.nothing"
        said = f'<p class="small">{escape(words[word])}</p>\n'
    return said + receipt_line(words, end.receipt)


def receipt_line(words: Words, receipt: Receipt) -> str:
    usage = receipt.usage
    asked = words["receipt.questionCached" if usage.cached else "receipt.question"]
    parts = [asked.format(count=usage.prompt, cached=usage.cached)]
    if usage.reasoning:
        parts.append(words["receipt.thought"].format(count=usage.reasoning))
    parts.append(words["receipt.answer"].format(count=usage.answer))
    if receipt.waited_s >= 0.1:
        parts.append(words["receipt.waited"].format(time=span(words, receipt.waited_s)))
    parts.append(f"{words['receipt.row.total']}: {span(words, receipt.seconds)}")
    if receipt.tokens_per_s is not None:
        parts.append(words["receipt.rate"].format(rate=f"{receipt.tokens_per_s:.0f}"))
    if receipt.charge is not None and any(line.per_million > 0 for line in receipt.charge.lines):
        parts.append(_price(words, receipt.charge))
    if receipt.energy is not None and receipt.energy.microjoules is not None:
        parts.append(_energy(words, receipt.energy, receipt.energy.microjoules))
    if receipt.behind:
        parts.append(words["plain.behind"])
    return f'<p class="receipt">{escape(words["receipt.label"])}: {escape(" · ".join(parts))}</p>\n'


def _price(words: Words, charge: Charge) -> str:
    if charge.due == 0:
        return words["plain.free"]
    return words["plain.price"].format(amount=f"{decimal(charge.due)} {charge.currency}")


def _energy(words: Words, energy: Energy, microjoules: int) -> str:
    word = "plain.energy" if energy.measured else "plain.energyGuess"
    hours = microjoules / 1e6 / JOULES_A_WH
    amount = "< 0.001 Wh" if hours < 0.001 else f"{hours:.3f} Wh" if hours < 1 else f"{hours:.1f} Wh"
    return words[word].format(amount=amount)


def span(words: Words, seconds: float) -> str:
    if seconds < 60:
        return words["time.seconds"].format(seconds=f"{seconds:.1f}" if seconds < 9.95 else round(seconds))
    whole = round(seconds)
    return words["time.minutes"].format(minutes=whole // 60, seconds=whole % 60)
