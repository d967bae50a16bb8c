"""The lab: digits up to S3, a training job, an endpoint, the test, and an A/B test against an
algorithm of one's own.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labs.catalogue import LABS
from labs.evaluation.confusion import Confusion
from labs.lab_run import LabRun
from labs.report import Report
from labs.sagemaker import mnist, model_archive, requests, telling
from labs.sagemaker.ab_test import compare
from labs.sagemaker.hosting import hosting
from labs.sagemaker.mnist import CLASSES, Digits
from labs.sagemaker.platform import Platform
from labs.sagemaker.requests import HYPERPARAMETERS
from labs.sagemaker.training import train, upload
from labs.sagemaker.tuning import tune

NAME = "digits"
CHAMPION, CHALLENGER = "xgboost", "neighbours"
TRAINING_IMAGES = 19_690
ROUND = re.compile(r"^\[\d+\]\ttrain-merror:(\S+)\tvalidation-merror:(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Choices:
    """What a user may choose."""

    hyperparameters: Mapping[str, str] = field(default_factory=lambda: HYPERPARAMETERS)
    instances: int = 1
    training_images: int = TRAINING_IMAGES
    """At most; the first of them."""
    tuning_jobs: int = 0
    """0: no tuning."""
    runtime_s_max: int = 3600
    name: str = NAME
    """Of jobs, models and endpoint."""


async def run(run: LabRun, platform: Platform, choices: Choices) -> Report:
    """Raises ConfigError for data that cannot be used, TrainingFailed and DeploymentFailed."""
    data = mnist.obtain(run)
    training, test = mnist.read(data)
    training = training.first(choices.training_images)
    report = Report(
        "sagemaker",
        "SageMaker: which digit is on the picture?",
        LABS["sagemaker"].question,
        run.seed,
        origins=[data.origin],
    )
    run.say(f"{len(training):,} images to train, {len(test):,} to test")
    telling.tell_data(report, training, test, is_mnist=mnist.is_mnist(data))
    # Nothing is chosen by the test set: it only has the learning curve drawn.
    channels = {"train": training, "validation": test}
    # An object for each instance.
    await upload(platform.storage, platform.place, channels, choices.instances)
    request = requests.training_job(
        choices.name,
        platform.place,
        platform.xgboost,
        choices.hyperparameters,
        instances=choices.instances,
        runtime_s_max=choices.runtime_s_max,
    )
    job = await train(platform.aws, request, platform.say, poll_s=platform.poll_s)
    telling.tell_training(report, request, job, _rounds(platform, choices.name))
    archive = job["ModelArtifacts"]["S3ModelArtifacts"]
    model = await platform.storage.read(archive)
    await asyncio.to_thread((run.out / model_archive.NAME).write_bytes, model)
    await _host(run, platform, choices, archive, test, report)
    if choices.tuning_jobs:
        await _tune(run, platform, choices, training, report)
    return report


async def _tune(
    run: LabRun, platform: Platform, choices: Choices, training: Digits, report: Report
) -> None:
    name = f"{choices.name}-tuning"
    tried = await tune(run, platform, name, training, choices.hyperparameters, choices.tuning_jobs)
    request = requests.training_job(
        f"{choices.name}-tuned",
        platform.place,
        platform.xgboost,
        {**choices.hyperparameters, **tried[0]["TunedHyperParameters"]},
        instances=choices.instances,
        runtime_s_max=choices.runtime_s_max,
    )
    best = await train(platform.aws, request, platform.say, poll_s=platform.poll_s)
    telling.tell_tuning(report, tried, best)


async def _host(
    run: LabRun, platform: Platform, choices: Choices, archive: str, test: Digits, report: Report
) -> None:
    classes = list(map(str, range(CLASSES)))
    async with hosting(
        platform.aws, platform.place, choices.name, platform.say, poll_s=platform.poll_s
    ) as hosted:
        await hosted.add(CHAMPION, platform.xgboost, archive)
        await hosted.deploy({CHAMPION: 1})
        said = await hosted.predict(test, CHAMPION)
        confusion = Confusion.of(
            [str(one) for one in test.labels], [str(one) for one in said], classes
        )
        telling.tell_test(report, confusion, test, said)
        if platform.neighbours is None:
            report.heading("A/B test")
            report.text("Not run: it needs the lab's own image in a registry of yours.")
            return
        request = requests.training_job(
            f"{choices.name}-{CHALLENGER}",
            platform.place,
            platform.neighbours,
            {"neighbours": "3"},
            instances=1,
            runtime_s_max=choices.runtime_s_max,
        )
        # It learns by heart, and would answer the whole test set to no end.
        del request["InputDataConfig"][1]
        own = await train(platform.aws, request, platform.say, poll_s=platform.poll_s)
        await hosted.add(CHALLENGER, platform.neighbours, own["ModelArtifacts"]["S3ModelArtifacts"])
        await hosted.deploy({CHAMPION: 1, CHALLENGER: 1})
        run.say(f"A/B test: {len(test):,} images")
        champion, challenger = await hosted.compare(test, (CHAMPION, CHALLENGER))
        telling.tell_ab_test(report, champion, challenger, compare(champion, challenger))


def _rounds(platform: Platform, job: str) -> list[tuple[float, float]]:
    """Error on training and test set after each round, where the job's log is at hand."""
    if platform.log is None:
        return []
    found = ROUND.findall(platform.log(job).read_text(encoding="utf-8", errors="replace"))
    return [(float(train), float(validation)) for train, validation in found]
