"""A port of loopback, kept free for a server that is told its number."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port(port: int = 0) -> Iterator[int]:
    """The port, or a free one for 0. While the block runs nobody is given it by chance: not a
    server that takes any port, and not a connection, which might even be to itself. The server that
    it is for may listen there, and again, if it sets SO_REUSEADDR, as servers do. Raises OSError
    when the port cannot be used.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        number: int = holder.getsockname()[1]
        if sys.platform != "linux":
            # Only Linux lets another socket have the address of one that does not listen.
            holder.close()
        yield number
