"""SageMaker on this machine: takes the operations of its API as dictionaries."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from awsio.clients import AwsClients
from fleet.clock import Clock, SystemClock
from labs.dataset import Say
from labs.sagemaker.service.endpoints import Endpoints
from labs.sagemaker.service.fault import UnknownOperation
from labs.sagemaker.service.request import check, operation_model
from labs.sagemaker.service.storage import Storage
from labs.sagemaker.service.training_jobs import TrainingJobs
from labs.sagemaker.service.tuning_jobs import TuningJobs

Operation = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class LocalSageMaker:
    """`async with LocalSageMaker(folder, aws) as service: await service.call(operation, request)`.

    `aws` says where S3 is, `seed` is that of traffic drawn between variants and of tuning. Jobs and
    endpoints are processes of this machine, which end with the block. Whatever they leave behind
    is in `folder`.
    """

    def __init__(
        self,
        folder: Path,
        aws: AwsClients,
        *,
        seed: int = 0,
        say: Say = lambda line: None,
        clock: Clock | None = None,
    ) -> None:
        self._folder = folder
        self._storage = Storage(aws)
        self._seed = seed
        self._say = say
        self._clock = clock or SystemClock()
        self._tasks = asyncio.TaskGroup()
        self._operations: dict[str, Operation] = {}

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self.training_jobs = TrainingJobs(
            self._folder / "training-jobs", self._storage, self._clock, self._say, self._tasks
        )
        self.endpoints = Endpoints(
            self._folder / "endpoints",
            self._storage,
            self._clock,
            self._say,
            self._tasks,
            self._seed,
        )
        self.tuning_jobs = TuningJobs(
            self.training_jobs, self._seed, self._clock, self._say, self._tasks
        )
        jobs, endpoints, tuning = self.training_jobs, self.endpoints, self.tuning_jobs
        self._operations = {
            "CreateTrainingJob": jobs.create,
            "DescribeTrainingJob": jobs.describe,
            "ListTrainingJobs": jobs.list_all,
            "StopTrainingJob": jobs.stop,
            "CreateHyperParameterTuningJob": tuning.create,
            "DescribeHyperParameterTuningJob": tuning.describe,
            "StopHyperParameterTuningJob": tuning.stop,
            "ListTrainingJobsForHyperParameterTuningJob": tuning.list_training_jobs,
            "CreateModel": endpoints.models.create,
            "DescribeModel": endpoints.models.describe,
            "DeleteModel": endpoints.models.delete,
            "CreateEndpointConfig": endpoints.configs.create,
            "DescribeEndpointConfig": endpoints.configs.describe,
            "DeleteEndpointConfig": endpoints.configs.delete,
            "CreateEndpoint": endpoints.create,
            "DescribeEndpoint": endpoints.describe,
            "ListEndpoints": endpoints.list_all,
            "UpdateEndpoint": endpoints.update,
            "UpdateEndpointWeightsAndCapacities": endpoints.weigh,
            "DeleteEndpoint": endpoints.delete,
        }
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.tuning_jobs.cancel()
        self.training_jobs.cancel()
        await self.endpoints.close()
        await self._tasks.__aexit__(kind, error, traceback)

    async def call(self, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer, as boto3 gives it. Raises ServiceFault."""
        operation_model(operation)
        if operation not in self._operations:
            raise UnknownOperation(
                f"{operation} is not here", remedy=f"there are {', '.join(self._operations)}"
            )
        check(operation, request)
        return await self._operations[operation](request)
