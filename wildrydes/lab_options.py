"""What every `wildrydes lab run` takes, and how it ends."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from labs.catalogue import LABS, require
from wildrydes.options import json_option

if TYPE_CHECKING:
    from labs.lab_run import LabRun
    from labs.report import Report

Command = TypeVar("Command", bound=Callable[..., Any])


def lab_options(
    name: str, *, data_help: str, has_public: bool = False
) -> Callable[[Command], Command]:
    """--data, --generated, --seed, --out and --json; hands the command `run: LabRun` and
    `as_json`. `data_help` says what the lab's files are, `has_public` whether a public source is
    asked for them.
    """
    default = "the public source, if it can be reached; else generated"

    def take(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        context.meta.setdefault("wildrydes.lab", {})[parameter.name] = value

    def make(context: click.Context, parameter: click.Parameter, out: Path | None) -> None:
        context.params["run"] = _run(name, out, **context.meta["wildrydes.lab"])

    def decorate(command: Command) -> Command:
        options = (
            click.option(
                "--data",
                type=click.Path(exists=True, path_type=Path),
                is_eager=True,
                expose_value=False,
                callback=take,
                help=f"{data_help}  [default: {default if has_public else 'generated'}]",
            ),
            click.option(
                "--generated",
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=take,
                help="Generate data, and ask no public source.",
            ),
            click.option(
                "--seed",
                type=click.IntRange(0, 2**32 - 1),
                default=0,
                show_default=True,
                is_eager=True,
                expose_value=False,
                callback=take,
                help="Of everything random: generated data, splits, models.",
            ),
            click.option(
                "--out",
                type=click.Path(file_okay=False, path_type=Path),
                expose_value=False,
                callback=make,
                help=f"Folder for the report and what the lab makes.  [default: labs-out/{name}]",
            ),
            json_option("Print the results as one JSON object."),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _run(name: str, out: Path | None, *, data: Path | None, generated: bool, seed: int) -> "LabRun":
    from fleet.errors import ConfigError
    from wildrydes.lifecycle import complain

    require(LABS[name].modules)
    from labs.lab_run import LabRun

    if generated and data is not None:
        raise click.UsageError("--data and --generated exclude each other")
    folder = out or Path("labs-out") / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}") from None
    return LabRun(
        out=folder,
        say=lambda line: complain(f"{name}: {line}"),
        data=data,
        generated=generated,
        seed=seed,
    )


def delimiter_option(default: str) -> Callable[[Command], Command]:
    """--delimiter of the lab's own file; hands the command `delimiter`."""
    return click.option(
        "--delimiter",
        type=click.Choice([";", ",", "\t", "|"]),
        default=default,
        show_default=True,
        help="What separates the values of --data's file.",
    )


def finish(report: "Report", run: "LabRun", as_json: bool) -> None:
    """Writes the report, and prints what it says in short."""
    from labs.report import HTML, cell
    from wildrydes.table import print_table, printable

    report.write(run.out)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, allow_nan=False))
        return
    for table in report.tables:
        click.echo(printable(table.caption))
        print_table(
            table.heads,
            [[cell(value) for value in row] for row in table.rows],
            numbers=table.numbers,
        )
        click.echo()
    for origin in report.origins:
        click.echo(printable(origin.sentence))
    click.echo(printable(report.answer))
    click.echo(f"report: {run.out / HTML}")


def summaries() -> Mapping[str, str]:
    """Lab -> its question, as help shows it."""
    return {name: entry.question for name, entry in LABS.items()}
