"""The published figures, on MNIST: 19,690 training images, the test set of 10,000."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from wildrydes.cli import wildrydes


def error_rate(real_data: Path, out: Path, *arguments: str) -> float:
    told = CliRunner().invoke(
        wildrydes,
        [
            "lab",
            "run",
            "sagemaker",
            "--data",
            str(real_data / "mnist"),
            "--out",
            str(out),
            *arguments,
        ],
    )
    assert told.exit_code == 0, told.output
    results = json.loads((out / "report.json").read_text())["results"]
    assert results["images"] == {
        "train": 19_690, "test": 10_000, "pixels": [28, 28], "is_mnist": True,
    }  # fmt: skip
    return results["error_rate"]["value"]


@pytest.mark.long
@pytest.mark.parametrize("instances", ["1", "2"])
def test_the_courses_settings(real_data: Path, tmp_path: Path, instances: str) -> None:
    assert error_rate(real_data, tmp_path, "--instances", instances) == pytest.approx(0.0878)


@pytest.mark.long
def test_deeper_and_longer(real_data: Path, tmp_path: Path) -> None:
    """XGBoost's own defaults, for 100 rounds."""
    settings = {
        "max_depth": 6, "eta": 0.3, "gamma": 0, "min_child_weight": 1, "num_round": 100,
    }  # fmt: skip
    flags = [part for name, value in settings.items() for part in ("-H", f"{name}={value}")]
    assert error_rate(real_data, tmp_path, *flags) == pytest.approx(0.0333)
