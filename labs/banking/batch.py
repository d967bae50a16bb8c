"""Batch predictions in Amazon ML's file form, and what they cost there."""

import csv
from pathlib import Path

from labs.evaluation.ranking import Ranking

DOLLARS_PER_PREDICTION = 0.10 / 1_000
"""Amazon ML's price of batch predictions, as the course's notes have it."""
HEADER = ("trueLabel", "bestAnswer", "score")


def write_predictions(path: Path, ranking: Ranking, threshold: float) -> None:
    """One line a row of the test part, in its order; 1 is a yes, as Amazon ML's labels were."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for truth, score in zip(ranking.truth.tolist(), ranking.scores.tolist(), strict=True):
            writer.writerow((int(truth), int(score >= threshold), f"{score:.6E}"))


def cost_line(predictions: int) -> str:
    dollars = predictions * DOLLARS_PER_PREDICTION
    return (
        f"{predictions:,} batch predictions at Amazon ML's $0.10 per 1,000 were ${dollars:,.2f}; "
        "here they cost nothing."
    )
