#!/usr/bin/env python3
"""The map of Hadoop Streaming: a line of a CloudFront log in, `operating system <TAB> 1` out.

`mapper.py [FIRST LAST]` counts requests between two dates, both included (2014-07-05 2014-08-05
unless told). It runs on every machine of a cluster, each on the blocks of the files that it has,
and so needs nothing but Python itself.

A line that is not eleven fields between tabs with an operating system in the last is malformed: it
is shown on standard error, and counted there in the form that Hadoop adds up over all machines.
"""

import re
import sys

FIELDS = 11
DATE, AGENT = 0, 10
# What Hive's input.regex asks of the last field: (system; ...%20Browser/version
OS_OF_AGENT = re.compile(r"[^(]+[(]([^;]+).*%20[^/]+/.*", re.DOTALL)


def operating_system(line: str, first: str, last: str) -> str | None:
    """Empty for a request outside of the dates, None for a malformed line."""
    fields = line.split("\t")
    if len(fields) != FIELDS or not all(fields[:AGENT]):
        return None
    found = OS_OF_AGENT.fullmatch(fields[AGENT])
    if found is None:
        return None
    return found[1] if first <= fields[DATE] <= last else ""


def main(first: str = "2014-07-05", last: str = "2014-08-05") -> None:
    """Standard input to standard output."""
    malformed = 0
    for number, line in enumerate(sys.stdin, 1):
        line = line.rstrip("\r\n")
        if line.startswith("#"):
            continue
        system = operating_system(line, first, last)
        if system is None:
            malformed += 1
            print(f"malformed line {number}: {line}", file=sys.stderr)
        elif system:
            print(system, 1, sep="\t")
    if malformed:
        print(f"reporter:counter:cloudfront,malformed lines,{malformed}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
