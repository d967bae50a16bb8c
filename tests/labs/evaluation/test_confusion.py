"""Against a matrix worked out by hand.

Ten rows, three classes; a row of the matrix is a truth:

             said a  said b  said c    recall
    truly a       3       1       0    3/4
    truly b       2       2       0    2/4
    truly c       0       1       1    1/2
    precision   3/5     2/4     1/1
"""

import numpy as np
import pytest

from fleet.errors import ConfigError
from labs.evaluation.confusion import Confusion
from labs.evaluation.presentation import confusion_json, tell_confusion
from labs.report import Report

TRUTH = list("aaaabbbbcc")
SAID = list("aaabaabbbc")
CLASSES = ("a", "b", "c")

F1 = (2 / 3, 1 / 2, 2 / 3)


def confusion() -> Confusion:
    return Confusion.of(TRUTH, SAID, CLASSES)


def test_a_row_of_the_matrix_is_a_truth() -> None:
    assert confusion().counts.tolist() == [[3, 1, 0], [2, 2, 0], [0, 1, 1]]
    # The other way round is another matrix: the test would see it.
    assert Confusion.of(SAID, TRUTH, CLASSES).counts.tolist() != confusion().counts.tolist()


def test_scores_of_each_class_are_those_worked_out_by_hand() -> None:
    a, b, c = confusion().per_class()
    assert (a.name, a.rows, b.rows, c.rows) == ("a", 4, 4, 2)
    assert [a.precision, b.precision, c.precision] == pytest.approx([3 / 5, 1 / 2, 1.0])
    assert [a.recall, b.recall, c.recall] == pytest.approx([3 / 4, 1 / 2, 1 / 2])
    assert [a.f1, b.f1, c.f1] == pytest.approx(F1)
    assert confusion().accuracy == pytest.approx(0.6)
    assert confusion().macro_f1 == pytest.approx(sum(F1) / 3)


def test_a_class_never_said_has_no_precision_and_is_no_failure() -> None:
    a, b = Confusion.of(list("aab"), list("aaa"), ("a", "b")).per_class()
    assert (b.precision, b.recall, b.f1) == (0.0, 0.0, 0.0)
    assert a.precision == pytest.approx(2 / 3)


def test_intervals_are_those_of_the_binomial_and_the_same_for_a_seed() -> None:
    counts = np.array([[4_000, 1_000], [1_000, 4_000]])
    many = Confusion(("a", "b"), counts)
    found = many.accuracy_interval(seed=7)
    assert found == many.accuracy_interval(seed=7)
    assert found != many.accuracy_interval(seed=8)
    # 1.96 standard errors of 8,000 right of 10,000: 0.0078.
    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(0.8 - 0.0078, abs=0.0015)
    assert found.high == pytest.approx(0.8 + 0.0078, abs=0.0015)


@pytest.mark.parametrize(
    ("truth", "said", "message"),
    [
        ("aab", "aa", "2 answers for 3 rows"),
        ("", "", "0 answers for 0 rows"),
        ("aab", "aax", "not among the classes a, b: x"),
        ("aaz", "aab", "not among the classes a, b: z"),
    ],
)
def test_answers_that_cannot_be_compared_are_refused(truth: str, said: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Confusion.of(list(truth), list(said), ("a", "b"))


def test_a_report_has_the_matrix_and_scripts_get_the_same() -> None:
    report = Report("test", "Test", "What?", seed=1)
    tell_confusion(report, confusion(), "ratings")
    matrix = report.tables[0]
    assert matrix.heads == ["truth", "a", "b", "c"]
    assert matrix.rows == [["a", 3, 1, 0], ["b", 2, 2, 0], ["c", 0, 1, 1]]
    assert "<svg" in report.html()
    data = confusion_json(confusion(), seed=1)
    assert data["confusion"] == [[3, 1, 0], [2, 2, 0], [0, 1, 1]]
    assert data["accuracy"]["low"] <= 0.6 <= data["accuracy"]["high"]
