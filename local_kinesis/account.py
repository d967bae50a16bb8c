"""Whose streams these are, and how many it may have."""

from typing import Final

ACCOUNT_ID: Final = "123456789012"
"""moto's, so that one URL does not serve two accounts."""
SHARDS_MAX: Final = 20_000
"""Open shards of one account, the service's largest default quota: a slip of a digit is refused as
it would be there.
"""
ON_DEMAND_STREAMS_MAX: Final = 50
