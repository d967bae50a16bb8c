"""A program in moto's place that answers as nobody should; which way, the path says."""

import os
import socket
import threading

ANSWERS = {
    b"/truncated": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    b"/truncated-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    b"/silent": b"",
    b"/garbage": b"\x00\x01\r\n\r\n",
    b"/until-close": b"HTTP/1.1 200 OK\r\n\r\nall of it",
    b"/interim": (
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
        b"Connection: close\r\nKeep-Alive: timeout=5\r\n\r\nok"
    ),
    b"/chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
    ),
    b"/nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
}


def serve(connection: socket.socket) -> None:
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        connection.sendall(ANSWERS[head.split()[1]])


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=lambda: os.read(0, 1) or os._exit(0), daemon=True).start()
    while True:
        serve(listener.accept()[0])


main()
