"""A failing history cut to the events that matter."""

from collections.abc import Callable

from tests.simulation.history import History


def shrink(history: History, fails: Callable[[History], bool]) -> History:
    """Leaves events out while it still fails: halves, then smaller runs, then single ones (Zeller
    and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
    """
    kept = list(range(len(history.events)))
    run = max(1, len(kept) // 2)
    while True:
        shorter = False
        start = 0
        while start < len(kept):
            without = kept[:start] + kept[start + run :]
            if fails(history.only(without)):
                kept, shorter = without, True
            else:
                start += run
        if run == 1 and not shorter:
            return history.only(kept)
        run = max(1, run // 2)
