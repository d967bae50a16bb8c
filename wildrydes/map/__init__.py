"""`wildrydes map`: the live map as a service of its own, beside the processor or without one.

settings.py  what it was asked for
source.py    the two streams, into a LiveMap
server.py    a LiveMap, or what shows another's, behind HTTP
service.py   one process that reads and shows
workers.py   one process that reads, and several that show
worker.py    one of those
"""
