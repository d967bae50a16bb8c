"""Two variants side by side: is one better, or was it luck, and how much traffic tells?

Both are answered by the normal approximation of two proportions (Fleiss, Levin and Paik,
Statistical Methods for Rates and Proportions, chapters 3 and 4).
"""

from dataclasses import dataclass
from math import ceil, sqrt

from scipy.stats import norm

from fleet.errors import ConfigError

ALPHA = 0.05
"""How often a difference is found where there is none."""
POWER = 0.8
"""How often a difference that is there is found."""


@dataclass(frozen=True)
class Score:
    """Of one variant: `errors` of its `answers` were wrong."""

    name: str
    errors: int
    answers: int

    @property
    def error_rate(self) -> float:
        return self.errors / self.answers


@dataclass(frozen=True)
class Verdict:
    """`difference` is the second's error rate minus the first's; `p_value` how often chance alone
    would make one at least as large; `answers_needed` of each variant to find a difference as large
    as this one, None when there is none.
    """

    difference: float
    z: float
    p_value: float
    answers_needed: int | None

    @property
    def is_significant(self) -> bool:
        return self.p_value < ALPHA


def compare(first: Score, second: Score) -> Verdict:
    """Two-sided z-test with the pooled variance. Raises ConfigError without answers."""
    for score in (first, second):
        if score.answers == 0:
            raise ConfigError(f"variant {score.name} gave no answer: nothing to compare")
    difference = second.error_rate - first.error_rate
    pooled = (first.errors + second.errors) / (first.answers + second.answers)
    variance = pooled * (1 - pooled) * (1 / first.answers + 1 / second.answers)
    # All right or all wrong: the same, and nothing else is possible.
    z = difference / sqrt(variance) if variance else 0.0
    needed = None if difference == 0 else answers_needed(first.error_rate, second.error_rate)
    return Verdict(difference, z, float(2 * norm.sf(abs(z))), needed)


def answers_needed(
    first_rate: float, second_rate: float, alpha: float = ALPHA, power: float = POWER
) -> int:
    """Answers of each of two variants, as many of one as of the other, so that a two-sided test at
    `alpha` finds a difference between these error rates with probability `power`. Raises
    ConfigError for rates that are the same.
    """
    if first_rate == second_rate:
        raise ConfigError("no number of answers finds a difference of nothing")
    mean = (first_rate + second_rate) / 2
    under_none = norm.isf(alpha / 2) * sqrt(2 * mean * (1 - mean))
    under_some = norm.isf(1 - power) * sqrt(
        first_rate * (1 - first_rate) + second_rate * (1 - second_rate)
    )
    answers: float = ((under_none + under_some) / (second_rate - first_rate)) ** 2
    return ceil(answers)
