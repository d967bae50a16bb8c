"""The image's program `train`: channels in, `model/xgboost-model` out.

On several hosts each reads its own channels, and XGBoost's collective makes of their histograms one
model; all have it in the end, and the first one writes it.
"""

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from xgboost import collective

from fleet.errors import ConfigError, FleetError
from labs.evaluation.target import check_classes
from labs.sagemaker.opt_ml import OptMl
from labs.sagemaker.xgboost_image.examples import CSV, Examples, read_channel, widened
from labs.sagemaker.xgboost_image.hyperparameters import parse

MODEL = "xgboost-model"
"""SageMaker's name for it. The format is XGBoost's UBJSON, which every version since 1.6 reads."""
TRACKER_PORT = 9099
TRACKER_TIMEOUT_S = 60
CHANNELS = ("train", "validation")


class Progress(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """One line a round, from which the platform reads the metrics; ends the training when the
    platform asks for it with SIGTERM, on all hosts in the same round.
    """

    def __init__(self, speaks: bool) -> None:
        super().__init__()
        self._speaks = speaks
        self._is_asked_to_stop = False
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, *_: Any) -> None:
        self._is_asked_to_stop = True

    def after_iteration(
        self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, list[float]]]
    ) -> bool:
        if self._speaks:
            metrics = [
                f"{channel}-{name}:{history[-1]:.5f}"
                for channel, of_channel in evals_log.items()
                for name, history in of_channel.items()
            ]
            print(f"[{epoch}]", *metrics, sep="\t", flush=True)
        return bool(_maximum(np.array([self._is_asked_to_stop], np.int32))[0])


def train(opt_ml: OptMl, tracker: tuple[str, int] | None) -> None:
    """Raises FleetError for hyperparameters and channels that cannot be used."""
    hyperparameters = parse(opt_ml.hyperparameters())
    channels = opt_ml.channels()
    if "train" not in channels:
        raise ConfigError(
            f"there is no channel train, only {', '.join(channels) or 'none at all'}",
            remedy="InputDataConfig needs one of ChannelName train; validation is optional",
        )
    if unknown := set(channels) - set(CHANNELS):
        raise ConfigError(f"unknown channels {', '.join(sorted(unknown))}: there are "
                          f"{' and '.join(CHANNELS)}")  # fmt: skip
    if hyperparameters.early_stopping_rounds is not None and "validation" not in channels:
        raise ConfigError("early_stopping_rounds needs a channel validation")
    examples = {
        name: read_channel(
            opt_ml.channel(name),
            channels[name].get("ContentType", CSV),
            hyperparameters.classes,
        )
        for name in CHANNELS
        if name in channels
    }
    resources = opt_ml.resources()
    host, hosts = resources["current_host"], resources["hosts"]
    with _communicator(host, hosts, tracker):
        matrices = _matrices(examples, hyperparameters.classes)
        booster = xgboost.train(
            {
                "tree_method": "hist",
                # The hosts share this machine.
                "nthread": max(1, (os.cpu_count() or 1) // len(hosts)),
                **hyperparameters.booster,
            },
            matrices["train"],
            hyperparameters.rounds,
            evals=[(matrix, name) for name, matrix in matrices.items()],
            early_stopping_rounds=hyperparameters.early_stopping_rounds,
            callbacks=[Progress(host == hosts[0])],
            verbose_eval=False,
        )
    if host == hosts[0]:
        # Under its name when it is whole: the platform takes what it finds.
        unfinished = opt_ml.root / MODEL
        unfinished.write_bytes(booster.save_raw("ubj"))
        unfinished.rename(opt_ml.model / MODEL)


def _matrices(examples: Mapping[str, Examples], classes: int | None) -> dict[str, Any]:
    """Raises ConfigError when the hosts together have too few classes, or other columns."""
    width = int(_maximum(np.array([max(e.features.shape[1] for e in examples.values())]))[0])
    if classes is not None:
        found = np.zeros(classes, np.int32)
        labels = examples["train"].labels
        assert labels is not None
        found[np.unique(labels).astype(int)] = 1
        check_classes(np.flatnonzero(_maximum(found)), "label", "channel train")
    matrices = {}
    for name, one in examples.items():
        features = widened(one.features, width)
        if features.shape[1] != width:
            raise ConfigError(
                f"channel {name} has {features.shape[1]} features a line, another has {width}"
            )
        matrices[name] = xgboost.DMatrix(features, one.labels)
    return matrices


def _maximum(values: Any) -> Any:
    """Over all hosts; the values themselves when there is one."""
    return collective.allreduce(values, collective.Op.MAX)


@contextmanager
def _communicator(host: str, hosts: list[str], tracker: tuple[str, int] | None) -> Iterator[None]:
    """Joins the hosts; nothing to do for one. The first host runs the tracker, beside its work."""
    if len(hosts) == 1:
        yield
        return
    address, port = tracker or (hosts[0], TRACKER_PORT)
    running = None
    if host == hosts[0]:
        running = xgboost.RabitTracker(
            len(hosts), host_ip=address, port=port, sortby="task", timeout=TRACKER_TIMEOUT_S
        )
        running.start()
    with collective.CommunicatorContext(
        dmlc_tracker_uri=address, dmlc_tracker_port=port, dmlc_task_id=host, dmlc_retry=10
    ):
        yield
    if running is not None:
        running.wait_for(TRACKER_TIMEOUT_S)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 1 with the reason in output/failure."""
    parser = argparse.ArgumentParser(prog="train", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("/opt/ml"), help="what is /opt/ml")
    parser.add_argument("--tracker", help="HOST:PORT of XGBoost's tracker, for several hosts")
    given = parser.parse_args(arguments)
    host, _, port = (given.tracker or "").rpartition(":")
    opt_ml = OptMl(given.root)
    started_s = time.monotonic()
    try:
        train(opt_ml, (host, int(port)) if given.tracker else None)
    except (FleetError, xgboost.core.XGBoostError) as error:
        _fail(opt_ml, str(error))
        return 1
    except Exception:
        _fail(opt_ml, traceback.format_exc())
        return 1
    print(f"trained in {time.monotonic() - started_s:.1f} s", flush=True)
    return 0


def _fail(opt_ml: OptMl, reason: str) -> None:
    opt_ml.failure.parent.mkdir(parents=True, exist_ok=True)
    opt_ml.failure.write_text(reason, encoding="utf-8")
    print(reason, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
