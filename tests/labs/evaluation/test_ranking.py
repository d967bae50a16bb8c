"""Against pairs counted by hand, DuckDB's ranks, and SciPy's own bootstrap."""

import duckdb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fleet.errors import ConfigError
from labs.evaluation.figures import draw_roc, draw_scores
from labs.evaluation.ranking import Ranking, _auc

TRUTH = np.array([False, False, True, True])
SCORES = np.array([0.1, 0.4, 0.35, 0.8])


def random_ranking() -> Ranking:
    random = np.random.default_rng(3)
    truth = random.random(4_000) < 0.1
    # Few distinct scores: ties have to count a half.
    return Ranking(truth, np.round(random.normal(truth * 1.5, 1.0), 1))


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    # yes 0.35 beats no 0.1 and not 0.4; yes 0.8 beats both: 3 of 4.
    assert Ranking(TRUTH, SCORES).auc == pytest.approx(3 / 4)


def test_auc_with_ties_is_that_of_ranks_in_duckdb() -> None:
    ranking = random_ranking()
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE scored (yes BOOLEAN, score DOUBLE)")
        engine.executemany(
            "INSERT INTO scored VALUES (?, ?)",
            list(zip(ranking.truth.tolist(), ranking.scores.tolist(), strict=True)),
        )
        (area,) = engine.sql("""
            SELECT avg((a.score > b.score)::INT + (a.score = b.score)::INT / 2)
            FROM scored a, scored b WHERE a.yes AND NOT b.yes
        """).fetchall()[0]
    assert ranking.auc == pytest.approx(float(area), abs=1e-6)


def test_the_interval_holds_the_value_and_is_that_of_hanley_and_mcneil() -> None:
    ranking = random_ranking()
    found = ranking.auc_interval(seed=5)
    # Every resample's area is that of scikit-learn, which judges the same rows drawn by hand here.
    ranks = np.array([1, 2, 2, 3]), np.array([0, 2, 2, 1])
    assert _auc(*ranks) == roc_auc_score([1] * 4 + [0] * 4, np.concatenate(ranks))
    assert found == ranking.auc_interval(seed=5)
    # Their standard error of an area (1982), worked out here with the counts of this sample.
    a, yes, no = ranking.auc, int(ranking.truth.sum()), int((~ranking.truth).sum())
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    error = ((a * (1 - a) + (yes - 1) * (q1 - a * a) + (no - 1) * (q2 - a * a)) / (yes * no)) ** 0.5
    assert found.value == pytest.approx(a)
    assert found.low == pytest.approx(a - 1.96 * error, abs=0.4 * error)
    assert found.high == pytest.approx(a + 1.96 * error, abs=0.4 * error)


def test_a_cut_off_counts_scores_at_it_as_yes() -> None:
    point = Ranking(TRUTH, SCORES).at(0.4)
    assert point.confusion.counts.tolist() == [[1, 1], [1, 1]]
    assert (point.precision, point.recall, point.false_positive_rate) == (0.5, 0.5, 0.5)
    above = Ranking(TRUTH, SCORES).at(0.41)
    assert above.confusion.counts.tolist() == [[2, 0], [1, 1]]
    assert (above.precision, above.recall, above.accuracy) == (1.0, 0.5, 0.75)


def test_the_cut_off_for_a_recall_is_the_highest_that_reaches_it() -> None:
    ranking = Ranking(TRUTH, SCORES)
    assert ranking.with_recall(0.5).threshold == pytest.approx(0.8)
    assert ranking.with_recall(0.51).threshold == pytest.approx(0.35)
    assert ranking.with_recall(0.51).recall == 1.0


def test_one_class_alone_cannot_be_ranked() -> None:
    alone = np.array([False, False])
    with pytest.raises(ConfigError, match="the target 'truth' holds only 'False'") as raised:
        Ranking(alone, np.array([0.1, 0.2]))
    assert raised.value.remedy is not None
    with pytest.raises(ConfigError, match="has no row"):
        Ranking(alone[:0], np.array([]))


def test_curves_and_distributions_are_drawn() -> None:
    axes = draw_roc({"this model": random_ranking()}).axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert any(text.startswith("this model") for text in texts)
    heights = [bar.get_height() for bar in draw_scores(random_ranking()).axes[0].patches]
    # Two classes, each adding up to 1.
    assert sum(heights) == pytest.approx(2.0)
