#!/usr/bin/env python3
"""The reduce of Hadoop Streaming: `key <TAB> number` in the order of the keys in, and one line for
each key with the sum of its numbers out.

Hadoop sorts what the mappers wrote and gives all lines of a key to one reducer; equal keys stand
together, so that one sum at a time is all that has to be remembered.
"""

import sys
from itertools import groupby


def main() -> None:
    """Standard input to standard output."""
    pairs = (line.rstrip("\n").split("\t") for line in sys.stdin)
    for key, group in groupby(pairs, key=lambda pair: pair[0]):
        print(key, sum(int(number) for _, number in group), sep="\t")


if __name__ == "__main__":
    main()
