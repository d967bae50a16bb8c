"""Memory follows what is open, not what ever was."""

import pytest

from analytics_sql.expression import ColumnRef, Comparison, Literal
from analytics_sql.plan import Aggregate, Application, Filter, Node, Stream
from analytics_sql.types import BIGINT, INTEGER, SqlType
from processor import engine as engine_module
from processor.columns import Dictionary
from processor.engine import WORDS_MIN, Engine
from processor.operators.tumble import FORGET_FLOOR
from tests.processor.engine.plans import (
    SOURCE,
    application,
    columns_of,
    project,
    pump,
    scan,
    source,
    tumbling,
    varchar,
)
from tests.processor.engine.runs import Record, batch_of

COLUMNS: dict[str, SqlType] = {"k": varchar(), "n": INTEGER}
K, N, ROWS = (ColumnRef("k", varchar()), ColumnRef("n", INTEGER), ColumnRef("rows", BIGINT))
READ = scan(SOURCE, COLUMNS)
SIZE_MS = 1000


def counting(*keys: ColumnRef, node: Node = READ, size_ms: int = SIZE_MS) -> Application:
    count = Aggregate("COUNT", None, BIGINT, "rows")
    window = tumbling(node, keys, (count,), size_ms)
    types = {key.name: key.type for key in keys} | {"rows": BIGINT}
    stream = Stream("OUT", columns_of(types))
    return application(source(COLUMNS), [stream], [pump(project(window, *keys, ROWS), stream)])


def words_held(engine: Engine) -> int:
    """The most words that any dictionary of the decoder holds."""
    held: dict[str, Dictionary] = engine._decoder._inner._words  # type: ignore[attr-defined]
    return max(len(words) for words in held.values())


@pytest.mark.parametrize("keys", [(K,), (K, N), (N,)], ids=["text", "text and number", "number"])
def test_keys_of_windows_that_are_gone_are_forgotten(
    keys: tuple[ColumnRef, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "WORDS_MIN", 1000)
    engine, groups_most, words_most = Engine(counting(*keys)), 0, 0
    for number in range(40):
        # 1,000 keys nobody will see again, and one that stays.
        given = [
            Record(i, number * SIZE_MS, b'{"k": "%d-%d", "n": %d}' % (number, i, number * 1000 + i))
            for i in range(1000)
        ]
        given.append(Record(1000, number * SIZE_MS, b'{"k": "stays", "n": -1}'))
        engine.add(batch_of(given))
        rows = engine.advance((number + 1) * SIZE_MS).rows
        assert len(rows) == 1001
        assert all(row.values["rows"] == 1 for row in rows)
        groups_most = max(groups_most, engine.groups)
        words_most = max(words_most, words_held(engine))
    # 40,000 keys were seen.
    assert groups_most <= FORGET_FLOOR + 2 * 1001 + 1001
    assert words_most <= 1000 + 2 * groups_most + 1001


def test_what_is_open_survives_the_forgetting() -> None:
    engine = Engine(counting(K))
    kept = [Record(i, 10_000, b'{"k": "kept %d"}' % i) for i in range(50)]
    engine.add(batch_of(kept))
    for number in range(8):
        given = [Record(i, number * 1000, b'{"k": "%d-%d"}' % (number, i)) for i in range(1000)]
        given.append(Record(1000, 10_000, b'{"k": "kept 7"}'))
        engine.add(batch_of(given))
        engine.advance((number + 1) * 1000)
        engine.add(batch_of(kept))
    assert engine.groups < 8000
    rows = engine.advance(11_000).rows
    counts = {row.values["k"]: row.values["rows"] for row in rows}
    assert counts == {f"kept {i}": 9 + (8 if i == 7 else 0) for i in range(50)}


def test_words_that_a_filter_drops_are_forgotten_while_a_window_is_open() -> None:
    rare = Filter(READ, Comparison("=", N, Literal(1, INTEGER)))
    plan = counting(K, node=rare, size_ms=1 << 40)
    engine = Engine(plan)
    for number in range(50):
        given = [Record(i, 0, b'{"k": "%d-%d", "n": 0}' % (number, i)) for i in range(999)]
        given.append(Record(999, 0, b'{"k": "kept", "n": 1}'))
        engine.add(batch_of(given))
        assert words_held(engine) <= WORDS_MIN + 2 * 3 + 1000
    (row,) = engine.advance(1 << 40).rows
    assert row.values["rows"] == 50
