"""The built-in algorithm's hyperparameters: texts on the wire, checked before any data is read.

Names and ranges: SageMaker developer guide, "XGBoost hyperparameters". What this machine's XGBoost
no longer has (`sketch_eps` for one) is unknown here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from fleet.errors import ConfigError


class Kind(Protocol):
    """What values a hyperparameter takes."""

    def parse(self, text: str) -> Any:
        """Raises ValueError."""

    def __str__(self) -> str:
        """As in `eta is 'x', not a number from 0 to 1`."""


@dataclass(frozen=True)
class Number:
    """Bounds are themselves allowed."""

    low: float | None = None
    high: float | None = None
    is_whole: bool = False

    def parse(self, text: str) -> float:
        value = int(text) if self.is_whole else float(text)
        # A comparison that fails for NaN.
        is_inside = (self.low is None or value >= self.low) and (
            self.high is None or value <= self.high
        )
        if not is_inside or value in (float("inf"), float("-inf")) or value != value:
            raise ValueError(text)
        return value

    def __str__(self) -> str:
        name = "a whole number" if self.is_whole else "a number"
        if self.low is not None and self.high is not None:
            return f"{name} from {self.low:g} to {self.high:g}"
        return name if self.low is None else f"{name} of at least {self.low:g}"


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def parse(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(text)
        return text

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


@dataclass(frozen=True)
class Names:
    """Names of XGBoost's own, separated by commas; XGBoost knows which there are."""

    def parse(self, text: str) -> list[str]:
        names = [name.strip() for name in text.split(",")]
        if not all(names):
            raise ValueError(text)
        return names

    def __str__(self) -> str:
        return "a list of names, separated by commas"


COUNT = Number(low=1, is_whole=True)
NOT_NEGATIVE = Number(low=0)
SHARE = Number(low=0, high=1)
MULTICLASS = ("multi:softmax", "multi:softprob")
OBJECTIVES = (
    *MULTICLASS,
    "binary:hinge",
    "binary:logistic",
    "binary:logitraw",
    "count:poisson",
    "reg:absoluteerror",
    "reg:gamma",
    "reg:logistic",
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:tweedie",
)
KINDS: Mapping[str, Kind] = {
    "alpha": Number(),
    "base_score": Number(),
    "booster": Choice(("gbtree", "gblinear", "dart")),
    "colsample_bylevel": SHARE,
    "colsample_bynode": SHARE,
    "colsample_bytree": SHARE,
    "early_stopping_rounds": COUNT,
    "eta": SHARE,
    "eval_metric": Names(),
    "gamma": NOT_NEGATIVE,
    "grow_policy": Choice(("depthwise", "lossguide")),
    "lambda": Number(),
    "max_bin": Number(low=2, is_whole=True),
    "max_delta_step": NOT_NEGATIVE,
    "max_depth": Number(low=0, is_whole=True),
    "max_leaves": Number(low=0, is_whole=True),
    "min_child_weight": NOT_NEGATIVE,
    "nthread": COUNT,
    "num_class": Number(low=2, is_whole=True),
    "num_parallel_tree": COUNT,
    "num_round": COUNT,
    "objective": Choice(OBJECTIVES),
    "rate_drop": SHARE,
    "scale_pos_weight": Number(),
    "seed": Number(is_whole=True),
    # The course's notebook gives it; XGBoost calls it verbosity today.
    "silent": Choice(("0", "1")),
    "skip_drop": SHARE,
    "subsample": SHARE,
    "tree_method": Choice(("auto", "exact", "approx", "hist")),
    "tweedie_variance_power": Number(low=1, high=2),
    "verbosity": Number(low=0, high=3, is_whole=True),
}


@dataclass(frozen=True)
class Hyperparameters:
    """`booster` is what XGBoost takes, without what is said here apart."""

    rounds: int
    early_stopping_rounds: int | None
    classes: int | None
    """None: the label is not one of a number of classes."""
    booster: Mapping[str, Any]


def parse(given: Mapping[str, str]) -> Hyperparameters:
    """Raises ConfigError with all that is wrong."""
    problems = [*_unknown(given), *_missing(given)]
    values = {}
    for name, text in given.items():
        if name in KINDS:
            try:
                values[name] = KINDS[name].parse(text)
            except ValueError:
                problems.append(f"{name} is {text!r}, not {KINDS[name]}")
    if problems:
        raise ConfigError(
            "hyperparameters: " + "; ".join(problems),
            remedy="the developer guide's page XGBoost hyperparameters has what there is",
        )
    # The course's notebook says 0, which is what happens anyway.
    if values.pop("silent", "0") == "1":
        values["verbosity"] = 0
    return Hyperparameters(
        rounds=values.pop("num_round"),
        early_stopping_rounds=values.pop("early_stopping_rounds", None),
        classes=values.get("num_class"),
        booster=values,
    )


def _unknown(given: Mapping[str, str]) -> list[str]:
    problems = []
    for name in given:
        if name not in KINDS:
            close = get_close_matches(name, KINDS, n=1)
            problems.append(f"{name} is unknown" + (f" (did you mean {close[0]}?)" * len(close)))
    return problems


def _missing(given: Mapping[str, str]) -> list[str]:
    problems = [] if "num_round" in given else ["num_round is missing"]
    objective = given.get("objective")
    if objective in MULTICLASS and "num_class" not in given:
        problems.append(f"num_class is missing, which {objective} needs")
    if objective not in MULTICLASS and "num_class" in given:
        problems.append(f"num_class is given, but objective is {objective or 'reg:squarederror'}")
    return problems
