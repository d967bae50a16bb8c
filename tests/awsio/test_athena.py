"""A query on Athena, from its start to its last page, with a client that plays the service."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from awsio import athena
from awsio.athena import AthenaPlace, AthenaQuery, QueryState
from fleet.errors import FleetError
from tests.awsio.instant import run

PLACE = AthenaPlace("primary", "default", "s3://results/")


class Service:
    """Goes through `states`, a look at a time, then gives two pages."""

    def __init__(self, *states: str, reason: str = "") -> None:
        self.states = list(states)
        self.reason = reason
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def start_query_execution(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("start", request))
        return {"QueryExecutionId": "q-1"}

    async def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {
            "QueryExecution": {
                "QueryExecutionId": QueryExecutionId,
                "StatementType": "DML",
                "Status": {"State": state, "StateChangeReason": self.reason},
                "Statistics": {
                    "DataScannedInBytes": 2_000_000_000_000,
                    "EngineExecutionTimeInMillis": 1500,
                },
            }
        }

    async def stop_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:
        self.calls.append(("stop", {"id": QueryExecutionId}))
        return {}

    async def get_query_results(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("results", request))
        info = [{"Name": "name", "Type": "varchar"}, {"Name": "n", "Type": "bigint"}]
        second = "NextToken" in request
        # On the second page a row may well look like the names.
        rows = [["name", "n"], ["a", "1"]] if not second else [["name", "n"], [None, "2"]]
        data = [
            {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
            for row in rows
        ]
        page = {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": info}}}
        return page if second else {**page, "NextToken": "more"}


def test_states_and_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(athena, "POLL_S", 0.0)
    service, seen = Service("QUEUED", "RUNNING", "SUCCEEDED"), list[QueryState]()
    query = AthenaQuery(service, "SELECT 1", PLACE)

    async def whole() -> list[list[str | None]]:
        await query.run(seen.append)
        return [row async for _, rows in query.pages() for row in rows]

    assert run(whole()) == [["a", "1"], ["name", "n"], [None, "2"]]
    assert [state.state for state in seen] == ["QUEUED", "RUNNING", "SUCCEEDED"]
    assert seen[-1].dollars == 10.0
    assert service.calls[0][1]["ResultConfiguration"] == {"OutputLocation": "s3://results/"}


def test_a_query_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service("FAILED", reason="TABLE_NOT_FOUND: line 1:15: Table 'wildrydes'")
    with pytest.raises(FleetError, match="TABLE_NOT_FOUND: line 1:15") as raised:
        run(AthenaQuery(service, "SELECT 1", PLACE).run(lambda state: None))
    assert "--ddl athena" in str(raised.value.remedy)


def test_what_athena_refuses_is_a_sentence() -> None:
    class Refusing(Service):
        async def start_query_execution(self, **request: Any) -> dict[str, Any]:
            error = {"Code": "InvalidRequestException", "Message": "no output location"}
            raise ClientError({"Error": error}, "StartQueryExecution")

    with pytest.raises(FleetError, match="no output location"):
        run(AthenaQuery(Refusing("QUEUED"), "SELECT 1", PLACE).run(lambda state: None))


def test_only_a_query_that_was_started_is_stopped() -> None:
    service = Service("SUCCEEDED")
    query = AthenaQuery(service, "SELECT 1", PLACE)
    run(query.stop())
    assert service.calls == []
    run(query.run(lambda state: None))
    run(query.stop())
    assert service.calls[-1] == ("stop", {"id": "q-1"})


def test_ten_megabytes_are_the_least() -> None:
    state = QueryState("q", "SUCCEEDED", "", 5, 1, "DML")
    assert state.dollars == pytest.approx(0.00005)
    assert QueryState("q", "SUCCEEDED", "", 5, 1, "DDL").dollars == 0
