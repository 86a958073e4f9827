"""``thinkwell watch``: what helps to watch a site from outside of it."""

from __future__ import annotations

from importlib.resources import files

import click


@click.group()
def watch() -> None:
    """Watch a site with tools of your own."""


@watch.command()
def grafana() -> None:
    """Print a dashboard for Grafana, over the metrics that Prometheus reads from /metrics.

    \b
    thinkwell watch grafana > thinkwell.json

    Import it in Grafana (Dashboards, New, Import), and choose your Prometheus there.
    """
    click.echo(dashboard(), nl=False)


def dashboard() -> str:
    """JSON, of Grafana 11 or later."""
    return files("thinkwell.cli").joinpath("grafana.json").read_text("utf-8")
