"""Shards in, windowed rows out; positions and state are saved together."""
