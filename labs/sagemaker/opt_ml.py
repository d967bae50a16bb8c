"""The folder /opt/ml, over which SageMaker and the programs of an image speak with each other: the
platform writes `input`, `train` writes `model` or `output/failure`, `serve` reads `model`
(developer guide, "How Amazon SageMaker AI provides training information").
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class OptMl:
    """`root` is /opt/ml inside of a container, and a folder of this machine here."""

    root: Path

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def failure(self) -> Path:
        """Why a training failed, for people."""
        return self.root / "output/failure"

    def channel(self, name: str) -> Path:
        return self.root / "input/data" / name

    def prepare(
        self,
        hyperparameters: Mapping[str, str],
        channels: Mapping[str, Mapping[str, str]],
        host: str,
        hosts: Sequence[str],
    ) -> None:
        """Makes the folders, and says what there is to do. `channels` holds for each channel its
        ContentType, TrainingInputMode and S3DistributionType, as far as they are known.
        """
        for folder in (self.model, self.failure.parent, *map(self.channel, channels)):
            folder.mkdir(parents=True, exist_ok=True)
        network = {"current_host": host, "hosts": list(hosts), "network_interface_name": "lo"}
        self._write("hyperparameters", hyperparameters)
        self._write("inputdataconfig", channels)
        self._write("resourceconfig", network)

    def hyperparameters(self) -> dict[str, str]:
        return self._read("hyperparameters")

    def channels(self) -> dict[str, dict[str, str]]:
        return self._read("inputdataconfig")

    def resources(self) -> dict[str, Any]:
        """`current_host` and `hosts`."""
        return self._read("resourceconfig")

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        path = self._config(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")

    def _read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._config(name).read_text(encoding="utf-8"))
        return content

    def _config(self, name: str) -> Path:
        return self.root / f"input/config/{name}.json"
