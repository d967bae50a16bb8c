"""What the Kinesis Client Library runs, one process for each shard: it writes down what it is told.

A line of `events` is JSON. All shards' processes append to it, each line in one write, so that the
file has them in the order in which they happened.
"""

import json
import os
import sys
from typing import Any

from amazon_kclpy import kcl
from amazon_kclpy.v3 import processor


class Recorder(processor.RecordProcessorBase):
    """Writes down records before it checkpoints them, so that none is lost, and none twice unless
    the library delivers it twice.
    """

    def __init__(self) -> None:
        self.shard_id = ""
        self.events = os.open("events", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, event: str, **members: Any) -> None:
        line = json.dumps({"event": event, "shard_id": self.shard_id, **members})
        os.write(self.events, line.encode() + b"\n")

    def initialize(self, initialize_input: Any) -> None:
        self.shard_id = initialize_input.shard_id
        self.write("started")

    def process_records(self, process_records_input: Any) -> None:
        numbers = [record.sequence_number for record in process_records_input.records]
        if numbers:
            self.write("records", sequence_numbers=numbers)
            process_records_input.checkpointer.checkpoint(numbers[-1])

    def lease_lost(self, lease_lost_input: Any) -> None:
        self.write("lost")

    def shard_ended(self, shard_ended_input: Any) -> None:
        self.write("ended")
        shard_ended_input.checkpointer.checkpoint()

    def shutdown_requested(self, shutdown_requested_input: Any) -> None:
        self.write("stopped")


if __name__ == "__main__":
    channel, sys.stdout = sys.stdout, sys.stderr  # What is printed there is read as the protocol.
    kcl.KCLProcess(Recorder(), output_file=channel).run()
