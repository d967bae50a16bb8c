"""The nodes of a plan, running: pure, synchronous, columnar."""
