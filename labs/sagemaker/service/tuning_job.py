"""One tuning job: training jobs whose hyperparameters Optuna chooses, by what came of those before
(API reference, CreateHyperParameterTuningJob).
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import optuna

from fleet.clock import Clock
from fleet.errors import FleetError
from labs.dataset import Say
from labs.sagemaker.service.arn import arn
from labs.sagemaker.service.fault import Invalid
from labs.sagemaker.service.search_space import distributions, grid, sampler
from labs.sagemaker.service.training_job import TrainingJob
from labs.sagemaker.service.training_jobs import TrainingJobs

FROM_DEFINITION = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig",
    "StoppingCondition",
)  # fmt: skip


class TuningJob:
    """`request` is a checked CreateHyperParameterTuningJob. The same seed (RandomSeed, else `seed`)
    asks for the same jobs, as long as these come out the same. Raises Invalid.
    """

    def __init__(
        self, request: Mapping[str, Any], jobs: TrainingJobs, seed: int, clock: Clock, say: Say
    ) -> None:
        self.name: str = request["HyperParameterTuningJobName"]
        config = request["HyperParameterTuningJobConfig"]
        if "TrainingJobDefinition" not in request or "ParameterRanges" not in config:
            raise Invalid("a tuning job needs one TrainingJobDefinition and its ParameterRanges")
        if "HyperParameterTuningJobObjective" not in config:
            raise Invalid("a tuning job needs a HyperParameterTuningJobObjective")
        self._definition = request["TrainingJobDefinition"]
        self._objective = config["HyperParameterTuningJobObjective"]
        self._space = distributions(config["ParameterRanges"])
        limits = config["ResourceLimits"]
        self._at_once: int = limits["MaxParallelTrainingJobs"]
        self._most = limits.get("MaxNumberOfTrainingJobs")
        points = grid(self._space) if config["Strategy"] == "Grid" else []
        if points:
            # A grid is no larger than it is.
            self._most = min(self._most or len(points), len(points))
        if self._most is None:
            raise Invalid("ResourceLimits needs MaxNumberOfTrainingJobs")
        self._jobs = jobs
        self._say = say
        self._clock = clock
        self._is_stopping = False
        self._trials: list[tuple[TrainingJob, dict[str, str]]] = []
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(
            direction=self._objective["Type"].lower(),
            sampler=sampler(config["Strategy"], config.get("RandomSeed", seed)),
        )
        for point in points:
            self._study.enqueue_trial(point)
        self._request = request
        self.status = "InProgress"
        self.failure = ""
        self._created_s = clock.now_ms() / 1000

    @property
    def arn(self) -> str:
        return arn("hyper-parameter-tuning-job", self.name)

    async def run(self) -> None:
        """Until all jobs have ended."""
        try:
            while not self._is_stopping and len(self._trials) < self._most:
                await self._next(min(self._at_once, self._most - len(self._trials)))
            self.status = "Stopped" if self._is_stopping else "Completed"
        except FleetError as error:
            self.status, self.failure = "Failed", str(error)
        self._say(f"tuning job {self.name}: {self.status}")

    def stop(self) -> None:
        """No more jobs; those that run are stopped."""
        self._is_stopping = True
        self.status = "Stopping"
        for job, _ in self._trials:
            if job.status == "InProgress":
                job.stop()

    def describe(self) -> dict[str, Any]:
        """What DescribeHyperParameterTuningJob answers."""
        counts = Counter(job.status for job, _ in self._trials)
        values = [self._value(job) for job, _ in self._trials]
        described = {
            key: value
            for key, value in self._request.items()
            if key not in ("Tags", "WarmStartConfig", "Autotune")
        } | {
            "HyperParameterTuningJobArn": self.arn,
            "HyperParameterTuningJobStatus": self.status,
            "CreationTime": self._created_s,
            "TrainingJobStatusCounters": {
                "Completed": counts["Completed"],
                "InProgress": counts["InProgress"] + counts["Stopping"],
                "NonRetryableError": counts["Failed"],
                "RetryableError": 0,
                "Stopped": counts["Stopped"],
            },
            "ObjectiveStatusCounters": {
                "Succeeded": len(values) - values.count(None),
                "Pending": counts["InProgress"],
                "Failed": counts["Failed"],
            },
        }
        scored = [one for one in self.summaries() if one["ObjectiveStatus"] == "Succeeded"]
        if scored:
            is_least = self._objective["Type"] == "Minimize"
            described["BestTrainingJob"] = (min if is_least else max)(scored, key=_objective_value)
        return described | ({"FailureReason": self.failure} if self.failure else {})

    def summaries(self) -> list[dict[str, Any]]:
        """Of the training jobs, in their order."""
        return [self._summary(job, tuned) for job, tuned in self._trials]

    def _summary(self, job: TrainingJob, tuned: Mapping[str, str]) -> dict[str, Any]:
        value = self._value(job)
        status = "Pending" if job.status == "InProgress" else "Failed"
        summary = {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "CreationTime": job.description["CreationTime"],
            "TrainingJobStatus": job.status,
            "TunedHyperParameters": dict(tuned),
            "ObjectiveStatus": status,
        }
        if value is None:
            return summary
        return summary | {
            "ObjectiveStatus": "Succeeded",
            "FinalHyperParameterTuningJobObjectiveMetric": {
                "MetricName": self._objective["MetricName"],
                "Value": value,
            },
        }

    async def _next(self, count: int) -> None:
        """So many jobs side by side. All are asked for before any has ended, and told of in their
        order, so that it does not matter which of them is the first.
        """
        asked = []
        for _ in range(count):
            trial = self._study.ask(self._space)
            tuned = {name: str(value) for name, value in trial.params.items()}
            job = self._jobs.start(self._training_request(tuned))
            self._trials.append((job, tuned))
            asked.append((trial, job))
        for trial, job in asked:
            await self._jobs.ended(job)
            value = self._value(job)
            if value is not None:
                self._study.tell(trial, value)
                continue
            if job.status == "Completed":
                raise Invalid(
                    f"training job {job.name} has no metric {self._objective['MetricName']}",
                    remedy="validation metrics need a channel validation; metrics of an image of "
                    "one's own need MetricDefinitions",
                )
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        if all(job.status == "Failed" for job, _ in self._trials):
            raise Invalid(f"all training jobs failed, the first: "
                          f"{self._trials[0][0].description['FailureReason']}")  # fmt: skip

    def _training_request(self, tuned: Mapping[str, str]) -> dict[str, Any]:
        request = {key: self._definition[key] for key in FROM_DEFINITION if key in self._definition}
        return request | {
            "TrainingJobName": f"{self.name}-{len(self._trials) + 1:03d}",
            "HyperParameters": {**self._definition.get("StaticHyperParameters", {}), **tuned},
        }

    def _value(self, job: TrainingJob) -> float | None:
        if job.status != "Completed":
            return None
        for metric in job.description.get("FinalMetricDataList", ()):
            if metric["MetricName"] == self._objective["MetricName"]:
                return float(metric["Value"])
        return None


def _objective_value(summary: Mapping[str, Any]) -> float:
    return float(summary["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])
