"""What is said when an address cannot be listened on, the same by every part that serves."""

import errno
import os
import socket

from fleet.errors import ConfigError


def cannot_listen(host: str, port: int, error: OSError) -> ConfigError:
    """The error to raise for what bind or a server's start has raised."""
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"port {port} on {host} is taken",
            remedy="stop what listens there, or choose another port with --port",
        )
    # What the loop says of an address repeats it; what the resolver says of a name is fine.
    if error.errno is None or isinstance(error, socket.gaierror):
        reason = str(error)
    else:
        reason = os.strerror(error.errno)
    return ConfigError(
        f"cannot listen on {host} port {port}: {reason}",
        remedy="choose an address of this machine with --host, and a port from 1024 with --port",
    )
