"""When an item goes: DynamoDB's time to live.

Source: DynamoDB developer guide, "Using time to live": an attribute of type N with seconds since
1970, after which the service deletes the item, within a few days and at no cost.
"""

import re
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import error_code, retry
from fleet.errors import ConfigError

_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_EXPIRY: Final = re.compile(r"(?P<attribute>[^:]{1,255}):(?P<count>[1-9]\d{0,8})(?P<unit>[smhd])")


@dataclass(frozen=True, slots=True)
class Expiry:
    """Rows go so long after their ROWTIME."""

    attribute: str
    after_s: int

    def at_s(self, rowtime_ms: int) -> int:
        """Seconds since 1970 at which a row goes."""
        return rowtime_ms // 1000 + self.after_s


def parse_expiry(text: str) -> Expiry:
    """The expiry in `ATTRIBUTE:30d`. Raises ConfigError."""
    found = _EXPIRY.fullmatch(text)
    if found is None:
        raise ConfigError(
            f"ttl={text}: no attribute with a time after which rows go",
            remedy="write ttl=ATTRIBUTE:30d, with s, m, h or d",
        )
    return Expiry(found["attribute"], int(found["count"]) * _UNIT_S[found["unit"]])


async def turn_on(aws: AwsClients, table: str, expiry: Expiry) -> None:
    """Tells the table which attribute it is; nothing changes when it knows. Raises ConfigError when
    the table has another.
    """
    client = await aws.dynamodb()
    what = f"table {table}"
    answer = await retry(lambda: client.describe_time_to_live(TableName=table), what)
    now = answer["TimeToLiveDescription"]
    if now.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
        if now.get("AttributeName") != expiry.attribute:
            raise ConfigError(
                f"{what} has {now.get('AttributeName')} as its time to live",
                remedy=f"name that one, or give the table {expiry.attribute} with "
                "`aws dynamodb update-time-to-live`",
            )
        return
    try:
        await retry(
            lambda: client.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": expiry.attribute},
            ),
            what,
        )
    except ClientError as error:
        # Another process turns it on at this moment, or it was turned off within the hour.
        if error_code(error) != "ValidationException":
            raise
        raise ConfigError(
            f"{what}: {error}", remedy="the service changes it once an hour: start again later"
        ) from error
