"""One training job: channels are laid into /opt/ml, `train` runs on every host, the model goes
back to S3. Its states are SageMaker's (API reference, DescribeTrainingJob).
"""

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from fleet.clock import Clock
from fleet.errors import FleetError
from labs.dataset import Say
from labs.sagemaker.model_archive import NAME, pack
from labs.sagemaker.opt_ml import OptMl
from labs.sagemaker.service.arn import arn
from labs.sagemaker.service.channel import Channel
from labs.sagemaker.service.container import Container
from labs.sagemaker.service.fault import Invalid
from labs.sagemaker.service.free_port import LOOPBACK, free_port
from labs.sagemaker.service.image import Image, image
from labs.sagemaker.service.storage import Storage

GRACE_S = 120
"""Between SIGTERM and SIGKILL (API reference, StoppingCondition)."""
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
REASON_CHARACTERS_MAX = 1024
DAY_S = 86_400
"""MaxRuntimeInSeconds, when a request has none."""
FIRST_HOST = "algo-1"
NOT_REPEATED = ("Tags",)


class TrainingJob:
    """`request` is a checked CreateTrainingJob; everything happens below `folder`. `description`
    is what DescribeTrainingJob answers.
    """

    def __init__(
        self, request: Mapping[str, Any], folder: Path, storage: Storage, clock: Clock, say: Say
    ) -> None:
        self.name: str = request["TrainingJobName"]
        self._request = request
        self._folder = folder
        self._storage = storage
        self._clock = clock
        self._say = say
        self._image = _image(request)
        self._is_stopping = asyncio.Event()
        self._metrics: dict[str, float] = {}
        self._patterns = _patterns(request, self._image)
        self._channels = [Channel(given) for given in request.get("InputDataConfig", ())]
        count = request["ResourceConfig"].get("InstanceCount", 1)
        if count > 1 and not self._image.is_distributed:
            raise Invalid(f"InstanceCount is {count}; this image trains on one instance")
        self._hosts = [f"algo-{number}" for number in range(1, count + 1)]
        self.description: dict[str, Any] = {
            **{key: value for key, value in request.items() if key not in NOT_REPEATED},
            "TrainingJobArn": arn("training-job", self.name),
            "CreationTime": self._now_s(),
            "SecondaryStatusTransitions": [],
        }
        self._enter("InProgress", "Starting", "Starting the training job")

    @property
    def arn(self) -> str:
        return str(self.description["TrainingJobArn"])

    @property
    def status(self) -> str:
        return str(self.description["TrainingJobStatus"])

    async def run(self) -> None:
        """Until it has ended, well or not; the description says how."""
        try:
            await self._run()
        except FleetError as error:
            self._fail(f"ClientError: {error}")
        except asyncio.CancelledError:
            self._enter("Stopped", "Stopped", "Training job stopped")
            raise
        except BaseException as error:
            self._fail(f"InternalServerError: {error!r}")
            raise
        finally:
            self.description["TrainingEndTime"] = self._now_s()
            for host in self._hosts:
                shutil.rmtree(self._root(host) / "input/data", ignore_errors=True)

    def stop(self) -> None:
        """`train` is told to finish; what it has made by then becomes the model."""
        self._enter("Stopping", "Stopping", "Stopping the training job")
        self._is_stopping.set()

    def log(self, host: str) -> Path:
        """What `train` has printed on a host."""
        return self._folder / f"{host}.log"

    async def _run(self) -> None:
        self._enter("InProgress", "Downloading", "Downloading input data")
        for position, host in enumerate(self._hosts):
            await self._lay_out(OptMl(self._root(host)), position)
        self.description["TrainingStartTime"] = self._now_s()
        if not self._is_stopping.is_set():
            self._enter("InProgress", "Training", "Training in progress")
        failure, is_late = await self._train()
        if is_late or self._is_stopping.is_set():
            # Whatever the program made of SIGTERM: a model that is whole by now is kept.
            await self._upload()
            if is_late:
                self._enter("Stopped", "MaxRuntimeExceeded", "Maximum runtime exceeded")
            else:
                self._enter("Stopped", "Stopped", "Training job stopped")
        elif failure is not None:
            self._fail(failure)
        else:
            self._enter("InProgress", "Uploading", "Uploading generated training model")
            if not await self._upload():
                raise Invalid(f"train has left no model (its log is {self.log(self._hosts[0])})")
            self._enter("Completed", "Completed", "Training job completed")

    async def _lay_out(self, opt_ml: OptMl, position: int) -> None:
        hyperparameters = self._request.get("HyperParameters", {})
        channels = {channel.name: channel.description for channel in self._channels}
        opt_ml.prepare(hyperparameters, channels, self._hosts[position], self._hosts)
        for channel in self._channels:
            folder = opt_ml.channel(channel.name)
            await channel.fetch(self._storage, folder, position, len(self._hosts))

    async def _train(self) -> tuple[str | None, bool]:
        """Why it failed, if it did; whether the time ran out."""
        condition = self._request.get("StoppingCondition", {})
        is_late = False
        async with AsyncExitStack() as stack:
            containers = []
            tracker = f"{LOOPBACK}:{free_port()}"
            for host in self._hosts:
                program = [*self._image.train, "--root", str(self._root(host))]
                if len(self._hosts) > 1:
                    program += ["--tracker", tracker]
                container = Container(program, self.log(host), GRACE_S, self._listener(host))
                containers.append(await stack.enter_async_context(container))
            ended = asyncio.create_task(self._end(containers))
            stopping = asyncio.create_task(self._is_stopping.wait())
            try:
                done, _ = await asyncio.wait(
                    (ended, stopping),
                    timeout=condition.get("MaxRuntimeInSeconds", DAY_S),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                is_late = not done
                if ended not in done:
                    for container in containers:
                        container.stop()
                return await ended, is_late
            finally:
                ended.cancel()
                stopping.cancel()

    async def _end(self, containers: Sequence[Container]) -> str | None:
        """Why the first of the hosts that failed did so; the others are ended then."""
        waits = {
            asyncio.create_task(container.wait()): host
            for container, host in zip(containers, self._hosts, strict=True)
        }
        for next_ended in asyncio.as_completed(waits):
            if await next_ended != 0:
                break
        else:
            return None
        for container in containers:
            container.stop()
        await asyncio.wait(waits)
        for task, host in waits.items():
            if task.result() != 0 and (reason := self._reason(host)):
                return f"AlgorithmError: {reason}, exit code: {task.result()}"
        return "AlgorithmError: train ended without a reason; its log is " + str(
            self.log(self._hosts[0])
        )

    def _reason(self, host: str) -> str:
        failure = OptMl(self._root(host)).failure
        return failure.read_text(encoding="utf-8") if failure.is_file() else ""

    async def _upload(self) -> bool:
        """Whether there was a model."""
        model = OptMl(self._root(self._hosts[0])).model
        if not any(model.iterdir()):
            return False
        output = self._request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        address = f"{output}/{self.name}/output/{NAME}"
        await self._storage.write(address, await asyncio.to_thread(pack, model))
        self.description["ModelArtifacts"] = {"S3ModelArtifacts": address}
        return True

    def _listener(self, host: str) -> Callable[[str], None]:
        def on_line(line: str) -> None:
            self._say(f"{self.name} {host}: {line}")
            for name, pattern in self._patterns.items():
                found = pattern.search(line)
                if found and NUMBER.fullmatch(found[1] or ""):
                    self._metrics[name] = float(found[1])
                    self.description["FinalMetricDataList"] = [
                        {"MetricName": name, "Value": value, "Timestamp": self._now_s()}
                        for name, value in self._metrics.items()
                    ]

        return on_line

    def _root(self, host: str) -> Path:
        return self._folder / host

    def _fail(self, reason: str) -> None:
        reason = reason[:REASON_CHARACTERS_MAX]
        self.description["FailureReason"] = reason
        self._enter("Failed", "Failed", reason)

    def _enter(self, status: str, secondary: str, message: str) -> None:
        now_s = self._now_s()
        transitions = self.description["SecondaryStatusTransitions"]
        if transitions:
            transitions[-1]["EndTime"] = now_s
        transitions.append({"Status": secondary, "StartTime": now_s, "StatusMessage": message})
        self.description |= {
            "TrainingJobStatus": status,
            "SecondaryStatus": secondary,
            "LastModifiedTime": now_s,
        }
        self._say(f"{self.name}: {secondary}")

    def _now_s(self) -> float:
        return self._clock.now_ms() / 1000


def _image(request: Mapping[str, Any]) -> Image:
    """Raises Invalid for what would change the result and is not here."""
    algorithm, resources = request["AlgorithmSpecification"], request["ResourceConfig"]
    for part, members in (
        (request, ("Environment", "ServerlessJobConfig")),
        (algorithm, ("AlgorithmName", "ContainerArguments", "ContainerEntrypoint")),
        (resources, ("InstanceGroups",)),
    ):
        for member in members:
            if part.get(member):
                raise Invalid(f"{member} is not here", remedy="leave it out")
    if algorithm["TrainingInputMode"] == "Pipe":
        raise Invalid("TrainingInputMode Pipe is not here", remedy="take File")
    if "TrainingImage" not in algorithm:
        raise Invalid("AlgorithmSpecification has no TrainingImage, and there is no other kind")
    return image(algorithm["TrainingImage"])


def _patterns(request: Mapping[str, Any], of: Image) -> dict[str, re.Pattern[str]]:
    """By the names of the metrics. Raises Invalid."""
    found = {name: re.compile(pattern) for name, pattern in of.metrics.items()}
    for given in request["AlgorithmSpecification"].get("MetricDefinitions", ()):
        try:
            pattern = re.compile(given["Regex"])
        except re.error as error:
            raise Invalid(f"the Regex of metric {given['Name']}: {error}") from None
        if not pattern.groups:
            raise Invalid(f"the Regex of metric {given['Name']} has no group that is the value")
        found[given["Name"]] = pattern
    return found
