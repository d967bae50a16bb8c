"""One run of a lab: what it may read, where it writes, and whom it tells."""

from dataclasses import dataclass
from pathlib import Path

from labs.dataset import Data, Dataset, Say


@dataclass(frozen=True)
class LabRun:
    """`out` is there; whatever the lab leaves behind goes into it."""

    out: Path
    say: Say
    data: Path | None = None
    generated: bool = False
    seed: int = 0

    def obtain(self, dataset: Dataset) -> Data:
        """The dataset's files. Raises ConfigError."""
        return dataset.obtain(
            data=self.data,
            generated=self.generated,
            folder=self.out / "data",
            seed=self.seed,
            say=self.say,
        )
