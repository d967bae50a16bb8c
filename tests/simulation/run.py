"""Many histories at once, and what is to be said of one that fails."""

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.controls import CONTROLS
from tests.simulation.history import History, make_history
from tests.simulation.play import AS_SHIPPED, Parts, play
from tests.simulation.shrink import shrink

CHUNK = 50
"""Histories that a worker takes at a time."""


def failing(
    seeds: Sequence[int],
    parts: Parts = AS_SHIPPED,
    *,
    jobs: int = 1,
    on_played: Callable[[int], None] = lambda _: None,
) -> Iterator[int]:
    """The seeds whose histories do not end as they must. `on_played` is told how many were played
    since the last time.
    """
    chunks = [seeds[i : i + CHUNK] for i in range(0, len(seeds), CHUNK)]
    if jobs == 1:
        for chunk in chunks:
            yield from _play_chunk(chunk, parts)
        return
    # Not forked: a worker begins with nothing of what this process has.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        results = pool.map(_play_chunk, chunks, [parts] * len(chunks))
        for chunk, found in zip(chunks, results, strict=True):
            on_played(len(chunk))
            yield from found


def explain(history: History, parts: Parts = AS_SHIPPED) -> str:
    """A failing history, what is wrong at its end, and how to play it again."""
    lines = [str(history), *(f"  {fault}" for fault in play(history, parts))]
    command = f"python -m tests.simulation --seed {history.seed} --count 1"
    if history.kept is not None:
        command += f" --keep {','.join(map(str, history.kept)) or 'none'}"
    names = [name for name, control in CONTROLS.items() if control == parts]
    return "\n".join([*lines, f"again: {command}" + "".join(f' --control "{n}"' for n in names)])


def shortest(seed: int, parts: Parts = AS_SHIPPED) -> History:
    """The failing history of a seed, shrunk."""
    return shrink(make_history(seed), lambda history: bool(play(history, parts)))


def _play_chunk(seeds: Sequence[int], parts: Parts) -> list[int]:
    # The cycles of a history are collected after it, not in its middle.
    gc.disable()
    try:
        return [seed for seed in seeds if play(make_history(seed), parts)]
    finally:
        gc.enable()
        gc.collect()
