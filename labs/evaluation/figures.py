"""How good a model is, drawn."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

from labs.evaluation.confusion import Confusion
from labs.evaluation.ranking import Ranking

BINS = 40


def draw_confusion(confusion: Confusion) -> Figure:
    """Shades are shares of a row, so that a rare class is seen as well as a common one."""
    size = max(4.0, 0.6 * len(confusion.classes) + 1.6)
    figure = Figure(figsize=(size, size))
    axes = figure.subplots()
    rows = confusion.counts.sum(axis=1, keepdims=True)
    shares = confusion.counts / np.maximum(rows, 1)
    ConfusionMatrixDisplay(shares, display_labels=confusion.classes).plot(
        ax=axes, cmap="Purples", include_values=False, colorbar=False, im_kw={"vmin": 0, "vmax": 1}
    )
    for (truth, said), count in np.ndenumerate(confusion.counts):
        color = "white" if shares[truth, said] > 0.5 else "black"
        axes.text(said, truth, f"{count:,}", ha="center", va="center", color=color)
    axes.set(xlabel="said", ylabel="truth")
    return figure


def draw_roc(rankings: Mapping[str, Ranking]) -> Figure:
    """One curve a model; the legend has each one's area."""
    figure = Figure(figsize=(5.5, 6.5))
    axes = figure.subplots()
    for name, ranking in rankings.items():
        RocCurveDisplay.from_predictions(ranking.truth, ranking.scores, name=name, ax=axes)
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="chance (AUC = 0.50)")
    axes.set(xlabel="false-positive rate", ylabel="recall")
    # Below: names can be longer than the axes have room for.
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12))
    return figure


def draw_scores(ranking: Ranking) -> Figure:
    """The distribution of the scores, by class; each class's bars add up to 1."""
    figure = Figure(figsize=(7, 3.5))
    axes = figure.subplots()
    edges = np.histogram_bin_edges(ranking.scores, bins=BINS).tolist()
    for name, scores, color in (
        ("no", ranking.scores[~ranking.truth], "tab:blue"),
        ("yes", ranking.scores[ranking.truth], "tab:orange"),
    ):
        weights = np.full(len(scores), 1 / max(len(scores), 1))
        axes.hist(
            scores, bins=edges, weights=weights, alpha=0.6, color=color, label=f"truly {name}"
        )
    axes.set(xlabel="score", ylabel="share of the class")
    axes.legend()
    return figure
