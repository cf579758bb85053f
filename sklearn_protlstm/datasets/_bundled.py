"""Reads the tables that are part of the package."""

import csv
import gzip
import hashlib
import io
from importlib import resources

import numpy as np

__all__ = ["bundled_file", "read_bundled_table"]


def bundled_file(name):
    """Return the path of a file in the folder ``data``."""
    return resources.files("sklearn_protlstm.datasets") / "data" / name


def read_bundled_table(file, sha256):
    """Return the columns of a compressed table by name, after a check of the whole file.

    Each column has shape (n_samples,). The homology groups in ``cluster`` are numbers from 0,
    all other columns hold strings as objects: a fixed-width dtype would pad each sequence to the
    longest one.
    """
    packed = file.read_bytes()
    _check_sha256(packed, file, sha256)
    with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8", newline="") as lines:
        names, *rows = csv.reader(lines, delimiter="\t")
    columns = dict(zip(names, np.array(list(zip(*rows)), dtype=object)))
    columns["cluster"] = np.unique(columns["cluster"], return_inverse=True)[1]
    return columns


def _check_sha256(packed, file, expected):
    found = hashlib.sha256(packed).hexdigest()
    if found != expected:
        raise OSError(
            f"{file} has changed since sklearn-protlstm was released: its SHA-256 is {found}, but "
            f"{expected} was expected. Reinstall the package to restore the file."
        )
