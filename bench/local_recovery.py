"""What `--data` costs: `python -P bench/local_recovery.py [RECORDS]`, a minute or two and 5 GB of
memory and disk for the ten million it takes unless told.

-P, because this folder has a file with the name of the package. Records of 190 bytes are put into
four shards in batches of 500, with a journal and without one, and are brought back by a process of
its own. CPU microseconds a record, user and system; the ratio holds on any machine, absolute
figures do not.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from local_kinesis.journal.directory import DataDirectory
from local_kinesis.journal.disk import DiskJournal, Floors
from local_kinesis.journal.recovery import recover
from local_kinesis.put import prepare
from local_kinesis.request import PutRecordsRequestEntry
from local_kinesis.store import Store

RECORDS = 10_000_000
BATCH = 500
MEMORY_MAX_BYTES = 64 << 30


def put(store: Store, records: int) -> float:
    """CPU microseconds a record."""
    stream = store.create(
        "bench",
        shard_count=4,
        mode="PROVISIONED",
        record_bytes_max=1 << 20,
        tags={},
        now_ms=time.time_ns() // 1_000_000,
    )
    entries = [
        PutRecordsRequestEntry(Data=b"u" * 190, PartitionKey=f"Unicorn-{number}")
        for number in range(BATCH)
    ]
    started_s = time.process_time()
    for _ in range(records // BATCH):
        now_ms = time.time_ns() // 1_000_000
        store.commit(stream, prepare(stream, entries, now_ms), now_ms)
    return (time.process_time() - started_s) / records * 1e6


def resident_mb() -> float:
    """What this process has in memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def bring_back(path: Path) -> None:
    """What the process of its own does."""
    started_s = time.monotonic()
    with DataDirectory.open(path) as directory:
        store = Store(region="us-east-1", memory_max_bytes=MEMORY_MAX_BYTES)
        recover(directory.kinesis, store, Floors(), time.time_ns() // 1_000_000)
        seconds = time.monotonic() - started_s
        print(f"{store.size().records} records back after {seconds:.1f} s, {resident_mb():.0f} MB")


def main() -> None:
    """Prints four lines."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    bare = put(Store(region="us-east-1", memory_max_bytes=MEMORY_MAX_BYTES), records // 10)
    print(f"without a journal {bare:.2f} µs a record")
    with tempfile.TemporaryDirectory() as folder:
        with DataDirectory.open(Path(folder)) as directory:
            journal = DiskJournal(directory.kinesis)
            store = Store(region="us-east-1", memory_max_bytes=MEMORY_MAX_BYTES, journal=journal)
            kept = put(store, records)
            print(f"with one          {kept:.2f} µs a record, {kept / bare:.2f} times as much")
            print(f"running, it takes {resident_mb():.0f} MB", flush=True)
            journal.close()
        del store, journal
        subprocess.run([sys.executable, "-P", __file__, "--bring-back", folder], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bring-back"]:
        bring_back(Path(sys.argv[2]))
    else:
        main()
