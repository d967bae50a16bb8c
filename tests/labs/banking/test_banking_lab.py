"""On UCI's file, with the bars of the published results; AUC again from ranks, by DuckDB."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from fleet.errors import ConfigError
from labs.banking.dataset import FILE
from labs.banking.lab import MODEL, PREDICTIONS, run
from labs.banking.slider import counts
from labs.lab_run import LabRun

RANK_AREA = """
    WITH ranked AS (
        SELECT trueLabel,
               rank() OVER (ORDER BY score)
                   + (count(*) OVER (PARTITION BY score) - 1) / 2 AS rank
        FROM predictions
    ), classes AS (
        SELECT sum(trueLabel) AS yes, count(*) - sum(trueLabel) AS no FROM ranked
    )
    SELECT (sum(rank) FILTER (trueLabel = 1) - any_value(yes * (yes + 1) / 2))
           / any_value(yes * no)
    FROM ranked, classes
"""


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    out = tmp_path_factory.mktemp("banking")
    lab = LabRun(out, lambda line: None, data=real_data / "bank" / FILE)
    return SimpleNamespace(out=out, report=run(lab, ";"))


def area(report, model: str, split: str, duration: str) -> float:
    (found,) = (
        row["auc"]
        for row in report.results["auc"]
        if (row["model"], row["split"], row["duration"]) == (model, split, duration)
    )
    return found


def point(report, who: str) -> dict:
    (found,) = (row for row in report.results["operating_points"] if row["who"].startswith(who))
    return found


def test_the_model_tells_no_folder_of_this_machine(real, real_data: Path) -> None:
    model = (real.out / MODEL).read_text(encoding="utf-8")
    assert f"Data: {FILE}, as given." in json.loads(model)["trained_on"]
    assert str(real_data) not in model
    assert str(real_data) in real.report.html(), "the report is for whoever ran it"


def test_the_bars_are_reached_on_a_random_split(real) -> None:
    assert real.report.results["rows"] == 41_188
    assert area(real.report, "LightGBM", "random", "with") >= 0.950
    assert area(real.report, "LightGBM", "random", "without") >= 0.808
    # Chance decides the last digits: other splits say how much.
    with_duration, without = real.report.results["other_splits"]
    assert with_duration["mean"] == pytest.approx(0.950, abs=0.002)
    assert without["mean"] == pytest.approx(0.802, abs=0.005)


def test_asked_about_later_months_the_models_are_much_worse(real) -> None:
    assert 0.74 <= area(real.report, "LightGBM", "chronological", "with") <= 0.80
    assert 0.54 <= area(real.report, "LightGBM", "chronological", "without") <= 0.70


def test_logistic_regression_on_quantile_bins_works_where_amazon_ml_did(real) -> None:
    assert area(real.report, "logistic regression", "random", "with") >= 0.936
    found = point(real.report, "logistic regression")
    assert found["cut-off"] == 0.75
    # Published: precision .762, recall .2135.
    assert found["precision"] == pytest.approx(0.762, abs=0.03)
    assert found["recall"] == pytest.approx(0.2135, abs=0.03)


def test_trees_are_more_precise_than_the_notes_at_their_recall(real) -> None:
    found = point(real.report, "LightGBM at the notes' recall")
    assert found["recall"] >= 0.364
    assert found["precision"] >= 0.69


def test_the_predictions_file_has_the_area_that_the_report_says(real) -> None:
    path = real.out / PREDICTIONS
    assert path.read_text().splitlines()[0] == "trueLabel,bestAnswer,score"
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE predictions AS FROM read_csv(?)", [str(path)])
        assert engine.sql("SELECT count(*) FROM predictions").fetchall() == [(12_356,)]
        [(again,)] = engine.sql(RANK_AREA).fetchall()
        wrong = "SELECT * FROM predictions WHERE bestAnswer <> (score >= 0.5)::INT"
        assert engine.sql(wrong).fetchall() == []
    assert again == pytest.approx(area(real.report, "LightGBM", "random", "with"), abs=1e-5)
    assert "$1.24" in real.report.results["cost"]


def test_the_slider_has_the_counts_of_every_cut_off(real) -> None:
    with (real.out / PREDICTIONS).open() as file:
        rows = list(csv.DictReader(file))
    page = real.report.html()
    start = page.index('id="cutoff-data">') + len('id="cutoff-data">')
    models = json.loads(page[start : page.index("</script>", start)])
    assert len(models) == 8
    data = models["LightGBM, random split, with duration"]
    for step in (100, 500, 750):
        said = [row for row in rows if float(row["score"]) >= step / 1_000]
        true = sum(row["trueLabel"] == "1" for row in said)
        assert (sum(data["yes"][step:]), sum(data["no"][step:])) == (true, len(said) - true)


def test_counts_have_each_score_in_the_step_that_it_reaches() -> None:
    found = counts(np.array([0.0, 0.0005, 0.75, 0.7509, 1.0]))
    assert (found[0], found[750], found[1_000], sum(found)) == (2, 2, 1, 5)


def test_generated_data_says_so_and_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    reports = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        lab = LabRun(tmp_path / name, lambda line: None, generated=True, seed=3)
        reports.append(run(lab, ";"))
    one, other = reports
    assert one.as_json() == other.as_json()
    assert "GENERATED DATA" in one.html()
    assert "GENERATED DATA" in json.loads((tmp_path / "one" / MODEL).read_text())["trained_on"]
    assert area(one, "LightGBM", "random", "without") < area(one, "LightGBM", "random", "with")


def test_few_rows_that_lack_a_category_of_the_example_still_make_a_report(
    real_data: Path, tmp_path: Path
) -> None:
    lines = (real_data / "bank" / FILE).read_text().splitlines()
    answered = [line for line in lines if line.endswith('"yes"')][:30]
    path = tmp_path / FILE
    # By the length of the call, so that both parts of the split by date have both classes.
    rows = sorted([*lines[1:71], *answered], key=lambda line: line.split(";")[10])
    path.write_text("\n".join([lines[0], *rows]))
    report = run(LabRun(tmp_path, lambda line: None, data=path), ";")
    assert "contact is 'cellular'" in report.results["example"]["error"]
    assert "It has no score from these data" in report.html()


def test_the_courses_example_is_a_no(real) -> None:
    example = real.report.results["example"]
    assert (example["label"], example["score"] < 0.1) == (0, True)


def test_a_file_of_one_class_is_refused(real_data: Path, tmp_path: Path) -> None:
    lines = (real_data / "bank" / FILE).read_text().splitlines()
    path = tmp_path / FILE
    path.write_text("\n".join([lines[0], *(line for line in lines if line.endswith('"no"'))]))
    with pytest.raises(ConfigError, match="the target 'y' holds only 'no'"):
        run(LabRun(tmp_path, lambda line: None, data=path), ";")
