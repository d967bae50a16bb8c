"""The applications that ship: their cases, in every way, and one of them run by `wildrydes up`."""

import json
from pathlib import Path

import pytest

from analytics_sql.application_file import PACKAGED, WORKSHOP, load_application, packaged_names
from tests.wildrydes.running import Running, all_records, client, is_made, wait_until
from wildrydes.application_parts import check_outputs, outputs_of, stream_of
from wildrydes.trial.case import Case, find_cases
from wildrydes.trial.verdict import judge

CASES = list(find_cases(PACKAGED))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    verdict = judge(case)
    assert verdict.problem is None, "\n".join(verdict.details)
    assert len(verdict.ways) >= 3


@pytest.mark.parametrize("name", [n for n in packaged_names() if n != WORKSHOP.name])
def test_every_application_is_whole(name: str) -> None:
    home = PACKAGED / name
    assert stream_of(home) == "wildrydes"
    assert {case.application_folder for case in CASES} >= {home}
    application = load_application(home)
    check_outputs(home, application)
    # Every stream that goes out has a place, and no two applications share one.
    assert {output.stream for output in outputs_of(home)} == application.outputs
    others = [o for n in packaged_names() if n != name for o in outputs_of(PACKAGED / n)]
    assert not {str(o) for o in outputs_of(home)} & {str(o) for o in others}


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["fleet-pulse", "top-zones", "district-enrichment", "sprint-then-tired"]
)
def test_up_runs_one_by_its_name(tmp_path: Path, name: str) -> None:
    (output,) = outputs_of(PACKAGED / name)
    assert output.stream is not None
    stream = output.place
    flags = ["--port", "0", "--endpoint-port", "0", "--data", str(tmp_path), "--time-scale", "10"]
    with Running("up", *flags, "--unicorns", "20", "--app", name) as up:
        url = up.named("started")["endpoint_url"]
        up.named("ready")
        kinesis = client("kinesis", url)
        wait_until(
            f"a row in {stream}",
            lambda: is_made(kinesis, stream) and bool(all_records(kinesis, stream)),
        )
        row = json.loads(all_records(kinesis, stream)[0]["Data"])
        columns = load_application(PACKAGED / name).stream(output.stream).columns
        assert list(row) == [column.name for column in columns]
        assert None not in row.values()
