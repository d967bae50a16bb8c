"""The threshold slider of the report: what any cut-off makes of the test part."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jinja2 import Environment
from markupsafe import Markup
from numpy.typing import NDArray

from labs.evaluation.ranking import Ranking

PAGE = Path(__file__).with_name("slider.html")
STEPS = 1_000
"""Cut-offs from 0 to 1; the page has the test rows counted between two of them, which is exact."""


def slider(rankings: Mapping[str, Ranking]) -> Markup:
    """HTML with its script, for `Report.fragment`."""
    data = {
        name: {
            "no": counts(ranking.scores[~ranking.truth]),
            "yes": counts(ranking.scores[ranking.truth]),
        }
        for name, ranking in rankings.items()
    }
    # Inside a script "<" could end it.
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    template = Environment(autoescape=True).from_string(PAGE.read_text(encoding="utf-8"))
    return Markup(template.render(data=Markup(text)))


def counts(scores: NDArray[np.float64]) -> list[int]:
    """Scores from i/STEPS on and below the next, for i from 0 to STEPS."""
    cut_offs = np.arange(STEPS + 1) / STEPS
    places = np.searchsorted(cut_offs, scores, side="right") - 1
    return [int(count) for count in np.bincount(places, minlength=STEPS + 1)]
