"""moto as a program: prints the port it listens on, and lives for as long as its standard input is
open.

    moto_process.py [FOLDER]

With a folder, what moto holds is kept there, and found there by the next one.

The pipe is how it dies with its parent: the other end closes whatever becomes of the parent, even
SIGKILL, on every system that has pipes. Run as a file, so that moto's process does not import the
endpoint unless it has something to keep.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    """Serves until standard input ends."""
    # Before moto is imported, which takes a second: a parent that dies meanwhile is noticed too.
    last_words: list[Callable[[], None]] = []
    threading.Thread(target=_end_with_stdin, args=(last_words,), daemon=True).start()
    # A line for every request is not what anybody wants on the terminal.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import WSGIRequestHandler, make_server

    from local_kinesis.missing_service import explaining

    # Head and body of an answer are written apart: without this the body waits for the head's
    # acknowledgement, up to 40 ms.
    WSGIRequestHandler.disable_nagle_algorithm = True
    application: Any = DomainDispatcherApplication(create_backend_app)
    if len(sys.argv) > 1:
        from local_kinesis.moto_state.keeping import keeping_application

        application = keeping_application(Path(sys.argv[1]), last_words)
    application = explaining(application)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    print(server.port, flush=True)
    # Nobody reads on: what moto prints from here on belongs with its errors.
    os.dup2(2, 1)
    server.serve_forever()


def _end_with_stdin(last_words: list[Callable[[], None]]) -> None:
    while os.read(0, 4096):
        pass
    for last_word in last_words:
        last_word()
    os._exit(0)


if __name__ == "__main__":
    main()
