"""What `wildrydes map` was asked for."""

from dataclasses import dataclass

from fleet.settings import AwsSettings
from sinks.live_map.access.settings import AccessSettings
from sinks.live_map.tile_source import TileSource


@dataclass(frozen=True, slots=True)
class MapSettings:
    """Everything but how it reports."""

    stream: str
    summary_stream: str | None
    """None: no rows."""
    table: str | None
    """Where the panel looks rows up; None: nowhere."""
    archive_bucket: str | None
    """What the time slider replays; None: nothing."""
    host: str
    port: int
    workers: int
    access: AccessSettings
    aws: AwsSettings
    tiles: TileSource | None = None
    fan_out: str | None = None
    """The registered consumer that readings are pushed to; None: they are asked for."""
