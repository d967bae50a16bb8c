"""The live map: where every unicorn is now, for all who look, and the page that shows it.

frame.py       what goes over the wire; knows nothing of the page (docs/live-map.md has it too)
picture.py     the latest reading of every unicorn, column by column
messages.py    one tick's messages, each encoded at most once for all viewers
viewers.py     who looks, and sending to all of them without waiting for anyone
feed.py        /feed: how one becomes a viewer
page_files.py  the page as it is served: in memory, with its security headers
tile_source.py a base map of somebody else's, by an address that the operator configures
live_map.py    LiveMap, the sink that joins them
page/          the page itself; no build step, nothing from another host
base_map/      how page/base.json and the simulator's land.json are made
"""

from sinks.live_map.live_map import LiveMap

__all__ = ["LiveMap"]
