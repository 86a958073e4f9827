"""``thinkwell train sft``, ``grpo``, ``export``: stages of a run. What they do is in training/stages.py."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click
import msgspec

from thinkwell.cli.beside import data_option
from thinkwell.cli.options import default_data
from thinkwell.cli.progress import terminal_progress
from thinkwell.cli.train.steps import StepLines, lines_of
from thinkwell.errors import SetupError
from thinkwell.training.config import RunConfig, read_config
from thinkwell.training.evaluation.asking import Way

# glibc gives large blocks back to the system at once, and each step asks for them again: the first steps of a
# process took 10 to 16 s. Read when a process starts, so that training starts itself once more with them.
MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "500000000",
}


TALKED = 100  # prompts


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="The run's folder. [default: runs/NAME beside the file]",
    )(command)
    return click.argument("run", type=click.Path(path_type=Path, dir_okay=False))(data_option(command))


@click.command("doctor")
@run_options
def doctor(run: Path, data: Path | None, out: Path | None) -> None:
    """What this machine can do for a run: memory, precision, tokens a second, measured in half a minute."""
    config, folder = opened(run, out)
    from thinkwell.training.stages import learner_of, open_base

    base = open_base(config, models_in(data), terminal_progress(config.base))
    from thinkwell.training.torch.doctor import examine

    found = examine(config, learner_of(config, base), run.parent)
    hour = 3600 * found.training[0] / 1e6
    precision = "16 bits (bfloat16)" if found.bf16 else "32 bits: it has no bfloat16 arithmetic"
    for name, text in (
        (
            "Model",
            f"{base.name}, {found.parameters / 1e6:.0f} M parameters, {found.trained / 1e6:.1f} M trained",
        ),
        ("Machine", f"{found.device}, {found.threads} threads, {found.memory / 2**30:.0f} GiB of memory"),
        ("Precision", precision),
        ("Disk", f"{found.free / 2**30:.0f} GiB free where the run would be ({folder})"),
        (
            "Training",
            f"{found.training[0]:.0f} tokens/s (best {found.training[1]:.0f}), {hour:.1f} M tokens an hour",
        ),
        ("Sampling", f"{found.sampling[0]:.0f} tokens/s (best {found.sampling[1]:.0f})"),
    ):
        click.echo(f"{name:<10} {text}")


@click.command("sft")
@run_options
def sft(run: Path, data: Path | None, out: Path | None) -> None:
    """Fine-tune on the traces of the data; a run that was broken off goes on."""
    config, folder = opened(run, out)
    from thinkwell.training.stages import open_base, run_sft

    base = open_base(config, models_in(data), terminal_progress(config.base))
    with StepLines(config.cost) as lines:
        adapter = run_sft(config, base, folder, lines.step)
    click.echo(f"The adapter is in {adapter}.")


@click.command("grpo")
@run_options
@click.option("--explain", is_flag=True, help="Print 20 scored samples before the first step.")
@click.option("--seed", type=int, help="In place of the run's own.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder of another run: its data is taken, and the end of its fine-tuning.",
)
def grpo(
    run: Path, data: Path | None, out: Path | None, explain: bool, seed: int | None, source: Path | None
) -> None:
    """Reinforce what is right, by rewards that can be verified; a run that was broken off goes on."""
    config, folder = opened(run, out)
    from thinkwell.training.folder import RunFolder
    from thinkwell.training.stages import open_base, run_grpo

    if seed is not None:
        config = msgspec.structs.replace(config, seed=seed)
    if source is not None:
        RunFolder(folder).take_over(source, "sft")
    base = open_base(config, models_in(data), terminal_progress(config.base))
    with StepLines(config.cost) as lines:
        adapter = run_grpo(config, base, folder, lines.step, click.echo if explain else None)
    click.echo(f"The adapter is in {adapter}.")


@click.command("export")
@run_options
@click.option(
    "--as",
    "kind",
    type=click.Choice(["adapter", "merged", "folder"]),
    default="adapter",
    show_default=True,
    help="A GGUF file that is served beside its base, one that holds both, or a folder for vLLM and SGLang.",
)
@click.option(
    "--to", "target", type=click.Path(path_type=Path), required=True, help="The file or folder to write."
)
def export(run: Path, data: Path | None, out: Path | None, kind: str, target: Path) -> None:
    """Write the adapter of a run as an engine loads it."""
    config, folder = opened(run, out)
    from thinkwell.training.export.merged_gguf import export_merged
    from thinkwell.training.export.merged_hf import export_folder
    from thinkwell.training.stages import exported, newest, open_base, to_export

    base = open_base(config, models_in(data), terminal_progress(config.base))
    if kind == "folder":
        export_folder(newest(folder), base.folder, target)
    elif kind == "adapter":
        exported(config, base, folder, target)
    else:
        adapter, gguf, origin = to_export(config, base, folder)
        for told in export_merged(adapter, gguf, target, provenance=origin).told:
            click.echo(told)
    click.echo(f"Written to {target}.")


@click.command("eval")
@run_options
@click.option("--base-only", is_flag=True, help="The base without the adapter, to compare with.")
@click.option(
    "--way",
    type=click.Choice(["plain", "steps", "examples"]),
    default="plain",
    show_default=True,
    help="How it is asked: the question alone, told to think step by step, or after three worked examples.",
)
@click.option("--samples", type=click.IntRange(1), default=1, show_default=True, help="Of each question.")
@click.option("--temperature", type=click.FloatRange(0), default=0.0, show_default=True)
@click.option(
    "--tokens", type=click.IntRange(1), default=512, show_default=True, help="Of an answer, at most."
)
@click.option("--most", type=click.IntRange(1), help="Questions asked.  [default: all of the evaluation set]")
@click.option(
    "--only", multiple=True, metavar="TASK[:LEVEL]", help="Questions of this task; may be repeated."
)
@click.option(
    "--questions",
    "asked",
    type=click.Choice(["held-out", "own", "gym", "strange", "talk"]),
    default="held-out",
    show_default=True,
    help="Those held out of the data; of them those of Thinkwell's own tasks, or those that reasoning-gym "
    "asks by default; ones unlike those that are taught; or everyday prompts, to see what was forgotten.",
)
def evaluate(
    run: Path,
    data: Path | None,
    out: Path | None,
    base_only: bool,
    way: Way,
    samples: int,
    temperature: float,
    tokens: int,
    most: int | None,
    only: tuple[str, ...],
    asked: Literal["held-out", "own", "gym", "strange", "talk"],
) -> None:
    """Ask questions through the engine that serves, and print how many were right."""
    config, folder = opened(run, out)
    from thinkwell.training.evaluation.run import EvalSettings
    from thinkwell.training.evaluation.stage import Chosen, Examined, evaluated, talked
    from thinkwell.training.stages import newest, open_base

    base = open_base(config, models_in(data), terminal_progress(config.base))
    if asked == "talk":
        click.echo(talked(Examined(base, newest(folder), folder), most or TALKED, config.seed, lines_of()))
        return
    settings = EvalSettings(
        samples=samples, temperature=temperature, tokens=tokens, way=way, seed=config.seed
    )
    who = Examined(base, None if base_only else newest(folder), folder)
    chosen = Chosen(questions=asked, only=only, most=most)
    found = evaluated(who, settings, chosen, config.cost, lines_of())
    click.echo(found.text())


@click.command("report")
@run_options
def report(run: Path, data: Path | None, out: Path | None) -> None:
    """Write report.md and its curves into the run's folder: data, how it went, what it can do, its cost."""
    from thinkwell.training.report import write_report

    target = write_report(folder_of(run, read_config(run), out))
    click.echo(target.read_text("utf-8"))
    click.echo(f"Written to {target}.")


def opened(run: Path, out: Path | None) -> tuple[RunConfig, Path]:
    """Raises SetupError where the extra is not installed, or the file is none."""
    missing = [name for name in ("torch", "transformers", "gguf") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            f"Training needs {', '.join(missing)}; install it with: pip install 'thinkwell[train]'."
        )
    config = read_config(run)
    # Whatever is needed was fetched by us, or is the operator's: no library looks for anything elsewhere.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    _with_memory()
    return config, folder_of(run, config, out)


def folder_of(run: Path, config: RunConfig, out: Path | None) -> Path:
    return out or run.parent / "runs" / config.name


def models_in(data: Path | None) -> Path:
    """The site's data folder, whether or not there is a site yet: models are kept there."""
    return (data or default_data()).expanduser()


def _with_memory() -> None:
    """Begins the process anew where glibc should be told (see MEMORY); a test's is left alone."""
    if not sys.platform.startswith("linux") or MEMORY.keys() <= os.environ.keys() or "pytest" in sys.modules:
        return
    os.environ.update(MEMORY)
    os.execv(sys.executable, [sys.executable, "-m", "thinkwell", *sys.argv[1:]])  # noqa: S606 — itself
