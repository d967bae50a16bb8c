"""NextToken of the listing operations: after which item to go on, good for five minutes.

Source: the API reference of ListShards ("Tokens expire after 300 seconds").
"""

from dataclasses import dataclass
from typing import Final

from local_kinesis.errors import ExpiredNextToken, InvalidArgument
from local_kinesis.token import seal, unseal

LIFETIME_MS: Final = 300_000
_KIND: Final = "page"


@dataclass(frozen=True, slots=True)
class PageToken:
    """Where a listing goes on."""

    issued_ms: int
    listing: str
    """What is listed: `streams`, or a stream's name and creation time."""
    after: str
    """The last item of the page before."""

    def seal(self) -> str:
        """The text the client gets."""
        return seal(_KIND, self.issued_ms, self.after, self.listing)

    @classmethod
    def unseal(cls, text: str, now_ms: int) -> "PageToken":
        """The inverse of `seal`. Raises InvalidArgument for what is no token, ExpiredNextToken for
        an old one.
        """
        fields = unseal(_KIND, text, 3)
        if fields is None:
            raise InvalidArgument("Invalid NextToken.")
        issued_ms, after, listing = fields
        if now_ms - int(issued_ms) > LIFETIME_MS:
            raise ExpiredNextToken("The pagination token passed to the operation is expired.")
        return cls(int(issued_ms), listing, after)
