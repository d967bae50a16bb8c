"""What a service of moto's answers whose packages are not installed: which, and how to get them.

moto imports a service when it is first asked for. Used within moto's process.
"""

import json
from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Final

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_REMEDY: Final = (
    "CloudFormation needs `pip install 'wildrydes[cloudformation]'`, for others the extra of "
    "moto's that is named like the service"
)


def explaining(application: Application) -> Application:
    """The application, with a sentence in place of a service that cannot be imported."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except ImportError as error:
            message = f"the package {error.name} is not installed, which moto needs here: {_REMEDY}"
            target = environ.get("HTTP_X_AMZ_TARGET")
            body, content_type = _json(message) if target else _xml(message)
            headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
            start_response("501 Not Implemented", headers)
            return [body]

    return call


def _json(message: str) -> tuple[bytes, str]:
    members = {"__type": "NotImplemented", "message": message}
    return json.dumps(members).encode(), "application/x-amz-json-1.1"


def _xml(message: str) -> tuple[bytes, str]:
    error = f"<Error><Code>NotImplemented</Code><Message>{escape(message)}</Message></Error>"
    return f"<ErrorResponse>{error}</ErrorResponse>".encode(), "text/xml"
