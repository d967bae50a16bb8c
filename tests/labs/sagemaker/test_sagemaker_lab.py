"""The whole lab by its command, and its figures on MNIST."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from wildrydes.cli import wildrydes


def test_the_command_on_the_stand_in(tmp_path: Path) -> None:
    arguments = ["--generated", "--out", str(tmp_path), "--instances", "2", "--tune", "2", "--json"]
    told = CliRunner().invoke(wildrydes, ["lab", "run", "sagemaker", *arguments])
    assert told.exit_code == 0, told.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert json.loads(told.stdout) == report
    assert report["data"][0]["origin"] == "stand-in"
    results = report["results"]
    # The reference is plain XGBoost with the course's settings: 10.2 % of 540.
    assert results["error_rate"]["value"] == pytest.approx(55 / 540)
    assert results["error_rate"]["low"] < 55 / 540 < results["error_rate"]["high"]
    assert sum(map(sum, results["confusion"])) == 540
    assert results["training"]["metrics"]["validation:merror"] == pytest.approx(55 / 540, abs=1e-5)
    assert len(results["training"]["rounds"]) == 10
    variants = results["ab_test"]["variants"]
    assert sum(variant["answers"] for variant in variants) == 540
    assert {variant["name"] for variant in variants} == {"xgboost", "neighbours"}
    tuning = results["tuning"]
    held_out = [one["held_out_error"] for one in tuning["tried"]]
    assert len(held_out) == 2
    assert held_out == sorted(held_out)
    assert 0 < tuning["test_error"] < 0.2
    page = (tmp_path / "report.html").read_text()
    assert "OTHER DATA in the place of the real ones" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--aws"], "--aws costs money in an account of yours: give --bucket and --role"),
        (["--aws", "--bucket", "b"], "give --bucket and --role"),
        (["--role", "arn:aws:iam::123456789012:role/lab"], "--role goes with --aws"),
        (["--endpoint-url", "http://example.com"], "is not on this machine"),
        (["-H", "eta"], "'eta' is not NAME=VALUE"),
    ],
)
def test_usage(tmp_path: Path, arguments: list[str], message: str) -> None:
    told = CliRunner().invoke(
        wildrydes, ["lab", "run", "sagemaker", "--out", str(tmp_path), *arguments]
    )
    assert told.exit_code == 2
    assert message in told.output
