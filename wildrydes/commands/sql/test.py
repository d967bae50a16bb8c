"""`wildrydes sql test`: golden cases."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wildrydes.options import json_option

if TYPE_CHECKING:
    from wildrydes.trial.verdict import Verdict


@click.command(
    "test",
    epilog="""\b
Examples:
  wildrydes sql test tests/
  wildrydes sql test tests/minute --accept
  wildrydes sql test tests/ --json | jq 'select(.ok | not)'

\b
Exit codes: 0 all cases are right, 1 at least one is not, 2 usage.
""",
)
@click.argument(
    "folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--accept",
    is_flag=True,
    help="Write the rows that come to expected.jsonl; read them before you keep them.",
)
@json_option('One object a case: {"case": ..., "ok": ..., "problem": ..., "details": [...]}.')
def command(folder: Path, accept: bool, as_json: bool) -> int:
    """Run the golden cases in the folder DIR and below.

    A case is a folder with app.sql, schema.json, input.jsonl (or input.csv) and expected.jsonl, the
    rows that `wildrydes sql run` prints. schema.json and the input may stand in a folder above, for
    several cases. The cases of an application's folder stand in its tests/, and run it. Each case
    runs with all records in one batch, one record a batch, batches by chance, a restart after every
    batch and, where that must not matter, over four shards.
    """
    import msgspec

    from fleet.errors import ConfigError
    from wildrydes.trial.case import APPLICATION, find_cases
    from wildrydes.trial.verdict import judge

    count = wrong = 0
    for case in find_cases(folder.resolve()):
        verdict = judge(case, accept=accept)
        count += 1
        wrong += verdict.problem is not None
        if as_json:
            ok = verdict.problem is None
            line = {"case": verdict.name, "ok": ok, "problem": verdict.problem}
            details = {"details": list(verdict.details), "ways": list(verdict.ways)}
            click.echo(msgspec.json.encode({**line, **details}))
        elif verdict.problem is not None:
            _show(verdict)
    if count == 0:
        raise ConfigError(
            f"there is no case in {folder}",
            remedy=f"a case is a folder with {APPLICATION}; those of an application's folder are "
            "tests/NAME with input.jsonl and expected.jsonl",
        )
    if not as_json:
        click.echo(f"{count} cases, {wrong} wrong" if wrong else f"{count} cases, all right")
    return int(wrong > 0)


def _show(verdict: "Verdict") -> None:
    click.echo(f"{verdict.name}: {verdict.problem}")
    for line in verdict.details:
        click.echo(line)
    click.echo()
