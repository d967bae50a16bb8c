"""What the lab found, told in its report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from labs.evaluation.confusion import Confusion
from labs.evaluation.interval import CONFIDENCE, Interval
from labs.evaluation.presentation import confusion_json, tell_confusion
from labs.report import Report
from labs.sagemaker.ab_test import ALPHA, POWER, Score, Verdict
from labs.sagemaker.mnist import Digits
from labs.sagemaker.tuning import held_out_error

MISREAD_SHOWN = 24
MISREAD_A_ROW = 8


def tell_data(report: Report, training: Digits, test: Digits, *, is_mnist: bool) -> None:
    """What was learned from and tested on."""
    height, width = test.images.shape[1:]
    report.text(
        f"{len(training):,} images of {height} x {width} pixels to train, {len(test):,} to test. "
        + (
            "The test set is MNIST's own, by the checksum of its content."
            if is_mnist
            else "The test set is not MNIST's: the figures cannot be compared with MNIST's."
        )
    )
    report.results["images"] = {
        "train": len(training), "test": len(test), "pixels": [height, width], "is_mnist": is_mnist,
    }  # fmt: skip


def tell_training(
    report: Report,
    request: Mapping[str, Any],
    job: Mapping[str, Any],
    rounds: Sequence[tuple[float, float]],
) -> None:
    """`rounds` has the error on training and test set after each; empty where it is not known."""
    report.heading("Training job")
    metrics = {one["MetricName"]: one["Value"] for one in job.get("FinalMetricDataList", ())}
    report.table(
        "The job, as DescribeTrainingJob tells it",
        ["what", "value"],
        [
            ["status", job["SecondaryStatus"]],
            ["instances", str(request["ResourceConfig"]["InstanceCount"])],
            *[[name, f"{value:.4f}"] for name, value in sorted(metrics.items())],
            *[[name, str(value)] for name, value in request["HyperParameters"].items()],
        ],
    )
    report.text("The request, as boto3's create_training_job takes it:")
    report.code(json.dumps(request, indent=2))
    if rounds:
        report.figure("Error after each round, on training and test set", _curve(rounds))
    report.results["training"] = {
        "request": dict(request),
        "status": job["SecondaryStatus"],
        "metrics": metrics,
        "rounds": [{"train": train, "test": test} for train, test in rounds],
    }


def tell_test(report: Report, confusion: Confusion, test: Digits, said: NDArray[np.int64]) -> None:
    """How the endpoint answered the test set."""
    report.heading("Test")
    accuracy = confusion.accuracy_interval(report.seed)
    error = Interval(1 - accuracy.value, 1 - accuracy.high, 1 - accuracy.low)
    wrong = np.flatnonzero(said != test.labels)
    report.answer = (
        f"{error.value:.2%} of {len(test):,} digits are misread "
        f"({CONFIDENCE:.0%} interval {error.low:.2%} to {error.high:.2%})."
    )
    report.text(f"{len(wrong):,} are misread: an error rate of {error}.")
    tell_confusion(report, confusion, "Test set")
    if len(wrong):
        shown = wrong[:MISREAD_SHOWN]
        report.figure(
            f"The first {len(shown)} that are misread: what it is, and what was said",
            _misread(test, said, shown),
        )
    report.results |= {"error_rate": asdict(error), **confusion_json(confusion, report.seed)}


def tell_ab_test(report: Report, first: Score, second: Score, verdict: Verdict) -> None:
    """Two variants of equal weight, each digit shown to one of them."""
    report.heading("A/B test")
    numbers = ("answers", "misread", "error rate")
    report.table(
        "Two variants behind one endpoint, with the same weight",
        ["variant", *numbers],
        [[one.name, one.answers, one.errors, one.error_rate] for one in (first, second)],
        numbers=numbers,
    )
    found = "more than chance makes" if verdict.is_significant else "no more than chance makes"
    needed = verdict.answers_needed
    report.text(
        f"{second.name} differs by {verdict.difference:+.2%}: {found} (two-sample test of "
        f"proportions, z = {verdict.z:.2f}, p = {verdict.p_value:.2g}; the line is {ALPHA:g})."
    )
    if needed is not None:
        report.text(
            f"To find a difference as large as this with probability {POWER:.0%}, {needed:,} "
            f"answers of each variant are needed; there were {first.answers:,} and "
            f"{second.answers:,}."
        )
    report.results["ab_test"] = {
        "variants": [asdict(one) | {"error_rate": one.error_rate} for one in (first, second)],
        **asdict(verdict),
        "is_significant": verdict.is_significant,
    }


def tell_tuning(
    report: Report, tried: Sequence[Mapping[str, Any]], best: Mapping[str, Any]
) -> None:
    """`tried` are summaries of training jobs, the best first; `best` is the job that has trained
    with its settings on all of the training set.
    """
    report.heading("Tuning")
    names = sorted(tried[0]["TunedHyperParameters"])
    rows = [
        [
            one["TrainingJobName"],
            *(float(one["TunedHyperParameters"][name]) for name in names),
            held_out_error(one),
        ]
        for one in tried
    ]
    report.table(
        "Settings tried, judged by training digits that were held out",
        ["training job", *names, "misread"],
        rows,
        numbers=(*names, "misread"),
    )
    metrics = {one["MetricName"]: one["Value"] for one in best["FinalMetricDataList"]}
    report.text(
        f"Trained on all of the training set, the best settings misread "
        f"{metrics['validation:merror']:.2%} of the test set."
    )
    report.results["tuning"] = {
        "tried": [
            {
                "job": one["TrainingJobName"],
                "hyperparameters": dict(one["TunedHyperParameters"]),
                "held_out_error": held_out_error(one),
            }
            for one in tried
        ],
        "test_error": metrics["validation:merror"],
    }


def _curve(rounds: Sequence[tuple[float, float]]) -> Figure:
    figure = Figure(figsize=(7, 3.5))
    axes = figure.subplots()
    numbers = range(1, len(rounds) + 1)
    for position, name in enumerate(("training set", "test set")):
        axes.plot(numbers, [one[position] for one in rounds], marker="o", ms=3, label=name)
    axes.set(xlabel="round", ylabel="misread", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend()
    return figure


def _misread(test: Digits, said: NDArray[np.int64], shown: NDArray[np.intp]) -> Figure:
    rows = -(-len(shown) // MISREAD_A_ROW)
    figure = Figure(figsize=(MISREAD_A_ROW, 1.35 * rows))
    grid = figure.subplots(rows, MISREAD_A_ROW, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, position in zip(grid, shown, strict=False):
        axes.imshow(test.images[position], cmap="gray_r", interpolation="nearest")
        axes.set_title(f"{test.labels[position]}, said {said[position]}", fontsize=9)
    return figure
