"""Ports for programs that have to be told theirs."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """One that nobody listens on at the moment. A program that finds it taken after all fails, and
    its job or endpoint with it: no harm but to ask again.
    """
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port
