"""All tuning jobs: created, described, stopped, and the training jobs of each."""

import asyncio

from fleet.clock import Clock
from labs.dataset import Say
from labs.sagemaker.service.fault import InUse, Invalid
from labs.sagemaker.service.training_jobs import Answer, TrainingJobs
from labs.sagemaker.service.tuning_job import TuningJob


class TuningJobs:
    """They run as tasks of `tasks`, their training jobs among `jobs`."""

    def __init__(
        self, jobs: TrainingJobs, seed: int, clock: Clock, say: Say, tasks: asyncio.TaskGroup
    ) -> None:
        self._training_jobs = jobs
        self._seed = seed
        self._clock = clock
        self._say = say
        self._tasks = tasks
        self._jobs: dict[str, TuningJob] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}

    async def create(self, request: Answer) -> Answer:
        name = request["HyperParameterTuningJobName"]
        if name in self._jobs:
            raise InUse(
                f"A tuning job with the name {name} exists already ({self._jobs[name].arn})"
            )
        job = TuningJob(request, self._training_jobs, self._seed, self._clock, self._say)
        self._jobs[name] = job
        self._runs[name] = self._tasks.create_task(job.run(), name=f"tuning job {name}")
        return {"HyperParameterTuningJobArn": job.arn}

    async def describe(self, request: Answer) -> Answer:
        return self._job(request).describe()

    async def list_training_jobs(self, request: Answer) -> Answer:
        return {"TrainingJobSummaries": self._job(request).summaries()}

    async def stop(self, request: Answer) -> Answer:
        job = self._job(request)
        if job.status != "InProgress":
            raise Invalid(f"The tuning job is in status {job.status}.")
        job.stop()
        return {}

    async def ended(self, name: str) -> None:
        """Returns when it has ended, well or not."""
        await asyncio.wait((self._runs[name],))

    def cancel(self) -> None:
        """Ends those that still run, as their owner is about to end."""
        for run in self._runs.values():
            run.cancel()

    def _job(self, request: Answer) -> TuningJob:
        name = request["HyperParameterTuningJobName"]
        if name not in self._jobs:
            raise Invalid(f"Amazon SageMaker can't find a tuning job with the name {name}.")
        return self._jobs[name]
