"""The downloaded table of a query on disk, with a record of its origin and checksum.

The record is written last. A table without a record is therefore incomplete, and is ignored.
"""

import json
import warnings
from dataclasses import replace

from sklearn_protlstm._atomic_write import atomic_write, remove_drafts
from sklearn_protlstm.datasets._download import TransferError
from sklearn_protlstm.datasets._uniprot_table import read_table
from sklearn_protlstm.exceptions import AlteredCacheWarning

TABLE_NAME = "proteins.tsv.gz"
RECORD_NAME = "record.json"


def write_cache(folder, url, packed, table):
    """Store a compressed table as downloaded from `url`, then its record."""
    record = {"url": url, "release": table.release, "sha256": table.sha256}
    contents = {TABLE_NAME: packed, RECORD_NAME: json.dumps(record, indent=2).encode("ascii")}
    for name, content in contents.items():
        remove_drafts(folder / name)
        with atomic_write(folder / name) as file:
            file.write(content)


def read_cache(folder, url):
    """Return the stored table, or None if it is missing, incomplete, altered or of another URL.

    Warn with an AlteredCacheWarning if it is altered.
    """
    try:
        content = (folder / RECORD_NAME).read_bytes()
        packed = (folder / TABLE_NAME).read_bytes()
    except FileNotFoundError:
        return None
    record = _read_record(content)
    if record is None:
        return _warn_altered(folder / RECORD_NAME, "It is not a record of a download.")
    if record["url"] != url:
        return None
    try:
        table = read_table(packed)
    except TransferError as error:
        return _warn_altered(folder / TABLE_NAME, f"Reading it fails: {error}.")
    if table.sha256 != record["sha256"]:
        return _warn_altered(
            folder / TABLE_NAME,
            f"Its SHA-256 is {table.sha256}, but {RECORD_NAME} says {record['sha256']}.",
        )
    return replace(table, release=record["release"])


def _read_record(content):
    try:
        record = json.loads(content)
    except ValueError:
        return None
    is_record = isinstance(record, dict) and record.keys() >= {"url", "release", "sha256"}
    return record if is_record else None


def _warn_altered(path, reason):
    message = (
        f"{path} has changed since it was downloaded. {reason} The file is ignored, and downloaded "
        "again unless download_if_missing=False."
    )
    # Point to the caller of fetch_uniprot_hosts.
    warnings.warn(AlteredCacheWarning(message, str(path)), stacklevel=4)
