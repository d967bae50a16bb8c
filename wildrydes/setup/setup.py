"""Making what is missing, and deleting what was made, in an order in which each finds what it
needs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from wildrydes.setup.resource import Resource, State

Done = Literal["made", "there", "deleted", "absent", "left alone", "to make", "to delete"]


@dataclass(frozen=True, slots=True)
class Step:
    """What became, or would become, of one resource."""

    resource: Resource
    done: Done
    note: str = ""


OnStep = Callable[[Step], None]


async def set_up(resources: Sequence[Resource], on_step: OnStep, *, dry_run: bool) -> None:
    """Makes what is absent, in order. What is there already stays as it is, whoever made it."""
    for resource in resources:
        state = await resource.state()
        if state is not State.ABSENT:
            on_step(Step(resource, "there", state.value))
        elif dry_run:
            on_step(Step(resource, "to make"))
        else:
            await resource.make()
            on_step(Step(resource, "made"))


async def tear_down(resources: Sequence[Resource], on_step: OnStep, *, dry_run: bool) -> None:
    """Deletes what setup made, last made first, and nothing else."""
    for resource in reversed(resources):
        state = await resource.state()
        if state is State.ABSENT:
            on_step(Step(resource, "absent"))
        elif state is State.FOREIGN:
            on_step(Step(resource, "left alone", state.value))
        elif dry_run:
            on_step(Step(resource, "to delete", f"with {await resource.content()}"))
        else:
            await resource.destroy()
            on_step(Step(resource, "deleted"))
