"""`wildrydes state export`."""

import json
from pathlib import Path
from typing import Any

import click

from fleet.errors import ConfigError
from wildrydes.commands.state.opening import Where, found_in, where_options
from wildrydes.commands.state.show import description
from wildrydes.options import json_option


@click.command(
    "export",
    epilog="""\b
Examples:
  wildrydes state export rides.snapshot --app rides
  wildrydes state export before.snapshot --state-store s3://my-bucket/state

\b
Exit codes: 0 ok, 1 failure or no snapshot, 2 usage.
""",
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@where_options
@json_option("What was exported, as `state show` says it.")
def command(where: Where, file: Path, as_json: bool) -> None:
    """Write the newest snapshot to FILE, whole and with a checksum, for `wildrydes state import`.

    FILE must not be there. A processor may run meanwhile: the snapshot is the one before its next.
    """

    async def exported(store: Any) -> dict[str, Any]:
        from processor.snapshot.codec import encode

        snapshot = await found_in(store)
        _write(file, encode(snapshot))
        return {"store": store.where, "file": str(file), **description(snapshot)}

    found = where.run(exported)
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(
            f"{found['application']}, epoch {found['epoch']}, saved {found['saved']} UTC: "
            f"{found['stored_bytes']:,} bytes in {file}"
        )


def _write(file: Path, data: bytes) -> None:
    try:
        with file.open("xb") as out:
            out.write(data)
    except FileExistsError:
        raise ConfigError(f"{file} is there already", remedy="name another file") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from None
