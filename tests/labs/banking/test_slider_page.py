"""The slider in a real browser, with keys: its figures are those that Python has at the cut-off."""

from pathlib import Path

import numpy as np
import pytest

from labs.banking.slider import slider
from labs.evaluation.ranking import OperatingPoint, Ranking
from labs.report import Report

MEASURES = ("precision", "recall", "fpr", "accuracy", "tn", "fp", "fn", "tp")


def ranking(seed: int) -> Ranking:
    random = np.random.default_rng(seed)
    truth = random.random(3_000) < 0.2
    # Some scores lie on cut-offs: those count as yes.
    return Ranking(truth, np.clip(random.normal(0.3 + 0.3 * truth, 0.2), 0, 0.9).round(3))


def expected(point: OperatingPoint) -> list[str]:
    ratios = (point.precision, point.recall, point.false_positive_rate, point.accuracy)
    counts = point.confusion.counts.ravel().tolist()
    return [*(f"{ratio:.4f}" for ratio in ratios), *(f"{count:,}" for count in counts)]


def share_of_no() -> float:
    return float((~ranking(1).truth).mean())


async def shown(page) -> list[str]:
    return [await page.inner_text(f"[data-measure={name}]") for name in MEASURES]


@pytest.fixture
def address(tmp_path: Path) -> str:
    report = Report("banking", "Slider", "Where?", seed=0)
    report.fragment(slider({"first </script> model": ranking(1), "second model": ranking(2)}))
    report.write(tmp_path)
    return (tmp_path / "report.html").as_uri()


async def test_keys_move_the_cut_off_and_all_figures_with_it(open_page, address: str) -> None:
    page = await open_page(address)
    assert await shown(page) == expected(ranking(1).at(0.5))
    await page.focus("#cutoff-range")
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    assert await page.input_value("#cutoff-number") == "0.503"
    assert await shown(page) == expected(ranking(1).at(0.503))
    await page.keyboard.press("Home")
    assert await shown(page) == expected(ranking(1).at(0.0))


async def test_a_number_can_be_typed_and_another_model_chosen(open_page, address: str) -> None:
    page = await open_page(address)
    await page.fill("#cutoff-number", "0.75")
    assert await page.input_value("#cutoff-range") == "0.75"
    assert await shown(page) == expected(ranking(1).at(0.75))
    # No cut-off: what was shown stays.
    await page.fill("#cutoff-number", "7")
    assert await shown(page) == expected(ranking(1).at(0.75))
    await page.select_option("#cutoff-model", "second model")
    assert await shown(page) == expected(ranking(2).at(0.75))


async def test_nobody_said_yes_has_no_precision(open_page, address: str) -> None:
    page = await open_page(address)
    await page.fill("#cutoff-number", "1")
    assert (await shown(page))[:4] == ["none said", "0.0000", "0.0000", f"{share_of_no():.4f}"]
