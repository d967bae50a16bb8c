"""The front door: the command line, `up` (everything on one machine) and `consumer`."""

__version__ = "0.1.0"
