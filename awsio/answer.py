"""What an answer of a service says about itself."""

import email.utils
from collections.abc import Mapping
from typing import Any


def answered_ms(answer: Mapping[str, Any]) -> int | None:
    """When the service answered, by its own clock: the answer's Date, in whole seconds.

    None when it has none. Never this machine's clock, which may be wrong by hours without changing
    any result.
    """
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if date is None:
        return None
    return int(email.utils.parsedate_to_datetime(date).timestamp()) * 1000
