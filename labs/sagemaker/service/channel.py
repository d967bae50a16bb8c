"""A channel of InputDataConfig: which objects, and which of them each host gets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labs.sagemaker.service.fault import Invalid
from labs.sagemaker.service.storage import Storage, relative


class Channel:
    """`given` is a checked Channel of the request. Raises Invalid for a kind that is not here."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.name: str = given["ChannelName"]
        source = given["DataSource"].get("S3DataSource")
        if source is None or source["S3DataType"] != "S3Prefix":
            raise Invalid(f"channel {self.name}: only an S3DataSource of S3Prefix is here")
        if given.get("CompressionType", "None") != "None":
            raise Invalid(f"channel {self.name}: CompressionType has to be None")
        self._prefix: str = source["S3Uri"]
        self._is_sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
        self.description = {
            "ContentType": given.get("ContentType", "text/csv"),
            "TrainingInputMode": "File",
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": given.get("RecordWrapperType", "None"),
        }
        """What inputdataconfig.json says of it."""

    async def fetch(self, storage: Storage, folder: Path, position: int, hosts: int) -> None:
        """Lays what belongs to the host of this position into the folder. Raises Invalid when that
        is nothing, ResourceMissing without a bucket.
        """
        names = await storage.names(self._prefix)
        if not names:
            raise Invalid(
                f"channel {self.name}: {self._prefix} matches no object",
                remedy="upload the data first, and look at the prefix",
            )
        if self._is_sharded:
            if len(names) < hosts:
                raise Invalid(
                    f"channel {self.name}: {self._prefix} has {len(names)} objects for {hosts} "
                    "instances, and ShardedByS3Key gives each object to one",
                    remedy="split the data into an object for each, or take FullyReplicated",
                )
            names = names[position::hosts]
        for name in names:
            path = folder / relative(name, self._prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(await storage.read(name))
