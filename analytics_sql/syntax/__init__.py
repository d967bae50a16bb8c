"""Text in, statements with positions out: the dialect's grammar, and nothing about meaning."""
