"""One file per command; cli.py loads a file only when its command is called."""
