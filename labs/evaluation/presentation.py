"""A confusion matrix in a report: counts, scores of each class, the two averages."""

from dataclasses import asdict, astuple
from typing import Any

from labs.evaluation.confusion import Confusion
from labs.evaluation.figures import draw_confusion
from labs.evaluation.interval import CONFIDENCE
from labs.report import Report

SCORES = ("precision", "recall", "F1", "rows")


def tell_confusion(report: Report, confusion: Confusion, name: str) -> None:
    """Adds tables and figure; `name` says in the captions what was judged."""
    report.table(
        f"{name}: confusion matrix (a row is a truth, a column an answer)",
        ["truth", *confusion.classes],
        [
            [truth, *map(int, row)]
            for truth, row in zip(confusion.classes, confusion.counts, strict=True)
        ],
        numbers=confusion.classes,
    )
    report.figure(
        f"{name}: confusion matrix, shaded by share of the truth", draw_confusion(confusion)
    )
    report.table(
        f"{name}: each class against the others",
        ["class", *SCORES],
        [[one.name, one.precision, one.recall, one.f1, one.rows] for one in confusion.per_class()],
        numbers=SCORES,
    )
    report.table(
        f"{name}: averages with {CONFIDENCE:.0%} bootstrap intervals",
        ["measure", "value", "low", "high"],
        [
            [measure, *astuple(interval)]
            for measure, interval in (
                ("accuracy", confusion.accuracy_interval(report.seed)),
                ("macro-F1", confusion.macro_f1_interval(report.seed)),
            )
        ],
        numbers=("value", "low", "high"),
    )


def confusion_json(confusion: Confusion, seed: int) -> dict[str, Any]:
    """The same for scripts; `confusion[i][j]` rows are truly class i, said to be class j."""
    return {
        "classes": list(confusion.classes),
        "confusion": confusion.counts.tolist(),
        "accuracy": asdict(confusion.accuracy_interval(seed)),
        "macro_f1": asdict(confusion.macro_f1_interval(seed)),
        "per_class": [asdict(one) for one in confusion.per_class()],
    }
