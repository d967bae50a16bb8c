"""What `wildrydes verify` is made of: everything that was sent, read back from every place, and
each window computed once more, by DuckDB.

Nothing here uses the processor's code: a mistake there must not be made twice.
"""
