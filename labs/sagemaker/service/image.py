"""Which programs an image's name stands for."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.sagemaker.service.fault import Invalid

NEIGHBOURS_PROGRAM = str(Path(__file__).parents[1] / "own_image/neighbours.py")
REPOSITORY = re.compile(r"(?:[^/]+/)*(?P<name>[^/:@]+)(?:[:@].+)?")


@dataclass(frozen=True)
class Image:
    """`metrics` maps the names of the metrics that a built-in algorithm reports to a regular
    expression with one group that finds the value in its log.
    """

    train: Sequence[str]
    serve: Sequence[str]
    metrics: Mapping[str, str]
    is_distributed: bool
    """Whether `train` takes --tracker, to work on several hosts as one."""


def _xgboost_metrics() -> dict[str, str]:
    names = ("auc", "error", "logloss", "mae", "merror", "mlogloss", "rmse")
    return {
        f"{channel}:{name}": rf"\b{channel}-{name}:([-+.\deE]+)"
        for channel in ("train", "validation")
        for name in names
    }


XGBOOST = Image(
    (sys.executable, "-m", "labs.sagemaker.xgboost_image.train"),
    (sys.executable, "-m", "labs.sagemaker.xgboost_image.serve"),
    _xgboost_metrics(),
    is_distributed=True,
)
NEIGHBOURS = Image(
    (sys.executable, "-u", NEIGHBOURS_PROGRAM, "train"),
    (sys.executable, "-u", NEIGHBOURS_PROGRAM, "serve"),
    {},
    is_distributed=False,
)
IMAGES: Mapping[str, Image] = {
    # The name of the course's days, and today's.
    "xgboost": XGBOOST,
    "sagemaker-xgboost": XGBOOST,
    "wildrydes-neighbours": NEIGHBOURS,
}


def image(name: str) -> Image:
    """`683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1` -> XGBOOST. Raises
    Invalid.
    """
    matched = REPOSITORY.fullmatch(name)
    found = IMAGES.get(matched["name"]) if matched else None
    if found is None:
        raise Invalid(f"image {name} is not here", remedy=f"there are {', '.join(IMAGES)}")
    return found
