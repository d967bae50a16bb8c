"""A storm over real processes: kills, reshards, faults, poison and wrong clocks by a seed, and then
`wildrydes verify`. See docs/reliability.md; `make chaos` runs it.
"""
