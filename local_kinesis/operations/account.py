"""DescribeLimits, DescribeAccountSettings."""

from local_kinesis.account import ON_DEMAND_STREAMS_MAX, SHARDS_MAX
from local_kinesis.change_request import DescribeAccountSettings, DescribeLimits
from local_kinesis.operations.result import Result
from local_kinesis.store import Store


def describe_limits(store: Store, asked: DescribeLimits, now_ms: int) -> Result:
    """What the account may have, and has."""
    store.refresh_all(now_ms)
    return {
        "ShardLimit": SHARDS_MAX,
        "OpenShardCount": store.open_shard_count,
        "OnDemandStreamCount": sum(stream.mode == "ON_DEMAND" for stream in store.streams.values()),
        "OnDemandStreamCountLimit": ON_DEMAND_STREAMS_MAX,
    }


def describe_account_settings(store: Store, asked: DescribeAccountSettings, now_ms: int) -> Result:
    """No throughput has been committed to."""
    return {"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}
