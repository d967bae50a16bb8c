"""The built-in algorithm's `train` over a folder that stands for /opt/ml, without the platform."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labs.sagemaker.opt_ml import OptMl
from labs.sagemaker.xgboost_image.train import MODEL, main
from tests.labs.sagemaker.conftest import csv, table

SOFTMAX = {"objective": "multi:softmax", "num_class": "2", "num_round": "2", "nthread": "1"}

Train = Callable[..., str]


@pytest.fixture
def opt_ml(tmp_path: Path) -> OptMl:
    return OptMl(tmp_path / "opt/ml")


@pytest.fixture
def train(opt_ml: OptMl) -> Train:
    """Trains on the content of one file; returns what is in output/failure, if anything."""

    def train(
        content: bytes = csv(table(50)),
        content_type: str = "text/csv",
        channel: str = "train",
        hyperparameters: dict[str, str] = SOFTMAX,
    ) -> str:
        channels = {channel: {"ContentType": content_type}}
        opt_ml.prepare(hyperparameters, channels, "algo-1", ["algo-1"])
        (opt_ml.channel(channel) / "part").write_bytes(content)
        code = main(["--root", str(opt_ml.root)])
        assert code == opt_ml.failure.is_file() != (opt_ml.model / MODEL).is_file()
        return opt_ml.failure.read_text() if code else ""

    return train


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"num_round": "3", "max_dept": "5"}, "max_dept is unknown (did you mean max_depth?)"),
        ({"num_round": "3", "eta": "2"}, "eta is '2', not a number from 0 to 1"),
        ({"num_round": "3", "gamma": "nan"}, "gamma is 'nan', not a number of at least 0"),
        ({"num_round": "2.5"}, "num_round is '2.5', not a whole number of at least 1"),
        ({"objective": "multi:softmax", "num_round": "1"}, "num_class is missing"),
        ({"num_round": "1", "num_class": "3"}, "num_class is given, but objective is reg:squared"),
        ({"eta": "2", "eto": "1"}, "eto is unknown (did you mean eta?); num_round is missing; eta"),
        ({**SOFTMAX, "early_stopping_rounds": "2"}, "early_stopping_rounds needs a channel valid"),
        ({**SOFTMAX, "eval_metric": "mistakes"}, "Unknown metric function mistakes"),
    ],
)
def test_hyperparameters_that_cannot_be(train: Train, hyperparameters, reason) -> None:
    assert reason in train(hyperparameters=hyperparameters)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "train/part is empty"),
        (b"label,a,b,c\n1,2,3,4\n", "train/part: line 1, field 1 is 'label', not a number"),
        (b"1;2;3;4\n", "line 1, field 1 is '1;2;3;4', not a number"),
        (b"0,1,2,3\n1,2,3\n", "line 2 has 3 fields, the first line has 4"),
        (b"0,1,2,3\n7,1,2,3\n", "the label of example 2 is 7, not a whole number from 0 to 1"),
        (b"0,1\n,2\n", "the label of example 2 is nan"),
        (b"1\n0\n", "line 1 has one field"),
        (b"1,2\n1,3\n", "channel train: the target 'label' holds only '1'"),
        (b"\xff\xfe", "train/part: byte 1 is no text"),
    ],
)
def test_channels_that_cannot_be_read(train: Train, content, reason) -> None:
    assert reason in train(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1 0:3 a:4\n", "line 1 has 'a:4', not INDEX:VALUE"),
        (b"1 0:3\nx 0:4\n", "line 2, its label, is 'x', not a number"),
        (b"1 0:3\n0 0:y\n", "line 2, feature 0, is 'y', not a number"),
    ],
)
def test_libsvm_that_cannot_be_read(train: Train, content, reason) -> None:
    assert reason in train(content, "text/libsvm")


def test_other_types_and_channels(train: Train) -> None:
    assert "'application/x-parquet' is not read" in train(content_type="application/x-parquet")
    assert "there is no channel train, only test" in train(channel="test")


def test_libsvm_says_the_same_as_csv(train: Train, opt_ml: OptMl) -> None:
    assert train(content_type="text/csv; label_size=1") == ""
    of_csv = (opt_ml.model / MODEL).read_bytes()
    (opt_ml.model / MODEL).unlink()
    lines = [
        f"{label} " + " ".join(f"{index}:{value}" for index, value in enumerate(values))
        for label, *values in table(50).tolist()
    ]
    assert train("\n".join(lines).encode(), "text/libsvm") == ""
    assert (opt_ml.model / MODEL).read_bytes() == of_csv


def test_an_empty_field_is_a_missing_value(train: Train, opt_ml: OptMl) -> None:
    """In libsvm what is not there is missing, so that both ways must make the same model."""
    rows = [(0, 1), (0, 2), (1, 8), (1, None), (1, None), (0, 3)] * 5
    assert train("".join(f"{a},{'' if b is None else b}\n" for a, b in rows).encode()) == ""
    of_csv = (opt_ml.model / MODEL).read_bytes()
    (opt_ml.model / MODEL).unlink()
    content = "".join(f"{a}" + ("\n" if b is None else f" 0:{b}\n") for a, b in rows)
    assert train(content.encode(), "text/libsvm") == ""
    assert (opt_ml.model / MODEL).read_bytes() == of_csv
