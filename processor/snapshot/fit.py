"""Whether the state of one plan fits another."""

from collections.abc import Mapping, Sequence

Shape = Mapping[str, Sequence[str]]
"""Pump -> what it keeps, in words: see Engine.shape."""


def misfits(stored: Shape, now: Shape) -> list[str]:
    """Why a state cannot go on in another plan, a sentence each; empty when it can.

    Every pump of the state must be there and keep the same: windows, keys and calls, in the same
    order. A pump that keeps nothing may go, and new ones may come.
    """
    found = []
    for name, kept in stored.items():
        if name not in now:
            if kept:
                found.append(f"pump {name} is gone, which kept {_listed(kept)}")
        elif list(now[name]) != list(kept):
            found += _changes(name, kept, now[name])
    return found


def newcomers(stored: Shape, now: Shape) -> list[str]:
    """The pumps that start empty in the middle of things."""
    return [name for name, keeps in now.items() if keeps and name not in stored]


def _changes(name: str, kept: Sequence[str], keeps: Sequence[str]) -> list[str]:
    if len(kept) != len(keeps):
        return [f"pump {name} kept {_listed(kept)}; it would now keep {_listed(keeps)}"]
    return [
        f"pump {name} kept {old}; it would now keep {new}"
        for old, new in zip(kept, keeps, strict=True)
        if old != new
    ]


def _listed(kept: Sequence[str]) -> str:
    return " and ".join(kept) or "nothing"
