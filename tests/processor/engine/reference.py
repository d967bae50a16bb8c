"""What a plan means, in plain Python over rows: no columns, no batches, exact fractions.

The whole input is given at once, so there is no time to keep and no state; what the engine puts out
piece by piece must be the same.
"""

import json
import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from analytics_sql.expression import (
    Arithmetic,
    ColumnRef,
    Comparison,
    Expression,
    InputRowTime,
    IsNull,
    Literal,
    Logical,
    Not,
    RowTime,
)
from analytics_sql.plan import Aggregate, Application, Column, Filter, Node, Project, Scan, Tumble
from analytics_sql.types import Kind, SqlType
from fleet.errors import DecodeError
from fleet.timestamp import timestamp_text
from processor.decode.reference import Reference
from tests.processor.engine.runs import Record

COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPUTE = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class Fails(Exception):
    """The value cannot be computed."""


@dataclass(slots=True)
class RowOf:
    """A row on its way."""

    values: dict[str, Any]
    rowtime_ms: int
    identity: list[Any]
    number: str = ""
    arrival_ms: int = 0


@dataclass(slots=True)
class Expected:
    """What must come out."""

    rows: dict[str, tuple[str, int, dict[str, Any]]]
    """Row id -> stream, ROWTIME, values."""
    letters: list[tuple[str, str, int, str]]
    """Stage, sequence number, time, data."""


def expected(application: Application, records: Sequence[Record]) -> Expected:
    """Everything an application makes of the records, if no watermark is ahead of them."""
    result = Expected({}, [])
    streams = {application.sources[0].name: _source_rows(application, records, result)}
    for pump in application.pumps:
        stage = f"pump {pump.name}"
        projected = _rows(pump.query.input, streams, result, stage)
        named = [column.name for column in pump.targets]
        types = [output.expression.type for output in pump.query.outputs]
        out = streams.setdefault(pump.stream, [])
        for row in projected:
            outputs = [output.expression for output in pump.query.outputs]
            values = _try(row, outputs, pump.query.input.columns, result, stage)
            if values is None:
                continue
            try:
                fitted = [
                    fit(v, column.type) for v, column in zip(values, pump.targets, strict=True)
                ]
            except Fails:
                columns = [Column(n, t) for n, t in zip(named, types, strict=True)]
                shown = dict(zip(named, values, strict=True))
                _refuse(row, shown, columns, result, stage)
                continue
            stream = application.stream(pump.stream).columns
            whole = {c.name: None for c in stream} | dict(zip(named, fitted, strict=True))
            identity = [pump.name, *row.identity]
            out.append(RowOf(whole, row.rowtime_ms, identity, row.number, row.arrival_ms))
            key = json.dumps(
                [application.name, pump.stream, *identity],
                separators=(",", ":"),
                ensure_ascii=False,
            )
            assert key not in result.rows, "an id must be one row's alone"
            shown = {c.name: output(whole[c.name], c.type) for c in stream}
            result.rows[key] = pump.stream, row.rowtime_ms, shown
    return result


def _source_rows(
    application: Application, records: Sequence[Record], result: Expected
) -> list[RowOf]:
    columns = application.sources[0].columns
    read = _read(application)
    decoder = Reference([column for column in columns if column.name in read])
    names = [column.name for column in columns if column.name in read]
    rows = []
    for record in records:
        number = str(record.number)
        try:
            values = dict(zip(names, decoder.row(record.data), strict=True))
        except DecodeError:
            data = record.data.decode("latin-1")
            result.letters.append(("decode", number, record.arrival_ms, data))
            continue
        rows.append(RowOf(values, record.arrival_ms, ["shard", number], number, record.arrival_ms))
    return rows


def _read(application: Application) -> set[str]:
    names: set[str] = set()
    for pump in application.pumps:
        node: Node = pump.query
        while not isinstance(node, Scan):
            node = node.input
        if node.stream == application.sources[0].name:
            names |= {column.name for column in node.columns}
    return names


def _rows(node: Node, streams: dict[str, list[RowOf]], result: Expected, stage: str) -> list[RowOf]:
    match node:
        case Scan():
            return streams.get(node.stream, [])
        case Filter():
            kept = []
            for row in _rows(node.input, streams, result, stage):
                truth = _try(row, [node.predicate], node.columns, result, stage)
                if truth == [True]:
                    kept.append(row)
            return kept
        case Tumble():
            return _tumbled(node, _rows(node.input, streams, result, stage), result, stage)
        case Project():
            raise NotImplementedError


def _tumbled(node: Tumble, rows: list[RowOf], result: Expected, stage: str) -> list[RowOf]:
    windows: dict[tuple[Any, ...], list[list[Any]]] = {}
    arguments = [a.argument for a in node.aggregates if a.argument is not None]
    keys = [key.expression for key in node.keys]
    for row in rows:
        values = _try(row, [*keys, *arguments], node.input.columns, result, stage)
        if values is not None:
            start = row.rowtime_ms // node.size_ms * node.size_ms
            windows.setdefault((start, *values[: len(keys)]), []).append(values[len(keys) :])
    out = []
    for (start, *key), members in windows.items():
        values = {node.window_start: start} | dict(
            zip((k.name for k in node.keys), key, strict=True)
        )
        columns = iter(zip(*members, strict=True))
        failed = False
        for aggregate in node.aggregates:
            try:
                column = [True] * len(members) if aggregate.argument is None else next(columns)
                values[aggregate.name] = aggregated(aggregate, column)
            except Fails:
                failed, values[aggregate.name] = True, None
        row = RowOf(values, start + node.size_ms, [start, *key], "", start + node.size_ms)
        if failed:
            _refuse(row, values, node.columns, result, stage)
        else:
            out.append(row)
    return out


def aggregated(aggregate: Aggregate, column: Iterable[Any]) -> Any:
    """The aggregate of a column."""
    values = [value for value in column if value is not None]
    if aggregate.function == "COUNT":
        return fit(len(values), aggregate.type)
    if not values:
        return None
    if aggregate.function in ("MIN", "MAX"):
        return fit((min if aggregate.function == "MIN" else max)(values), aggregate.type)
    exact = sum((Fraction(value) for value in values), Fraction(0))
    if aggregate.function == "AVG":
        exact /= len(values)
        if aggregate.type.is_integer:
            return fit(math.trunc(exact), aggregate.type)
    if isinstance(values[0], int) and aggregate.type.is_integer:
        return fit(int(exact), aggregate.type)
    try:
        return float(exact)
    except OverflowError:
        raise Fails from None


def evaluate(expression: Expression, row: RowOf) -> Any:
    """The value of an expression. Raises Fails."""
    match expression:
        case ColumnRef(name=name):
            return row.values[name]
        case RowTime() | InputRowTime():
            return row.rowtime_ms
        case Literal(value=value):
            return value
        case IsNull(operand=operand):
            return evaluate(operand, row) is None
        case Not(operand=operand):
            value = evaluate(operand, row)
            return None if value is None else not value
        case Logical():
            return _logical(expression, row)
    left, right = evaluate(expression.left, row), evaluate(expression.right, row)
    if left is None or right is None:
        return None
    if isinstance(expression, Comparison):
        if isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)
        return COMPARE[expression.operator](left, right)
    assert isinstance(expression, Arithmetic)
    if not expression.type.is_integer:
        value = COMPUTE[expression.operator](float(left), float(right))
        if not math.isfinite(value):
            raise Fails
        return value + 0.0
    return fit(COMPUTE[expression.operator](left, right), expression.type)


def _logical(expression: Logical, row: RowOf) -> Any:
    sides: list[Any] = []
    for side in (expression.left, expression.right):
        try:
            sides.append(evaluate(side, row))
        except Fails:
            sides.append(Fails)
    decisive = expression.operator == "OR"
    if decisive in sides:
        return decisive
    if Fails in sides:
        raise Fails
    return None if None in sides else not decisive


def fit(value: Any, type: SqlType) -> Any:
    """The value as the type holds it. Raises Fails."""
    if value is None:
        return None
    if type.is_integer:
        if isinstance(value, float):
            value = int(Decimal(value).to_integral_value(ROUND_HALF_UP))
        smallest, largest = type.integer_range
        if not smallest <= value <= largest:
            raise Fails
    elif type.kind is Kind.DOUBLE:
        return float(value)
    elif type.is_text and type.length is not None and len(value) > type.length:
        raise Fails
    return value


def output(value: Any, type: SqlType) -> Any:
    """The value as it stands in an output row."""
    return timestamp_text(value) if type.kind is Kind.TIMESTAMP and value is not None else value


def _try(
    row: RowOf,
    expressions: Sequence[Expression],
    columns: Iterable[Column],
    result: Expected,
    stage: str,
) -> list[Any] | None:
    try:
        return [evaluate(expression, row) for expression in expressions]
    except Fails:
        _refuse(row, row.values, columns, result, stage)
        return None


def _refuse(
    row: RowOf, values: dict[str, Any], columns: Iterable[Column], result: Expected, stage: str
) -> None:
    shown = {c.name: output(values[c.name], c.type) for c in columns}
    result.letters.append((stage, row.number, row.arrival_ms, json.dumps(shown)))
