"""Handwritten digits: MNIST, or scikit-learn's smaller ones where it cannot be had."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleet.errors import ConfigError
from labs.dataset import Data, Dataset, PublicFile
from labs.evaluation.target import check_classes
from labs.lab_run import LabRun
from labs.sagemaker.idx import content, read_idx, write_idx

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"
FIRST_IMAGES = "train-images-first19690-idx3-ubyte.gz"
"""MNIST's training images up to there, as some keep them."""
CLASSES = 10
PUBLIC = "https://ossci-datasets.s3.amazonaws.com/mnist"
CONTENTS = {
    TEST_IMAGES: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    TEST_LABELS: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""SHA-256 of MNIST's test set without the compression, which others may have done anew."""
STAND_IN_TEST_SHARE = 0.3
STAND_IN_SPLIT = 42
"""Seed of the stand-in's split: always the same, so that runs can be compared."""


def stand_in(folder: Path, seed: int) -> None:
    """scikit-learn's digits as IDX files under MNIST's names: 1,797 real ones of 8 x 8 pixels in 17
    shades (Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI), 540 of them to test.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    train, test, train_labels, test_labels = train_test_split(
        digits.images.astype(np.uint8),
        digits.target.astype(np.uint8),
        test_size=STAND_IN_TEST_SHARE,
        random_state=STAND_IN_SPLIT,
        stratify=digits.target,
    )
    write_idx(folder / TRAIN_IMAGES, train)
    write_idx(folder / TRAIN_LABELS, train_labels)
    write_idx(folder / TEST_IMAGES, test)
    write_idx(folder / TEST_LABELS, test_labels)


MNIST = Dataset(
    name="mnist",
    names=(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS),
    generator="scikit-learn's 1,797 digits of 8 x 8 pixels (Alpaydin & Kaynak, UCI), not MNIST",
    generate=stand_in,
    is_stand_in=True,
    source=f"MNIST (LeCun, Cortes and Burges; CC BY-SA 3.0), {PUBLIC}",
    public={
        name: PublicFile(f"{PUBLIC}/{name}", f"md5:{checksum}")
        for name, checksum in (
            (TRAIN_IMAGES, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            (TRAIN_LABELS, "d53e105ee54ea40749a09fcbcd1e9432"),
            (TEST_IMAGES, "9fb629c4189551a2d022fa330f9573f3"),
            (TEST_LABELS, "ec29112dd5afa0611ce80d1b7f02629c"),
        )
    },
)


@dataclass(frozen=True)
class Digits:
    """`images` has the shape (digits, height, width), a pixel is the ink on it; `labels` are 0 to
    9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def features(self) -> NDArray[np.uint8]:
        """A digit a row, its pixels from left to right and from top to bottom."""
        return self.images.reshape(len(self), -1)

    def where(self, chosen: NDArray[np.bool_]) -> "Digits":
        return Digits(self.images[chosen], self.labels[chosen])

    def first(self, count: int) -> "Digits":
        return Digits(self.images[:count], self.labels[:count])


def obtain(run: LabRun) -> Data:
    """The files. Raises ConfigError."""
    is_cut = run.data is not None and (run.data / FIRST_IMAGES).is_file()
    names = (FIRST_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS) if is_cut else MNIST.names
    return run.obtain(replace(MNIST, names=names))


def read(data: Data) -> tuple[Digits, Digits]:
    """For training, and for the test. Raises ConfigError for files that are none of digits."""
    images = data.files.get(FIRST_IMAGES) or data.files[TRAIN_IMAGES]
    train = _read(images, data.files[TRAIN_LABELS], is_cut=FIRST_IMAGES in data.files)
    test = _read(data.files[TEST_IMAGES], data.files[TEST_LABELS])
    if train.images.shape[1:] != test.images.shape[1:]:
        raise ConfigError(
            f"training images are of {train.images.shape[1:]} pixels, test images of "
            f"{test.images.shape[1:]}"
        )
    check_classes(train.labels, "label", str(data.files[TRAIN_LABELS]))
    return train, test


def is_mnist(data: Data) -> bool:
    """Whether the test set is MNIST's own, by its content."""
    return all(
        sha256(content(data.files[name])).hexdigest() == checksum
        for name, checksum in CONTENTS.items()
    )


def _read(images_path: Path, labels_path: Path, *, is_cut: bool = False) -> Digits:
    images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
    if len(images) == 0:
        raise ConfigError(f"{images_path} holds no image")
    if is_cut:
        labels = labels[: len(images)]
    if len(images) != len(labels):
        raise ConfigError(
            f"{images_path} has {len(images):,} images, {labels_path} {len(labels):,} labels"
        )
    if labels.max() >= CLASSES:
        position = int(np.argmax(labels >= CLASSES))
        raise ConfigError(f"{labels_path}: label {position + 1} is {labels[position]}, not 0 to 9")
    return Digits(images, labels)
