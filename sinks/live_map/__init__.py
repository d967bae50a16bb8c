"""The live map: where every unicorn is now, for all who look, and the page that shows it.

live_map.py        LiveMap, the sink that takes readings and rows in and ticks
intake.py          what is a reading, and what cannot be shown
picture.py         the latest reading of every unicorn, column by column, tick by tick
still.py           a picture at one moment
minute_rows.py     the per-minute rows of the last half hour
show.py            what a process shows of a picture: the routes, the viewers, behind the gate
feed.py            /feed: how one becomes a viewer
viewers.py         who looks, and sending to all of them without waiting for anyone
messages.py        one tick's news, each piece encoded at most once for all viewers
tiles.py           which part of the world a viewer looks at
speech.py          websocket messages, lines of JSON, server-sent events
frame.py           what goes over the wire in bytes (docs/live-map.md has it too)
documents.py       and what goes as JSON
unicorn_routes.py  /unicorns/NAME and its rows
replay.py          the archive as the map shows the present; replay_routes.py serves it
access/            who may look
serving.py         limits for those who do not even ask properly
tick_wire.py       ticks from the process that reads to those that show
page_files.py      the page as it is served: in memory, with its security headers
tile_source.py     a base map of somebody else's, by an address that the operator configures
page/              the page itself; no build step, nothing from another host
base_map/          how page/base.json and the simulator's land.json are made
"""

from sinks.live_map.live_map import LiveMap

__all__ = ["LiveMap"]
