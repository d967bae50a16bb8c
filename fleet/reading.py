"""The sensor reading, as the workshop's producer sent it: one flat JSON object, partition key =
Name.
"""

from typing import Final

import msgspec

STREAM: Final = "wildrydes"
"""The Kinesis stream of readings."""

SUMMARY_STREAM: Final = "wildrydes-summary"
"""The Kinesis stream of per-minute rows."""

TABLE: Final = "UnicornSensorData"
"""The DynamoDB table of per-minute rows: partition key Name, sort key StatusTime."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One second of one unicorn. Field order is the wire order."""

    Name: str
    StatusTime: str
    """yyyy-MM-dd HH:mm:ss.SSS, UTC."""
    Latitude: float
    """Degrees north, WGS 84."""
    Longitude: float
    """Degrees east, WGS 84."""
    Distance: float
    """Metres since the last reading."""
    MagicPoints: int
    HealthPoints: int


encode_reading = msgspec.json.Encoder().encode
decode_reading = msgspec.json.Decoder(Reading).decode
