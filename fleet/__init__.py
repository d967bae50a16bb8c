"""The vocabulary every stage shares: readings, rows, records, errors, time, settings, telemetry. No
I/O.
"""
