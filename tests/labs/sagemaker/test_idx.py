"""IDX files: MNIST's own where they are, and what is no such file."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from fleet.errors import ConfigError
from labs.lab_run import LabRun
from labs.sagemaker import mnist
from labs.sagemaker.idx import read_idx, write_idx


def test_a_file_made_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "images"
    # Two images of one row and three pixels, as the format's page describes it.
    path.write_bytes(bytes.fromhex("00000803 00000002 00000001 00000003") + bytes(range(6)))
    assert read_idx(path, 3).tolist() == [[[0, 1, 2]], [[3, 4, 5]]]
    write_idx(tmp_path / "again", np.array([[[0, 1, 2]], [[3, 4, 5]]], np.uint8))
    assert gzip.decompress((tmp_path / "again").read_bytes()) == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends in its head, after 0 bytes"),
        (b"label,pixel\n" * 9, "not an IDX file of bytes in 3 dimensions: it starts with 6c616265"),
        (bytes.fromhex("00000803 00000002 00000001 00000003") + b"12345", "has 5 values; its head"),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "cannot be read"),
    ],
)
def test_what_is_no_file_of_images(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "images").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_idx(tmp_path / "images", 3)


def test_mnist_is_known_by_its_content(real_data: Path, tmp_path: Path) -> None:
    run = LabRun(tmp_path, lambda line: None, data=real_data / "mnist")
    data = mnist.obtain(run)
    assert mnist.is_mnist(data)
    train, test = mnist.read(data)
    assert train.images.shape == (19_690, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    # The counts of each digit in the test set, as published.
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(test.labels).tolist() == counts


def test_the_stand_in_says_what_it_is(tmp_path: Path) -> None:
    data = mnist.obtain(LabRun(tmp_path, lambda line: None, generated=True))
    assert not mnist.is_mnist(data)
    assert data.origin.sentence.startswith("OTHER DATA in the place of the real ones")
    train, test = mnist.read(data)
    assert (len(train), len(test)) == (1257, 540)


def test_labels_that_cannot_be(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    mnist.stand_in(folder, 0)
    run = LabRun(tmp_path, lambda line: None, data=folder)
    for labels, message in (
        ([1, 2, 3], "has 540 images, .* 3 labels"),
        ([11] * 540, "label 1 is 11, not 0 to 9"),
    ):
        write_idx(folder / mnist.TEST_LABELS, np.array(labels, np.uint8))
        with pytest.raises(ConfigError, match=message):
            mnist.read(mnist.obtain(run))
    mnist.stand_in(folder, 0)
    write_idx(folder / mnist.TRAIN_LABELS, np.full(1257, 4, np.uint8))
    with pytest.raises(ConfigError, match="the target 'label' holds only '4'"):
        mnist.read(mnist.obtain(run))
    (folder / mnist.TEST_IMAGES).unlink()
    with pytest.raises(ConfigError, match="has no t10k-images"):
        mnist.obtain(run)
