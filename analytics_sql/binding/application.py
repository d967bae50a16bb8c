"""Statements to streams and pumps, the pumps in the order in which rows flow through them."""

from dataclasses import replace

from sqlglot import exp

from analytics_sql.binding.catalog import Catalog
from analytics_sql.binding.names import fold, fold_new, listed, written
from analytics_sql.binding.pump import bind_pump
from analytics_sql.binding.user_function import UserFunctions
from analytics_sql.combination import ReferenceTable
from analytics_sql.plan import Pump, Source, Stream, scans_of
from analytics_sql.syntax.nodes import (
    BrokenStatement,
    CreateFunction,
    CreatePump,
    CreateStream,
    Statement,
    span_of,
)
from analytics_sql.syntax.source_text import Faults, Span


def bind_application(
    statements: list[Statement],
    sources: tuple[Source, ...],
    tables: tuple[ReferenceTable, ...],
    faults: Faults,
) -> tuple[tuple[Stream, ...], tuple[Pump, ...]]:
    """The streams, and those pumps that run.

    The order of the statements is free: a pump may stand before the stream that it fills. Only a
    function has to be created before it is called.
    """
    statements = _without_replaced(statements, faults)
    catalog, functions = Catalog(sources, faults, tables), UserFunctions(faults)
    for statement in statements:
        match statement:
            case CreateStream():
                catalog.create(statement)
            case CreateFunction():
                functions.create(statement)
            case BrokenStatement(stream=exp.Identifier() as name_of_stream):
                catalog.doubt(name_of_stream)
            case BrokenStatement(function=exp.Identifier() as name_of_function):
                functions.doubt(name_of_function)
    places: dict[str, Span] = {}
    running = []
    for statement in statements:
        if not isinstance(statement, CreatePump):
            continue
        name, place = fold_new(statement.name, faults), span_of(statement.name)
        if name in places:
            faults.add(
                place,
                f"the pump {written(name)} is created twice",
                "give each pump a name of its own; of those with OR REPLACE the last one counts",
            )
        stream = catalog.target(statement.target)
        query = functions.expand(statement.query)
        pump = bind_pump(replace(statement, query=query), name, stream, catalog.relation, faults)
        if pump is not None and statement.started and name not in places:
            running.append(pump)
        places.setdefault(name, place)
    if not running and not faults:
        faults.add(
            next(reversed(places.values()), Span(0, 0)),
            "no pump of this application runs, so no row would come out of it",
            "add CREATE OR REPLACE PUMP name AS INSERT INTO stream SELECT STREAM ...",
        )
    return catalog.streams, _in_order_of_flow(running, places, faults)


def _without_replaced(statements: list[Statement], faults: Faults) -> list[Statement]:
    """The statements without those that a later CREATE OR REPLACE of the same name replaces, which
    is noted, unless nothing changes.
    """
    last: dict[tuple[type, str], CreateStream | CreatePump] = {}
    kept: list[Statement] = []
    for statement in reversed(statements):
        if isinstance(statement, CreateStream | CreatePump):
            later = last.setdefault((type(statement), fold(statement.name)), statement)
            if later is not statement and later.replaces:
                _note(statement, later, faults)
                continue
        kept.append(statement)
    return kept[::-1]


def _note(
    replaced: CreateStream | CreatePump, by: CreateStream | CreatePump, faults: Faults
) -> None:
    line = faults.line_of(span_of(replaced.name))
    if isinstance(replaced, CreatePump):
        faults.note(
            span_of(by.name),
            f"this pump replaces that of line {line}, which does not run; for both to run, "
            "give it a name of its own",
        )
    elif isinstance(by, CreateStream) and _declared(replaced) != _declared(by):
        faults.note(span_of(by.name), f"this stream replaces that of line {line}")


def _declared(stream: CreateStream) -> list[tuple[str, str, bool]]:
    return [(fold(c.name), c.type.text.upper(), c.nullable) for c in stream.columns]


def _in_order_of_flow(
    pumps: list[Pump], places: dict[str, Span], faults: Faults
) -> tuple[Pump, ...]:
    """Each pump after all that fill the stream it reads; otherwise in the order of the text."""
    ordered: list[Pump] = []
    waiting = list(pumps)
    while waiting:
        awaited = {pump.stream for pump in waiting}
        ready = next(
            (
                pump
                for pump in waiting
                if awaited.isdisjoint(scan.stream for scan in scans_of(pump.query))
            ),
            None,
        )
        if ready is None:
            # Some of them may only wait for the circle; all that wait are named.
            names = listed(pump.name for pump in waiting)
            for pump in waiting:
                faults.add(
                    places[pump.name],
                    f"rows would flow in a circle through these pumps: {names}",
                    "a pump cannot read what it, or a pump that follows it, inserts",
                )
            break
        ordered.append(ready)
        waiting.remove(ready)
    return tuple(ordered)
