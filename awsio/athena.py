"""A query on Athena: started, waited for, its results to the last page, and stopped when asked."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError, ParamValidationError

from awsio.retry import OnWait, retry
from fleet.errors import FleetError

POLL_S: Final = 0.5
POLL_S_MAX: Final = 5.0
PAGE_ROWS: Final = 1000
"""GetQueryResults gives no more at once."""
BYTES_BILLED_MIN: Final = 10 * 1000 * 1000
DOLLARS_PER_TERABYTE: Final = 5.0
"""Source: Athena's pricing page; a query is billed for 10 MB at least, DDL for nothing."""
_MISSING: Final = re.compile("TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|does not exist")


@dataclass(frozen=True, slots=True)
class QueryState:
    """How a query is."""

    id: str
    state: str
    """QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
    reason: str
    scanned_bytes: int
    engine_ms: int
    kind: str
    """DML, DDL or UTILITY."""

    @property
    def dollars(self) -> float:
        """What it costs, by the bytes scanned so far."""
        if self.kind != "DML":
            return 0.0
        return max(self.scanned_bytes, BYTES_BILLED_MIN) / 1e12 * DOLLARS_PER_TERABYTE


@dataclass(frozen=True, slots=True)
class AthenaPlace:
    """Where queries run."""

    workgroup: str
    database: str
    output_location: str | None
    """`s3://bucket/prefix/` for results; None: the workgroup's."""


class AthenaQuery:
    """One query. Raises FleetError for what Athena refuses."""

    def __init__(
        self, client: Any, text: str, place: AthenaPlace, *, on_wait: OnWait | None = None
    ) -> None:
        self._client = client
        self._text = text
        self._place = place
        self._on_wait = on_wait
        self._id: str | None = None

    async def run(self, on_state: Callable[[QueryState], None]) -> QueryState:
        """Starts the query and returns when it has succeeded; `on_state` sees it at each look."""
        request: dict[str, Any] = {
            "QueryString": self._text,
            "WorkGroup": self._place.workgroup,
            "QueryExecutionContext": {"Database": self._place.database},
        }
        if self._place.output_location is not None:
            request["ResultConfiguration"] = {"OutputLocation": self._place.output_location}
        answer = await self._call(lambda: self._client.start_query_execution(**request))
        self._id = answer["QueryExecutionId"]
        pause_s = POLL_S
        while True:
            state = await self.state()
            on_state(state)
            if state.state == "SUCCEEDED":
                return state
            if state.state in {"FAILED", "CANCELLED"}:
                is_missing = _MISSING.search(state.reason) is not None
                raise FleetError(
                    f"Athena: query {state.id} {state.state}: {state.reason}",
                    remedy="make the table, or name its --database: "
                    '`wildrydes query --athena "$(wildrydes query --ddl athena)"`'
                    if is_missing
                    else None,
                )
            await asyncio.sleep(pause_s)
            pause_s = min(POLL_S_MAX, pause_s * 1.5)

    async def state(self) -> QueryState:
        """How it is now."""
        answer = await self._call(
            lambda: self._client.get_query_execution(QueryExecutionId=self._id)
        )
        execution = answer["QueryExecution"]
        status, statistics = execution["Status"], execution.get("Statistics", {})
        return QueryState(
            id=execution["QueryExecutionId"],
            state=status["State"],
            reason=status.get("StateChangeReason", ""),
            scanned_bytes=statistics.get("DataScannedInBytes", 0),
            engine_ms=statistics.get("EngineExecutionTimeInMillis", 0),
            kind=execution.get("StatementType", "DML"),
        )

    async def stop(self) -> None:
        """Cancels it, if it was started."""
        if self._id is not None:
            await self._call(lambda: self._client.stop_query_execution(QueryExecutionId=self._id))

    async def pages(
        self,
    ) -> AsyncIterator[tuple[Sequence[tuple[str, str]], list[list[str | None]]]]:
        """The columns, as name and type, and a page of rows as text; None is NULL."""
        request: dict[str, Any] = {"QueryExecutionId": self._id, "MaxResults": PAGE_ROWS}
        is_first = True
        while True:
            answer = await self._call(lambda: self._client.get_query_results(**request))
            results = answer["ResultSet"]
            described = results.get("ResultSetMetadata", {}).get("ColumnInfo", [])
            columns = [(column["Name"], column["Type"]) for column in described]
            rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in results["Rows"]]
            if is_first and rows and rows[0] == [name for name, _ in columns]:
                # The first row of a SELECT's results is the names.
                rows = rows[1:]
            is_first = False
            yield columns, rows
            if not (token := answer.get("NextToken")):
                return
            request["NextToken"] = token

    async def _call(self, operation: Callable[[], Any]) -> Any:
        try:
            return await retry(operation, "Athena", on_wait=self._on_wait)
        except (ClientError, ParamValidationError) as error:
            raise FleetError(f"Athena: {error}") from error
