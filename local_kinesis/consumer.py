"""A registered consumer: who may subscribe to a stream's shards (enhanced fan-out)."""

from typing import Literal

from msgspec import Struct, field

ConsumerStatus = Literal["CREATING", "ACTIVE", "DELETING"]


class Consumer(Struct, kw_only=True):
    """Known by its ARN, which holds its creation time: one that is registered anew under the same
    name is another one. Source: the model's text on ConsumerARN.
    """

    name: str
    arn: str
    created_ms: int
    status: ConsumerStatus = "ACTIVE"
    due_ms: int | None = None
    """When it leaves a state that does not last; None in one that does."""
    tags: dict[str, str] = field(default_factory=dict)
