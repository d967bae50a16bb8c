"""Several user records in one Kinesis record, as the Kinesis Producer Library (KPL) packs them.

Source: awslabs/amazon-kinesis-producer, aggregation-format.md: four bytes of magic, a protobuf
message AggregatedRecord, and the MD5 of that message. What is an aggregate and what is not is
decided as the Kinesis Client Library does it (AggregatorUtil.deaggregate): one whose MD5 is wrong,
or whose message cannot be read, is a record like any other. From there on we differ on purpose: the
library drops what follows a user record that names a key the aggregate does not have; here that
one user record is broken and the others are read.

protobuf rather than a decoder of our own: less than half the time.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import md5
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from awsio.lineage import ALL_HASH_KEYS

MAGIC = b"\xf3\x89\x9a\xc2"
DIGEST_BYTES = 16
_ABSENT = 2**64 - 1
"""What stands for no explicit hash key: no aggregate has so many."""

_Field = descriptor_pb2.FieldDescriptorProto


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The user records of one Kinesis record, column by column, in the order of the sender."""

    records: list[bytes]
    partition_keys: list[str]
    explicit_hash_keys: dict[int, int]
    """Place of a user record that has one -> its explicit hash key."""
    broken: dict[int, str]
    """Place of a user record that cannot be used -> why. Its partition key is empty."""

    def is_within(self, hash_keys: range) -> bool:
        """Whether the sender meant all user records for a shard with these hash keys: by their
        explicit hash key, else by the MD5 of their partition key (API reference of PutRecord).
        """
        keys = set(self.partition_keys)
        if apart := self.explicit_hash_keys.keys() | self.broken.keys():
            keys = {key for place, key in enumerate(self.partition_keys) if place not in apart}
        meant = [*self.explicit_hash_keys.values(), *map(_hash_key, keys)]
        return not meant or (min(meant) in hash_keys and max(meant) in hash_keys)


def read_aggregate(data: bytes) -> Aggregate | None:
    """The aggregate in a Kinesis record's data, or None when it is none. Never raises for what is
    in it.
    """
    # As short as this it would hold no message; the client library asks for one byte at least.
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC) + DIGEST_BYTES:
        return None
    message, digest = data[len(MAGIC) : -DIGEST_BYTES], data[-DIGEST_BYTES:]
    if md5(message, usedforsecurity=False).digest() != digest:
        return None
    try:
        aggregate = _message_type().FromString(message)
    except DecodeError:
        return None
    # Fields that the format requires may be missing: Python's parser leaves that to us.
    return _unpacked(aggregate) if aggregate.IsInitialized() else None


def _unpacked(message: Any) -> Aggregate:
    # The client library replaces what is not UTF-8, too.
    names = [key.decode("utf-8", "replace") for key in message.partition_key_table]
    inner = list(message.records)
    records = [record.data for record in inner]
    keys = [record.partition_key_index for record in inner]
    explicit = [record.explicit_hash_key_index for record in inner]
    if max(keys, default=-1) < len(names) and min(explicit, default=_ABSENT) == _ABSENT:
        return Aggregate(records, [names[key] for key in keys], {}, {})
    explicit_names = list(message.explicit_hash_key_table)
    partition_keys: list[str] = []
    explicit_hash_keys: dict[int, int] = {}
    broken: dict[int, str] = {}
    for place, (key, explicit_key) in enumerate(zip(keys, explicit, strict=True)):
        try:
            if key >= len(names):
                raise ValueError(f"it names partition key {key} of {len(names)} in its aggregate")
            if explicit_key != _ABSENT:
                explicit_hash_keys[place] = _explicit(explicit_names, explicit_key)
        except ValueError as error:
            broken[place] = str(error)
        partition_keys.append("" if place in broken else names[key])
    return Aggregate(records, partition_keys, explicit_hash_keys, broken)


def _explicit(table: list[bytes], index: int) -> int:
    """Raises ValueError."""
    if index >= len(table):
        raise ValueError(f"it names explicit hash key {index} of {len(table)} in its aggregate")
    text = table[index]
    # int() would take signs, blanks and underscores as well, and a million digits for a long time.
    if not text.isdigit() or len(text) > 39 or int(text) not in ALL_HASH_KEYS:
        shown = text[:40].decode("ascii", "backslashreplace")
        raise ValueError(f"its explicit hash key '{shown}' is not a number below 2**128")
    return int(text)


@lru_cache(65_536)
def _hash_key(partition_key: str) -> int:
    """Remembered: a fleet has the same keys in each aggregate."""
    return int.from_bytes(md5(partition_key.encode(), usedforsecurity=False).digest(), "big")


@cache
def _message_type() -> Any:
    """AggregatedRecord of the format's messages.proto. Keys are bytes here, which is the same on
    the wire: a key that is not UTF-8 must not fail the others. Fields that are not named (tags) are
    passed over.
    """
    file = descriptor_pb2.FileDescriptorProto(name="aggregation.proto", syntax="proto2")
    record = file.message_type.add(name="Record")
    aggregate = file.message_type.add(name="AggregatedRecord")
    for message, name, number, type, label in (
        (record, "partition_key_index", 1, _Field.TYPE_UINT64, _Field.LABEL_REQUIRED),
        (record, "explicit_hash_key_index", 2, _Field.TYPE_UINT64, _Field.LABEL_OPTIONAL),
        (record, "data", 3, _Field.TYPE_BYTES, _Field.LABEL_REQUIRED),
        (aggregate, "partition_key_table", 1, _Field.TYPE_BYTES, _Field.LABEL_REPEATED),
        (aggregate, "explicit_hash_key_table", 2, _Field.TYPE_BYTES, _Field.LABEL_REPEATED),
        (aggregate, "records", 3, _Field.TYPE_MESSAGE, _Field.LABEL_REPEATED),
    ):
        field = message.field.add(name=name, number=number, type=type, label=label)
        if type == _Field.TYPE_MESSAGE:
            field.type_name = ".Record"
        if name == "explicit_hash_key_index":
            # Asking each record whether it has one would take a quarter of the time.
            field.default_value = str(_ABSENT)
    # A pool of its own: another library in the process may know messages of the same names.
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("AggregatedRecord"))
