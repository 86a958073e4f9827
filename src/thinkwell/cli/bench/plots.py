"""Plots of a bench: a PNG, or a page that needs nothing else. matplotlib is asked for when one is wanted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from thinkwell.cli.bench.report import Figure, Report, as_table, cells_of
from thinkwell.errors import SetupError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Told apart on white and on near black (contrast of 3 to 1 with both), and by their strokes.
COLOURS = ("#2f7fc1", "#c75a1e", "#1f9268", "#b0559f", "#8a7a1c", "#c04a5c", "#6d74c9", "#7d7d7d")
STROKES = ("-", "--", "-.", ":")
INK = "#7f7f7e"  # on the page it becomes the colour of the text
_INKED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
_SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "thinkwell", "font.size": 9}
WIDTH_IN, HEIGHT_IN = 9.0, 3.6

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  background: light-dark(#fff, #121212); color: light-dark(#1a1a1a, #e8e8e8) }}
svg {{ width: 100%; height: auto }}
table {{ border-collapse: collapse }}
th, td {{ text-align: left; padding: .15rem .8rem .15rem 0; border-bottom: 1px solid #8884 }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }}
div {{ overflow-x: auto }}
</style>
<h1>{title}</h1>
<p>{setup}</p>
{plots}
<h2>Figures</h2>
<div><table>
<tr><th>figure</th><th>median</th><th>range</th><th>goal</th><th></th></tr>
{rows}
</table></div>
</html>
"""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Lines over one axis: ``ys`` by name, each as long as ``x``."""

    title: str
    unit: str
    x_unit: str
    x: Sequence[float]
    ys: Mapping[str, Sequence[float]]

    @property
    def names(self) -> Iterable[str]:
        return self.ys


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of several policies, or several of one kind."""

    title: str
    unit: str
    values: Mapping[str, float]

    @property
    def names(self) -> Iterable[str]:
        return self.values


Plot = Series | Bars


def bars_of(report: Report) -> list[Plot]:
    """Figures named ``what: whose`` beside each other: all of one ``what``, else all of one ``whose``."""
    sides: dict[str, list[tuple[str, Figure]]] = {}
    for figure in report.figures.values():
        what, colon, whose = figure.title.partition(": ")
        if colon and figure.value is not None:
            sides.setdefault(what, []).append((whose, figure))
            sides.setdefault(whose, []).append((what, figure))
    plots: list[Plot] = []
    drawn: set[str] = set()
    for title, members in sides.items():
        units = {figure.unit for _, figure in members}
        names = {figure.title for _, figure in members}
        if len(members) > 1 and len(units) == 1 and not names & drawn:
            drawn |= names
            values = {name: figure.value or 0.0 for name, figure in members}
            plots.append(Bars(title=title, unit=units.pop(), values=values))
    return plots


def write_plots(report: Report, series: Sequence[Plot], path: Path) -> None:
    """Writes a ``.png`` of the plots, or a ``.html`` of the plots and all figures. Raises SetupError."""
    match path.suffix:
        case ".png":
            content = _drawn(series, "png")
        case ".html":
            content = _page(report, series).encode()
        case _:
            raise SetupError(f"{path}: plots are written as .png or .html.")
    try:
        path.write_bytes(content)
    except OSError as problem:
        raise SetupError(f"{path}: cannot be written ({problem.strerror}).") from None


def _drawn(series: Sequence[Plot], kind: str) -> bytes:
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure as Canvas
    except ImportError:
        raise SetupError(
            "Plots need matplotlib, which comes with the extra: pip install 'thinkwell[bench]'."
        ) from None
    settings: dict[Any, Any] = {**dict.fromkeys(_INKED, INK), **_SETTINGS}
    with mpl.rc_context(settings):
        figure = Canvas(figsize=(WIDTH_IN, HEIGHT_IN * len(series)), layout="constrained")
        rows = figure.subplots(len(series), 1, squeeze=False)
        for axes, one in zip(rows[:, 0], series, strict=True):
            _draw_bars(axes, one) if isinstance(one, Bars) else _draw(axes, one)
        if kind == "png":
            figure.set_facecolor("white")
        written = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else None
        figure.savefig(written, format=kind, dpi=120, transparent=kind == "svg", metadata=metadata)
    return written.getvalue()


def _draw(axes: Axes, series: Series) -> None:
    for place, (name, ys) in enumerate(series.ys.items()):
        colour = COLOURS[place % len(COLOURS)]
        stroke = STROKES[place % len(STROKES)]
        axes.plot(series.x, ys, label=name, color=colour, linestyle=stroke, linewidth=1.4)
    axes.set_title(series.title, loc="left")
    axes.set_ylabel(series.unit)
    axes.set_xlabel(series.x_unit)
    axes.set_ylim(bottom=0)
    axes.grid(color=INK, alpha=0.25, linewidth=0.5)
    axes.legend(frameon=False, ncols=2, fontsize=8)


def _draw_bars(axes: Axes, bars: Bars) -> None:
    names = list(bars.values)
    places = range(len(names))
    drawn = axes.barh(places, list(bars.values.values()), color=COLOURS[0], height=0.6)
    axes.bar_label(drawn, fmt="{:,.4g}", padding=3)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_title(bars.title, loc="left")
    axes.set_xlabel(bars.unit)
    axes.margins(x=0.12)


def _page(report: Report, series: Sequence[Plot]) -> str:
    plots = []
    for one in series:
        svg = _drawn([one], "svg").decode()
        svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
        names = ", ".join(one.names)
        label = escape(f"{one.title}: {names}", quote=True)
        plots.append(svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1))
    return _PAGE.format(
        title=escape(f"bench {report.bench}"),
        setup=escape("; ".join(as_table(report).splitlines()[:2])),
        plots="\n".join(plots),
        rows="\n".join(_row(report, name) for name in report.figures),
    )


def _row(report: Report, name: str) -> str:
    title, value, unit, spread, goal, verdict = cells_of(report.figures[name])
    return (
        f'<tr title="{escape(name, quote=True)}"><td>{escape(title)}</td>'
        f'<td class="number">{escape(f"{value} {unit}".strip())}</td>'
        f"<td>{escape(spread)}</td><td>{escape(goal)}</td><td>{escape(verdict)}</td></tr>"
    )
