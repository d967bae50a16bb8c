"""The interactive shell: ad-hoc queries against a live stream or a file."""
