"""moto as a program: prints the port it listens on, and lives for as long as its standard input is
open.

That pipe is how it dies with its parent: the other end closes whatever becomes of the parent, even
SIGKILL, on every system that has pipes. Run as a file, so that moto's process does not import the
endpoint.
"""

import logging
import os
import threading


def main() -> None:
    """Serves until standard input ends."""
    # Before moto is imported, which takes a second: a parent that dies meanwhile is noticed too.
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    # A line for every request is not what anybody wants on the terminal.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    from moto.server import ThreadedMotoServer
    from werkzeug.serving import WSGIRequestHandler

    # Head and body of an answer are written apart: without this the body waits for the head's
    # acknowledgement, up to 40 ms.
    WSGIRequestHandler.disable_nagle_algorithm = True
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    print(port, flush=True)
    # Nobody reads on: what moto prints from here on belongs with its errors.
    os.dup2(2, 1)
    threading.Event().wait()


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
