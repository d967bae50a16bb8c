"""A query over the archive on Athena."""

import asyncio
from typing import Any

from awsio.athena import AthenaPlace, AthenaQuery, QueryState
from awsio.clients import AwsClients
from fleet.race import done_before
from fleet.settings import AwsSettings
from wildrydes.lifecycle import complain, wait_line
from wildrydes.queries.local import Result

STOP_PATIENCE_S = 5.0
_NUMBERS = {"tinyint", "smallint", "integer", "int", "bigint", "float", "real", "double", "decimal"}


async def run_on_athena(
    settings: AwsSettings, text: str, place: AthenaPlace, stop: asyncio.Event
) -> Result | None:
    """The rows; None when it was stopped, which stops it on Athena too. Raises FleetError."""
    async with AwsClients(settings) as aws:
        query = AthenaQuery(
            await aws.athena(), text, place, on_wait=lambda why, _: complain(wait_line("it", why))
        )
        result = await done_before(stop, _run(query, place))
        if result is None:
            async with asyncio.timeout(STOP_PATIENCE_S):
                await query.stop()
            complain("wildrydes: stopped, on Athena too")
        return result


async def _run(query: AthenaQuery, place: AthenaPlace) -> Result:
    seen: set[str] = set()

    def tell(state: QueryState) -> None:
        if state.state not in seen:
            seen.add(state.state)
            complain(f"wildrydes: Athena, workgroup {place.workgroup}: {state.id} {state.state}")

    state = await query.run(tell)
    names: list[str] = []
    types: list[str] = []
    rows: list[tuple[Any, ...]] = []
    async for columns, page in query.pages():
        names = [name for name, _ in columns]
        types = [type_ for _, type_ in columns]
        rows += [tuple(map(_value, types, row)) for row in page]
    complain(
        f"wildrydes: {len(rows):,} rows in {state.engine_ms / 1000:.1f} s; "
        f"{state.scanned_bytes:,} bytes scanned, about ${state.dollars:.6f}"
    )
    numeric = [name for name, type_ in zip(names, types, strict=True) if _is_number(type_)]
    return Result(names, numeric, rows)


def _is_number(type_: str) -> bool:
    return type_.lower().partition("(")[0] in _NUMBERS


def _value(type_: str, text: str | None) -> Any:
    """A cell as JSON has it."""
    kind = type_.lower()
    if text is None:
        return None
    if kind in {"tinyint", "smallint", "integer", "int", "bigint"}:
        return int(text)
    if kind in {"float", "real", "double"}:
        return float(text)
    return text == "true" if kind == "boolean" else text
