"""How much a shard takes and gives in a second, when that is limited at all.

Source: the API reference. A shard takes 1,000 records and 1 MiB a second (CreateStream), gives
2 MiB a second and answers five GetRecords a second; one may give 10 MiB, and then "subsequent
calls made within the next 5 seconds throw ProvisionedThroughputExceededException".
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """What one shard may be asked for, and how often streams may be made and changed."""

    write_records_per_s: int
    write_bytes_per_s: int
    reads_per_s: int
    read_bytes_per_s: int
    scalings_per_day: int
    """UpdateShardCount "more than ten times per rolling 24-hour period per stream" is refused."""
    mode_changes_per_day: int
    """Source: the developer guide ("you can switch between modes twice in 24 hours")."""
    creating: int
    """So many streams, and so many consumers of a stream, may be CREATING at a time. Source: the
    API reference of CreateStream and RegisterStreamConsumer.
    """


AWS_LIMITS: Final = Limits(
    write_records_per_s=1000,
    write_bytes_per_s=1 << 20,
    reads_per_s=5,
    read_bytes_per_s=2 << 20,
    scalings_per_day=10,
    mode_changes_per_day=2,
    creating=5,
)


class Allowance:
    """So much a second, of which at most a second's worth is saved up."""

    __slots__ = ("_left", "_per_s", "_seen_ms")

    def __init__(self, per_s: int, now_ms: int) -> None:
        self._per_s = per_s
        self._left = float(per_s)
        self._seen_ms = now_ms

    def covers(self, amount: int, now_ms: int) -> bool:
        """Whether `amount` may be spent. One that is more than a whole second's worth may be when
        nothing else was.
        """
        if now_ms > self._seen_ms:
            grown = self._left + (now_ms - self._seen_ms) * self._per_s / 1000
            self._left = min(grown, float(self._per_s))
            self._seen_ms = now_ms
        return self._left >= min(amount, self._per_s)

    def spend(self, amount: int) -> None:
        """Takes it off what is left, which may leave less than nothing."""
        self._left -= amount


class ShardMeter:
    """What one shard took and gave lately."""

    __slots__ = ("_read_bytes_per_s", "_readable_ms", "_reads", "_write_bytes", "_write_records")

    def __init__(self, limits: Limits, now_ms: int) -> None:
        self._write_records = Allowance(limits.write_records_per_s, now_ms)
        self._write_bytes = Allowance(limits.write_bytes_per_s, now_ms)
        self._reads = Allowance(limits.reads_per_s, now_ms)
        self._read_bytes_per_s = limits.read_bytes_per_s
        self._readable_ms = now_ms - 1000.0
        """Up to when what was read is paid for."""

    def take_record(self, payload_bytes: int, now_ms: int) -> bool:
        """Counts one record in, or says that it is one too many."""
        records, sizes = self._write_records, self._write_bytes
        if not (records.covers(1, now_ms) and sizes.covers(payload_bytes, now_ms)):
            return False
        records.spend(1)
        sizes.spend(payload_bytes)
        return True

    def begin_read(self, now_ms: int) -> bool:
        """Counts one GetRecords, or says that it is one too many."""
        if self._readable_ms > now_ms or not self._reads.covers(1, now_ms):
            return False
        self._reads.spend(1)
        return True

    def end_read(self, payload_bytes: int, now_ms: int) -> None:
        """Counts what a GetRecords gave: what is beyond a second's worth must be waited for, from
        now on.
        """
        took_ms = payload_bytes * 1000 / self._read_bytes_per_s
        if took_ms > 1000:
            self._readable_ms = now_ms + took_ms
        else:
            self._readable_ms = max(self._readable_ms, now_ms - 1000) + took_ms
