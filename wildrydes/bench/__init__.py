"""`wildrydes bench`: load for a deployment of one's own, on this machine.

viewer.py     one viewer: a websocket that counts and times, and keeps nothing
load.py       many of them, some of which stop reading
outcome.py    what became of the ticks
own_map.py    a map of our own to be loaded, in a process of its own
fed_map.py    which is this: a map with unicorns of its own, to be loaded when no other is named
"""
