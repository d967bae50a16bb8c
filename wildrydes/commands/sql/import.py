"""`wildrydes sql import`: an application of the service becomes a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wildrydes.commands.sql.application import FILE
from wildrydes.options import json_option

if TYPE_CHECKING:
    from wildrydes.moving_in.application import Imported
    from wildrydes.moving_in.node import Part


@click.command(
    "import",
    epilog="""\b
Examples:
  aws kinesisanalytics describe-application --application-name rides > rides.json
  wildrydes sql import rides.json
  wildrydes sql import template.yaml --output apps/rides
  wildrydes sql import main.tf --name rides --force
  wildrydes sql import rides.json --json | jq .fill_in

\b
Exit codes: 0 written, 1 failure, 2 usage.
""",
)
@click.argument("path", metavar="FILE", type=FILE)
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder to write.  [default: as the application is called]",
)
@click.option("--name", help="Application, when FILE has several.")
@click.option("--force", is_flag=True, help="Write over what is in the folder.")
@json_option('One object: {"folder": ..., "files": [...], "taken": [...], "fill_in": [...], ...}.')
def command(path: Path, folder: Path | None, name: str | None, force: bool, as_json: bool) -> None:
    """Make an application's folder of what you have of it.

    FILE is what `aws kinesisanalytics describe-application` or `aws kinesisanalyticsv2
    describe-application` printed, or what create-application takes; a CloudFormation template in
    JSON or YAML, also one of `cdk synth`; a serverless.yml; or a Terraform file (FILE.tf), whose
    module's other files give variables and names. The folder has app.sql, unchanged,
    application.toml with input, outputs and reference tables, and schema.json. What has no equal
    here is said, with what to do, and so is what a file leaves open. Nothing is sent anywhere.
    """
    import msgspec

    from wildrydes.moving_in.application import imported
    from wildrydes.moving_in.document import read_document
    from wildrydes.moving_in.folder import write_folder

    made = imported(_chosen(read_document(path), path, name))
    folder = folder or Path(made.name)
    files = write_folder(made, folder, force=force)
    faults, notes = _checked(folder)
    if as_json:
        report = {
            "folder": str(folder),
            "files": files,
            "taken": made.taken,
            "fill_in": made.fill_in,
            "no_equal": [{"what": each.what, "remedy": each.remedy} for each in made.no_equal],
            "errors": faults,
            "notes": notes,
        }
        click.echo(msgspec.json.encode(report))
    else:
        click.echo(_text(made, folder, faults, notes))


def _chosen(parts: "list[Part]", path: Path, name: str | None) -> "Part":
    from fleet.errors import ConfigError

    chosen = [part for part in parts if name in (None, part.name)]
    if len(chosen) == 1:
        return chosen[0]
    what = "several applications" if chosen else f"no application {name}"
    names = ", ".join(part.name for part in parts)
    raise ConfigError(f"{path} has {what}", remedy=f"choose one with --name: {names}")


def _checked(folder: Path) -> tuple[list[str], list[str]]:
    """What `sql check` says of the folder: errors and notes."""
    from fleet.errors import ConfigError, SqlErrors
    from processor.engine import Engine
    from wildrydes.application_parts import check_outputs
    from wildrydes.commands.sql.application import load

    try:
        application = load(folder, None, None)
        Engine(application)
        check_outputs(folder, application)
    except SqlErrors as errors:
        return [each.render(errors.name) for each in errors.errors], []
    except ConfigError as error:
        return [f"{error}\n  {error.remedy}" if error.remedy else str(error)], []
    return [], [f"app.sql:{note}" for note in application.notes]


def _text(made: "Imported", folder: Path, faults: list[str], notes: list[str]) -> str:
    blocks: list[tuple[str, list[Any]]] = [
        (f"{folder}: taken", made.taken),
        ("to fill in", made.fill_in),
        ("no equal here", [f"{each.what}\n      {each.remedy}" for each in made.no_equal]),
        ("to look at", notes),
    ]
    lines = []
    for title, items in blocks:
        lines += [title, *(f"  - {item}" for item in items)] if items else []
    if faults and made.is_open:
        lines.append(f"{folder}: fill in what is said above, then wildrydes sql check {folder}")
        return "\n".join(lines)
    if faults:
        return "\n".join([*lines, "", *faults])
    if made.fill_in:
        return "\n".join([*lines, f"{folder}: the text is right; fill in what is said above"])
    return "\n".join([*lines, f"{folder}: ok; run it with wildrydes processor --app {folder}"])
