"""`/_local/faults`: faults set, listed and lifted over HTTP.

GET    /_local/faults      all that are set, how often each has struck, and the kinds there are
POST   /_local/faults      sets the fault in the body, or several: answers with their ids
DELETE /_local/faults      lifts all
DELETE /_local/faults/3    lifts one
"""

from typing import Any, Final

import msgspec

from local_kinesis.answer import Answer
from local_kinesis.faults.fault import MEANINGS, Fault
from local_kinesis.faults.faults import Faults, SetFault

PATH: Final = "/_local/faults"
_JSON: Final = "application/json"
_BODY: Final = msgspec.json.Decoder(Fault | list[Fault])


def administer(faults: Faults, method: str, path: str, content_type: str, body: bytes) -> Answer:
    """Answers a request to PATH or below it."""
    named = path[len(PATH) :].strip("/")
    match method:
        case "GET" | "HEAD" if not named:
            return _answer(200, {**_listing(faults), "kinds": MEANINGS})
        case "POST" if not named:
            return _add(faults, content_type, body)
        case "DELETE" if not named:
            faults.clear()
            return _answer(200, _listing(faults))
        case "DELETE":
            if named.isdecimal() and faults.remove(int(named)):
                return _answer(200, _listing(faults))
            return _refusal(404, "NotFound", f"there is no fault {named}; see GET {PATH}")
    return _refusal(405, "MethodNotAllowed", f"{PATH} takes GET, POST and DELETE")


def _add(faults: Faults, content_type: str, body: bytes) -> Answer:
    # A page in somebody's browser can send other types here unasked, but not this one.
    if content_type.partition(";")[0].strip().lower() != _JSON:
        return _refusal(415, "UnsupportedMediaType", f"send the fault as {_JSON}")
    try:
        asked = _BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _refusal(400, "BadRequest", f"this is no fault: {error}")
    wanted = asked if isinstance(asked, list) else [asked]
    return _answer(201, {"ids": [faults.add(fault) for fault in wanted]})


def _listing(faults: Faults) -> dict[str, Any]:
    return {"faults": [_members(one) for one in faults.listing()]}


def _members(one: SetFault) -> dict[str, Any]:
    fault: dict[str, Any] = msgspec.to_builtins(one.fault)
    return {"id": one.id, **fault, "matched": one.matched, "struck": one.struck}


def _refusal(status: int, kind: str, message: str) -> Answer:
    return _answer(status, {"__type": kind, "message": message})


def _answer(status: int, members: dict[str, Any]) -> Answer:
    return Answer(status, _JSON, msgspec.json.encode(members))
