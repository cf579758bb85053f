"""Proteins as a table of UniProt: its address, its columns and its hosts."""

import gzip
import hashlib
import io
import re
import zlib
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from sklearn_protlstm.datasets._download import TransferError, TransientError

# Query fields by column name. The length shows whether a sequence is complete.
_FIELDS = {
    "Entry": "accession",
    "Organism": "organism_name",
    "Virus hosts": "virus_hosts",
    "Length": "length",
    "Sequence": "sequence",
}

# "Homo sapiens (Human) [TaxID: 9606]; Sus scrofa (Pig) [TaxID: 9823]"
_HOST = re.compile(r"(.*?\S) \[TaxID: (\d+)\](?:; ?|$)")

# Far above any protein. It keeps a small compressed file from filling the memory.
_MAX_LINE_BYTES = 1 << 20

# UniProt ends a stream with this text if it fails halfway. The status is 200 all the same.
_STREAM_ERROR = "error encountered when streaming data"


class Protein(NamedTuple):
    """One row of the table. `hosts` holds (name, NCBI taxonomy identifier) pairs."""

    accession: str
    organism: str
    sequence: str
    hosts: tuple


@dataclass(frozen=True)
class Table:
    """All proteins of a query in UniProt's order. `sha256` is that of the uncompressed table."""

    proteins: list
    sha256: str
    release: str | None = None


def table_url(query, stream_url):
    """Return the address of the compressed table of a query."""
    fields = ",".join(_FIELDS.values())
    parameters = {"query": query, "format": "tsv", "fields": fields, "compressed": "true"}
    return f"{stream_url}?{urlencode(parameters)}"


def read_answer(body, headers):
    """Read an answer of UniProt, and check it against the headers."""
    table = read_table(body)
    total = headers.get("X-Total-Results", "")
    if total.isdecimal() and int(total) != len(table.proteins):
        raise TransientError(
            f"the table holds {len(table.proteins):,} proteins, but UniProt announced "
            f"{int(total):,}"
        )
    return replace(table, release=headers.get("X-UniProt-Release"))


def read_table(packed):
    """Read a gzip-compressed table. Raise TransferError if anything in it is unexpected."""
    if not packed.startswith(b"\x1f\x8b"):
        start = packed[:80].decode("utf-8", errors="replace")
        raise _unexpected(start, f"the answer is not gzip-compressed; it begins with {start!r}")
    digest = hashlib.sha256()
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            lines = iter(lambda: file.readline(_MAX_LINE_BYTES), b"")
            proteins = list(_read_proteins(lines, digest))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TransientError("the compressed table is incomplete or damaged") from error
    return Table(proteins, digest.hexdigest())


def _read_proteins(lines, digest):
    """Yield the proteins, and update `digest` with all lines."""
    accessions = set()
    _check_header(_decode(next(lines, b""), digest))
    for line in lines:
        line = _decode(line, digest)
        if not line:
            continue
        protein = _read_protein(line)
        if protein.accession in accessions:
            raise TransferError(f"the table holds protein {protein.accession} twice")
        accessions.add(protein.accession)
        yield protein


def _decode(line, digest):
    digest.update(line)
    try:
        return line.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise TransferError(f"byte {error.start} of the line {line[:80]!r} is not UTF-8") from error


def _check_header(line):
    if line.split("\t") != list(_FIELDS):
        raise _unexpected(
            line,
            f"the table begins with {line[:80]!r}, but the columns {', '.join(_FIELDS)} were "
            "expected",
        )


def _read_protein(line):
    values = line.split("\t")
    if len(values) != len(_FIELDS):
        raise _unexpected(
            line, f"the line {line[:80]!r} has {len(values)} columns instead of {len(_FIELDS)}"
        )
    accession, organism, hosts, length, sequence = values
    if not (accession.isalnum() and sequence.isascii() and sequence.isalpha()):
        raise _unexpected(line, f"the line {line[:80]!r} has no accession or no sequence")
    if length != str(len(sequence)):
        raise TransferError(
            f"protein {accession} has {len(sequence):,} residues, but its length is {length!r}"
        )
    return Protein(accession, organism, sequence, read_hosts(hosts, accession))


def _unexpected(text, message):
    """Return the error for text that does not belong to a table."""
    if _STREAM_ERROR in text.lower():
        return TransientError("UniProt broke off with 'Error encountered when streaming data'")
    return TransferError(message)


def read_hosts(text, accession):
    """Read the names and taxonomy identifiers of the hosts. No text may be left over."""
    hosts, end = [], 0
    while end < len(text):
        found = _HOST.match(text, end)
        if found is None:
            raise TransferError(
                f"the hosts of protein {accession} do not read 'name [TaxID: number]; ...': "
                f"{text[:200]!r}"
            )
        hosts.append((found[1], int(found[2])))
        end = found.end()
    return tuple(hosts)
