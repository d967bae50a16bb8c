"""Runs one program, and ends it when standard input ends: with SIGTERM first, and after the grace
with SIGKILL. The platform holds the other end, so that nothing outlives it, however it dies.

python -m labs.sagemaker.service.leash GRACE_S PROGRAM [ARGUMENTS...]
"""

import os
import subprocess
import sys
import threading

STDIN = 0


def main() -> int:
    grace_s = float(sys.argv[1])
    program = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_stdin, args=(program, grace_s), daemon=True).start()
    return program.wait()


def _end_with_stdin(program: "subprocess.Popen[bytes]", grace_s: float) -> None:
    while os.read(STDIN, 4096):
        pass
    program.terminate()
    try:
        program.wait(grace_s)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main())
