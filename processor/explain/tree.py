"""An explanation as a tree of text, and as a graph for Graphviz."""

import json
from collections.abc import Iterable

from processor.explain.explanation import (
    Explanation,
    PumpExplanation,
    StreamExplanation,
)
from processor.explain.expression_text import quoted
from processor.explain.step import Step

Branch = tuple[str, list["Branch"]]
"""A line and the branches below it."""


def tree_text(explanation: Explanation) -> str:
    """The tree, for people."""
    sharing = explanation.sharing
    branches: list[Branch] = [
        *(_stream(stream) for stream in explanation.streams),
        *((f"pump {quoted(pump.name)}", _pump(pump)) for pump in explanation.pumps),
        *([(f"ROWTIME: {explanation.rowtime}", [])] if explanation.rowtime else []),
        (f"scales by shard: {'yes' if sharing.possible else 'no'}, {sharing.reason}", []),
        *((f"warning: {warning}", []) for warning in explanation.warnings),
    ]
    lines = [f"application {explanation.application}", *_drawn(branches, "")]
    return "\n".join(lines)


def _stream(stream: StreamExplanation) -> Branch:
    columns: list[Branch] = [(f"{quoted(name)} {type}", []) for name, type in stream.columns]
    return f"stream {quoted(stream.name)} ({stream.role})", columns


def _pump(pump: PumpExplanation) -> list[Branch]:
    return [(step.title, _details(step)) for step in pump.steps]


def _details(step: Step) -> list[Branch]:
    lines = [
        f"{window.kind} window of {window.size}; aligned to {window.alignment}; "
        f"closed by {window.closed_by}"
        for window in step.windows
    ]
    if step.windows:
        lines.append(f"keys: {', '.join(step.keys) or 'none, all rows are one group'}")
    lines += step.calls
    if step.state is not None:
        text = f"state: about {step.state.key_bytes} bytes a key"
        if step.state.fixed_bytes:
            text = f"state: at most about {step.state.fixed_bytes:,} bytes, however many rows come"
        if step.state.row_bytes:
            text += f", {step.state.row_bytes} bytes a row in the window"
        lines.append(text)
    lines += [f"to error_stream: {failure}" for failure in step.fails]
    return [(line, []) for line in lines]


def _drawn(branches: list[Branch], lead: str) -> Iterable[str]:
    for number, (line, below) in enumerate(branches, start=1):
        is_last = number == len(branches)
        yield f"{lead}{'`-- ' if is_last else '|-- '}{line}"
        yield from _drawn(below, lead + ("    " if is_last else "|   "))


def graph_text(explanation: Explanation) -> str:
    """The same for `dot`: streams are boxes, pumps ellipses."""
    name = json.dumps
    lines = [f"digraph {name(explanation.application)} {{", "  rankdir=LR;"]
    for stream in explanation.streams:
        columns = [f"{n} {t}" for n, t in stream.columns]
        label = "\n".join([stream.name, *columns])
        shape = "box" if stream.role == "in between" else "box, style=bold"
        lines.append(f"  {name('stream ' + stream.name)} [shape={shape}, label={name(label)}];")
    for pump in explanation.pumps:
        windows = [f"{w.kind}: {w.size}" for step in pump.steps for w in step.windows]
        label = "\n".join([pump.name, *windows])
        node = name("pump " + pump.name)
        lines.append(f"  {node} [shape=ellipse, label={name(label)}];")
        lines += [f"  {name('stream ' + read)} -> {node};" for read in pump.reads]
        lines.append(f"  {node} -> {name('stream ' + pump.fills)};")
    return "\n".join([*lines, "}"])
