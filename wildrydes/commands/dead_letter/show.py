"""`wildrydes dead-letter show`."""

import base64
from pathlib import Path

import click

from fleet.errors import FleetError
from wildrydes.commands.dead_letter.choosing import choice, file_options
from wildrydes.options import json_option

BYTES_MAX = 2048


@click.command(
    "show",
    epilog="""\b
Examples:
  wildrydes dead-letter show 17
  wildrydes dead-letter show 49590338271490256608559692538361571095921575989136588898
  wildrydes dead-letter show 17 --json | jq -r .data

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@click.argument("letter", metavar="NUMBER")
@file_options
@click.option("--all", "show_all", is_flag=True, help="All of the data, however long.")
@json_option("One object, with `data`, or `data_base64` when it is not UTF-8.")
def command(
    letter: str, data: Path, application: str | None, show_all: bool, as_json: bool
) -> None:
    """Show a letter whole: its number in the file, or its record's sequence number.

    The data is shown as text, or in hexadecimal when it is not UTF-8, with a mark where it failed
    when the reason says where.
    """
    import msgspec

    from wildrydes.commands.dead_letter.list import named
    from wildrydes.dead_letters.marks import Marks
    from wildrydes.dead_letters.picture import data_lines, fault_place
    from wildrydes.table import printable

    chosen = choice(data, application, None, None, None, None)
    found = [
        stored
        for stored in chosen.letters()
        if letter in (str(stored.number), stored.letter.sequence_number)
    ]
    if not found:
        raise FleetError(
            f"there is no letter {letter} in {chosen.path}",
            remedy="`wildrydes dead-letter list` has their numbers",
        )
    marks = Marks(chosen.path)
    for stored in found:
        fields = named(stored, marks)
        content = stored.letter.data
        if as_json:
            try:
                fields["data"] = content.decode()
            except UnicodeDecodeError:
                fields["data_base64"] = base64.b64encode(content).decode()
            click.echo(msgspec.json.encode(fields))
            continue
        for name, value in fields.items():
            click.echo(f"{name.replace('_', ' '):16} {printable(value)}")
        click.echo()
        place = fault_place(stored.letter.reason)
        for line in data_lines(content, place, None if show_all else BYTES_MAX):
            click.echo(line)
