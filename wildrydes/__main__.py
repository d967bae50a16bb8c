"""`python -m wildrydes`."""

from wildrydes.cli import main

main()
