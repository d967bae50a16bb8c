"""What can be set of a stream beside its shards, consumers and tags: retention, mode, record size,
encryption, metrics.
"""

from collections.abc import Callable, Sequence
from typing import Final

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.change_request import (
    METRICS,
    DecreaseStreamRetentionPeriod,
    DisableEnhancedMonitoring,
    EnableEnhancedMonitoring,
    IncreaseStreamRetentionPeriod,
    StartStreamEncryption,
    StopStreamEncryption,
    UpdateMaxRecordSize,
    UpdateStreamMode,
    UpdateStreamRecordDistributionStrategy,
)
from local_kinesis.errors import InvalidArgument, LimitExceeded, NotOffered
from local_kinesis.operations.result import Result
from local_kinesis.request import StreamRequest
from local_kinesis.store import Store
from local_kinesis.stream import Stream

_RETENTION_HOURS_MIN: Final = 24
_RETENTION_HOURS_MAX: Final = 8760
"""Source: the API reference of Increase- and DecreaseStreamRetentionPeriod."""
_DAY_MS: Final = 86_400_000


def increase_stream_retention_period(
    store: Store, asked: IncreaseStreamRetentionPeriod, now_ms: int
) -> Result:
    """What had expired before stays gone."""
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    hours = _checked_hours(asked.RetentionPeriodHours)
    if hours < stream.retention_hours:
        raise InvalidArgument(
            f"Requested retention period ({hours} hours) for stream {stream.name} can not be "
            f"shorter than existing retention period ({stream.retention_hours} hours). Use "
            "DecreaseRetentionPeriod API."
        )
    _set_retention(store, stream, hours, now_ms)
    return None


def decrease_stream_retention_period(
    store: Store, asked: DecreaseStreamRetentionPeriod, now_ms: int
) -> Result:
    """What is older than the new period is gone at once."""
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    hours = _checked_hours(asked.RetentionPeriodHours)
    if hours > stream.retention_hours:
        raise InvalidArgument(
            f"Requested retention period ({hours} hours) for stream {stream.name} can not be "
            f"longer than existing retention period ({stream.retention_hours} hours). Use "
            "IncreaseRetentionPeriod API."
        )
    _set_retention(store, stream, hours, now_ms)
    return None


def update_stream_mode(store: Store, asked: UpdateStreamMode, now_ms: int) -> Result:
    """The shards stay as they are; only who may change their number is another."""
    if asked.WarmThroughputMiBps:
        raise NotOffered("WarmThroughputMiBps")
    stream = store.find_active(None, asked.StreamARN, now_ms)
    changes = [time_ms for time_ms in stream.mode_changed_ms if time_ms > now_ms - _DAY_MS]
    if store.limits is not None and len(changes) >= store.limits.mode_changes_per_day:
        raise LimitExceeded(
            f"The mode of stream {stream.name} under account {ACCOUNT_ID} cannot be changed more "
            f"than {store.limits.mode_changes_per_day} times in 24 hours."
        )
    stream.mode = asked.StreamModeDetails.StreamMode
    stream.mode_changed_ms = [*changes, now_ms]
    store.update(stream, now_ms)
    return None


def update_max_record_size(store: Store, asked: UpdateMaxRecordSize, now_ms: int) -> Result:
    """Records that are there already stay, however large."""
    stream = store.find_active(None, asked.StreamARN, now_ms)
    stream.record_bytes_max = asked.MaxRecordSizeInKiB * 1024
    store.update(stream, now_ms)
    return None


def update_stream_record_distribution_strategy(
    store: Store, asked: UpdateStreamRecordDistributionStrategy, now_ms: int
) -> Result:
    """Records go by their partition key here, and by nothing else."""
    stream = store.find_active(None, asked.StreamARN, now_ms)
    if stream.mode == "PROVISIONED":
        raise InvalidArgument(
            "RecordDistributionStrategy is only supported for streams in ON_DEMAND mode. Stream "
            f"{stream.name} under account {ACCOUNT_ID} is in PROVISIONED mode."
        )
    if asked.RecordDistributionStrategy == "AUTO":
        raise NotOffered("RecordDistributionStrategy AUTO")
    return None


def start_stream_encryption(store: Store, asked: StartStreamEncryption, now_ms: int) -> Result:
    """Records put from now on say that they are encrypted; the key may be any."""
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    _require_kms(asked)
    stream.key_id = asked.KeyId
    store.update(stream, now_ms)
    return None


def stop_stream_encryption(store: Store, asked: StopStreamEncryption, now_ms: int) -> Result:
    """Records put from now on do not say so."""
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    _require_kms(asked)
    stream.key_id = None
    store.update(stream, now_ms)
    return None


def enable_enhanced_monitoring(
    store: Store, asked: EnableEnhancedMonitoring, now_ms: int
) -> Result:
    """Which metrics are on is kept and shown; nothing is measured."""
    wanted = _named(asked.ShardLevelMetrics)
    return _set_metrics(store, asked, lambda metric, on: on or metric in wanted, now_ms)


def disable_enhanced_monitoring(
    store: Store, asked: DisableEnhancedMonitoring, now_ms: int
) -> Result:
    """The inverse."""
    unwanted = _named(asked.ShardLevelMetrics)
    return _set_metrics(store, asked, lambda metric, on: on and metric not in unwanted, now_ms)


def _checked_hours(hours: int) -> int:
    """Raises InvalidArgument for a period that no stream can have."""
    if hours < _RETENTION_HOURS_MIN:
        raise InvalidArgument(
            f"Minimum allowed retention period is {_RETENTION_HOURS_MIN} hours. Requested "
            f"retention period ({hours} hours) is too short."
        )
    if hours > _RETENTION_HOURS_MAX:
        raise InvalidArgument(
            f"Maximum allowed retention period is {_RETENTION_HOURS_MAX} hours. Requested "
            f"retention period ({hours} hours) is too long."
        )
    return hours


def _set_retention(store: Store, stream: Stream, hours: int, now_ms: int) -> None:
    for shard in stream.shards:
        store.expire(stream, shard, now_ms)
    stream.retention_hours = hours
    stream.reschedule()
    store.changed(stream)


def _require_kms(asked: StartStreamEncryption | StopStreamEncryption) -> None:
    """Source: the API reference ("The only valid value is KMS")."""
    if asked.EncryptionType != "KMS":
        raise InvalidArgument("EncryptionType must be KMS.")


def _named(metrics: Sequence[str]) -> frozenset[str]:
    return frozenset(METRICS if "ALL" in metrics else metrics)


def _set_metrics(
    store: Store, asked: StreamRequest, is_on: Callable[[str, bool], bool], now_ms: int
) -> Result:
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    before = stream.metrics
    stream.metrics = [metric for metric in METRICS if is_on(metric, metric in before)]
    store.changed(stream)
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "CurrentShardLevelMetrics": before,
        "DesiredShardLevelMetrics": stream.metrics,
    }
