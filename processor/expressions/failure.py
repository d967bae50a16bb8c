"""How NULLs and failures of operands become those of a result."""

from collections.abc import Mapping

from processor.columns import Mask, Vector


def null_of(left: Vector, right: Vector) -> Mask | None:
    """NULL where either operand is."""
    one, other = left.nulls(), right.nulls()
    if one is None or other is None:
        return other if one is None else one
    return one | other


def failures_of(left: Vector, right: Vector) -> Mapping[int, str]:
    """Failed where either operand did. The left reason wins, so that the message does not depend on
    anything but the row.
    """
    return {**right.failed, **left.failed}
