"""All training jobs: created, described, listed, stopped."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.clock import Clock
from labs.dataset import Say
from labs.sagemaker.service.fault import InUse, Invalid
from labs.sagemaker.service.storage import Storage
from labs.sagemaker.service.training_job import FIRST_HOST, TrainingJob

Answer = Mapping[str, Any]
SUMMARY = (
    "TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingEndTime", "LastModifiedTime",
    "TrainingJobStatus", "SecondaryStatus",
)  # fmt: skip


class TrainingJobs:
    """Jobs run as tasks of `tasks`, each below a folder of its own in `folder`."""

    def __init__(
        self, folder: Path, storage: Storage, clock: Clock, say: Say, tasks: asyncio.TaskGroup
    ) -> None:
        self._folder = folder
        self._storage = storage
        self._clock = clock
        self._say = say
        self._tasks = tasks
        self._jobs: dict[str, TrainingJob] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}

    def start(self, request: Answer) -> TrainingJob:
        """`request` is a checked CreateTrainingJob. Raises InUse and Invalid."""
        name = request["TrainingJobName"]
        if name in self._jobs:
            raise InUse(
                "Training job names must be unique within an AWS account and region, and a "
                f"training job with this name already exists ({self._jobs[name].arn})"
            )
        job = TrainingJob(request, self._folder / name, self._storage, self._clock, self._say)
        self._jobs[name] = job
        self._runs[name] = self._tasks.create_task(job.run(), name=f"training job {name}")
        return job

    async def ended(self, job: TrainingJob) -> None:
        """Returns when the job has ended, well or not."""
        await asyncio.wait((self._runs[job.name],))

    def cancel(self) -> None:
        """Ends the jobs that still run, as their owner is about to end."""
        for run in self._runs.values():
            run.cancel()

    async def create(self, request: Answer) -> Answer:
        return {"TrainingJobArn": self.start(request).arn}

    async def describe(self, request: Answer) -> Answer:
        return self.job(request).description

    async def list_all(self, request: Answer) -> Answer:
        jobs = [
            {key: job.description[key] for key in SUMMARY if key in job.description}
            for job in self._jobs.values()
            if request.get("NameContains", "") in job.name
            and request.get("StatusEquals", job.status) == job.status
        ]
        return {"TrainingJobSummaries": jobs[::-1]}

    async def stop(self, request: Answer) -> Answer:
        job = self.job(request)
        if job.status != "InProgress":
            raise Invalid(
                f"The request was rejected because the training job is in status {job.status}."
            )
        job.stop()
        return {}

    def log(self, name: str) -> Path:
        """What a job's first host has printed."""
        return self._jobs[name].log(FIRST_HOST)

    def job(self, request: Answer) -> TrainingJob:
        """That of TrainingJobName. Raises Invalid, which is what SageMaker answers here."""
        found = self._jobs.get(request["TrainingJobName"])
        if found is None:
            raise Invalid("Requested resource not found.")
        return found
