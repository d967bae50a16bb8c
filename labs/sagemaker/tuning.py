"""Tuning, as a user of SageMaker does it: a tuning job over training data alone."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np

from labs.lab_run import LabRun
from labs.sagemaker import requests
from labs.sagemaker.mnist import Digits
from labs.sagemaker.platform import Platform
from labs.sagemaker.training import TrainingFailed, upload

HELD_OUT = 5
"""One in so many training digits judges the settings: the test set has no say in it."""


async def tune(
    run: LabRun,
    platform: Platform,
    name: str,
    digits: Digits,
    hyperparameters: Mapping[str, str],
    jobs: int,
) -> list[dict[str, Any]]:
    """Runs the tuning job; returns the summaries of the training jobs that have an error on the
    digits held out, the least first. Raises TrainingFailed when there is none.
    """
    is_held_out = np.arange(len(digits)) % HELD_OUT == 0
    parts = {"train": digits.where(~is_held_out), "validation": digits.where(is_held_out)}
    await upload(
        platform.storage, platform.place, {f"tuning/{part}": of for part, of in parts.items()}
    )
    client = await platform.aws.sagemaker()
    await client.create_hyper_parameter_tuning_job(
        **requests.tuning_job(
            name, platform.place, platform.xgboost, hyperparameters, jobs=jobs, seed=run.seed
        )
    )
    named = {"HyperParameterTuningJobName": name}
    described: dict[str, Any] = {"HyperParameterTuningJobStatus": "InProgress"}
    while described["HyperParameterTuningJobStatus"] in ("InProgress", "Stopping"):
        await asyncio.sleep(platform.poll_s)
        described = await client.describe_hyper_parameter_tuning_job(**named)
    pages = client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    summaries = [
        one
        async for page in pages.paginate(**named)
        for one in page["TrainingJobSummaries"]
        if "FinalHyperParameterTuningJobObjectiveMetric" in one
    ]
    if not summaries:
        reason = described.get("FailureReason", described["HyperParameterTuningJobStatus"])
        raise TrainingFailed(f"tuning job {name}: {reason}")
    return sorted(summaries, key=held_out_error)


def held_out_error(summary: Mapping[str, Any]) -> float:
    """Share of the digits held out that the training job's model misread."""
    return float(summary["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])
