"""Options that several benches take, and how their figures are printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from thinkwell.cli.bench.report import Report

json_option = click.option("--json", "as_json", is_flag=True, help="Print every figure as one JSON object.")
TRACE = click.Path(exists=True, dir_okay=False, path_type=Path)
trace_option = click.option(
    "--trace",
    type=TRACE,
    required=True,
    help="CSV or JSONL of requests: columns req_time_s, client, prompt_len, output_len; or TIMESTAMP, "
    "ContextTokens, GeneratedTokens; or timestamp, input_length, output_length, hash_ids; or arrival_s, "
    "client, prompt_tokens, reasoning_tokens, answer_tokens.",
)
seed_option = click.option("--seed", type=int, default=1, show_default=True, help="Makes what is drawn.")
plot_option = click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw: FILE.png or FILE.html."
)


def show(report: Report, as_json: bool, plot: Path | None = None) -> None:
    from thinkwell.cli.bench.report import as_table, to_json

    if plot is not None:
        from thinkwell.cli.bench.plots import bars_of, write_plots

        write_plots(report, bars_of(report), plot)
    click.echo(to_json(report) if as_json else as_table(report))
