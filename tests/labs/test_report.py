"""The report: safe whatever is in it, whole without anything beside it, the same for each run."""

import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from labs.dataset import Origin
from labs.report import Report


@pytest.fixture
def report() -> Report:
    origin = Origin("generated", "a <b>look-alike</b>, seed 1")
    report = Report("rides", "Rides", "How far?", 1, [origin], "<i>far</i>")
    report.heading("Where & when")
    report.text("a < b")
    report.table(
        "Totals", ("name", "metres"), [("<script>", 1234567), (None, 0.5)], numbers=["metres"]
    )
    figure = Figure()
    figure.subplots().plot([1, 2], label="<x>")
    report.figure('A "line"', figure)
    report.results["metres"] = 1234567
    return report


def test_texts_are_never_markup(report) -> None:
    page = report.html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>look-alike" not in page
    assert "<i>far" not in page
    assert "1,234,567" in page


def test_the_page_asks_for_nothing(report) -> None:
    page = report.html()
    assert "default-src 'none'" in page
    assert "src=" not in page
    assert "<link" not in page
    assert "<svg" in page


def test_the_same_report_is_the_same_bytes(report) -> None:
    assert report.html() == report.html()


def test_scripts_get_the_numbers_and_are_told_of_generated_data(report, tmp_path: Path) -> None:
    report.write(tmp_path)
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["results"] == {"metres": 1234567}
    assert told["data"] == [{"origin": "generated", "where": "a <b>look-alike</b>, seed 1"}]
    assert "GENERATED DATA" in (tmp_path / "report.html").read_text()


def test_a_number_that_json_lacks_is_refused(report, tmp_path: Path) -> None:
    report.results["ratio"] = float("nan")
    with pytest.raises(ValueError, match="JSON compliant"):
        report.write(tmp_path)
