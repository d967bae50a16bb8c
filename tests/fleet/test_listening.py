"""What is said when an address cannot be listened on, of errors that this system really gives."""

import socket

import pytest

from fleet.listening import cannot_listen


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use") as caught:
            socket.create_server(("127.0.0.1", port))
    error = cannot_listen("127.0.0.1", port, caught.value)
    assert str(error) == f"port {port} on 127.0.0.1 is taken"
    assert "another port with --port" in (error.remedy or "")


def test_an_address_of_another_machine() -> None:
    with pytest.raises(OSError, match="assign") as caught:
        socket.create_server(("203.0.113.7", 8080))
    error = cannot_listen("203.0.113.7", 8080, caught.value)
    assert str(error) == "cannot listen on 203.0.113.7 port 8080: Cannot assign requested address"
    assert "--host" in (error.remedy or "")


def test_a_name_that_is_none() -> None:
    with pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo("no-such-host.invalid", 8080)
    error = cannot_listen("no-such-host.invalid", 8080, caught.value)
    assert str(caught.value) in str(error)
