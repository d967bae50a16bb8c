"""The two-sample test against SciPy's, R's published figures, and a simulation."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from fleet.errors import ConfigError
from labs.sagemaker.ab_test import Score, answers_needed, compare


@pytest.mark.parametrize("counts", [(878, 10_000, 333, 10_000), (10, 100, 12, 90), (0, 50, 5, 40)])
def test_the_p_value_is_that_of_the_chi_squared_test(counts: tuple[int, int, int, int]) -> None:
    a, m, b, n = counts
    verdict = compare(Score("a", a, m), Score("b", b, n))
    expected = chi2_contingency([[a, m - a], [b, n - b]], correction=False)
    assert verdict.p_value == pytest.approx(expected.pvalue)
    assert verdict.z**2 == pytest.approx(expected.statistic)
    assert verdict.difference == pytest.approx(b / n - a / m)


def test_answers_needed_are_those_of_r() -> None:
    # R's own example, help(power.prop.test): power.prop.test(p1 = .50, p2 = .75, power = .90)
    # gives n = 76.7, and with n = 50 a power of 0.740.
    assert answers_needed(0.50, 0.75, power=0.90) == 77
    assert answers_needed(0.75, 0.50, power=0.7401) == 50


def test_so_many_answers_find_the_difference_as_often_as_they_should() -> None:
    needed = answers_needed(0.0878, 0.0333)
    random = np.random.default_rng(0)
    errors = random.binomial(needed, (0.0878, 0.0333), size=(2_000, 2))
    found = [compare(Score("a", a, needed), Score("b", b, needed)).is_significant
             for a, b in errors.tolist()]  # fmt: skip
    # Four standard errors of 2,000 draws around a power of 0.8.
    assert np.mean(found) == pytest.approx(0.8, abs=0.036)
    # The control: among equals it is found once in twenty times.
    errors = random.binomial(needed, 0.0878, size=(2_000, 2))
    found = [compare(Score("a", a, needed), Score("b", b, needed)).is_significant
             for a, b in errors.tolist()]  # fmt: skip
    assert np.mean(found) == pytest.approx(0.05, abs=0.02)


def test_nothing_to_compare() -> None:
    assert compare(Score("a", 0, 10), Score("b", 0, 20)).p_value == 1
    assert compare(Score("a", 1, 10), Score("b", 2, 20)).answers_needed is None
    with pytest.raises(ConfigError, match="variant b gave no answer"):
        compare(Score("a", 1, 10), Score("b", 0, 0))
    with pytest.raises(ConfigError, match="difference of nothing"):
        answers_needed(0.1, 0.1)
