"""What keeps moto's tables, buckets and all else beyond the life of its process.

Used within moto's process, when the endpoint has a data directory.
"""
