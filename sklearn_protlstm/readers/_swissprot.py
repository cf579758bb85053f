"""UniProt's text format, in which viral proteins list the hosts of their virus."""

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers._biopython import parse_records
from sklearn_protlstm.readers._files import check_has_text, open_lines
from sklearn_protlstm.readers._selection import Selection

__all__ = ["read_swissprot"]

_METADATA = ("entry_name", "organism", "hosts", "host_taxonomy_ids")
_LABELS = ("host", "host_taxonomy_id")


def read_swissprot(
    path,
    *,
    label="host",
    several_hosts="drop",
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
):
    """Read proteins and virus hosts from UniProt's text format, Swiss-Prot or TrEMBL.

    The hosts are those of the OH lines, which viral proteins have. A virus often has several.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, gzip or not, which is read record by record.
    label : {"host", "host_taxonomy_id"} or None, default="host"
        Whether the label is the host's name, such as "Homo sapiens (Human)", or its NCBI
        taxonomy number, which spells no name in two ways. None: there are no labels, and no
        protein is dropped for want of one.
    several_hosts : {"drop", "first"}, default="drop"
        What becomes of a protein whose virus has several hosts. "first" takes the first in the
        file; their order has no meaning.
    min_length : int, default=1
        Shorter proteins are dropped.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether proteins with anything but the 20 residues stay. The encoder reads B, J, O, U, X
        and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether a protein of the same residues and the same label as an earlier one stays.

    Returns
    -------
    SequenceTable
        An id is the primary accession. Metadata are entry_name, organism, hosts and
        host_taxonomy_ids, the last two joined by "; " and empty where there are none. Its
        ``report`` tells what was dropped: "no host", "several hosts" and what the parameters
        ask for.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    SequenceFileError
        If the file is no Swiss-Prot, breaks off, or has a record that cannot be read or is not
        as long as it says. It is a ValueError and names file, record and line.
    ValueError
        If a choice is none of those above.
    TypeError
        If an open file is not in text mode, or `min_length` is of a wrong type.

    Warns
    -----
    SequenceFileWarning
        Once, if Biopython has doubts about records that it can read.
    UserWarning
        Once, if ids occur more than once.

    See Also
    --------
    normalise_hosts : One name for "Homo sapiens (Human)" and "human".
    read_genbank : Hosts as GenBank's source features tell them.

    References
    ----------
    The UniProt Consortium. UniProt: the Universal Protein Knowledgebase in 2025. Nucleic Acids
    Research 53 (2025) D609-D617. :doi:`10.1093/nar/gkae1010`

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import read_swissprot
    >>> file = io.StringIO('''\\
    ... ID   SPIKE_MADEU             Reviewed;           7 AA.
    ... AC   X9X9X1;
    ... OS   Made-up virus.
    ... OX   NCBI_TaxID=1;
    ... OH   NCBI_TaxID=9606; Homo sapiens (Human).
    ... SQ   SEQUENCE   7 AA;  800 MW;  0000000000000000 CRC64;
    ...      MNTQAKG
    ... //
    ... ''')
    >>> read_swissprot(file).to_frame()[["id", "sequence", "label"]]
           id sequence                 label
    0  X9X9X1  MNTQAKG  Homo sapiens (Human)
    """
    if label is not None and label not in _LABELS:
        raise ValueError(f"label={label!r} is not known; choose one of {', '.join(_LABELS)}, None.")
    # Biopython loads every format that it knows, which takes a while.
    from Bio import SwissProt

    selection = Selection(
        # Either way it is the host that a record lacks or has several of.
        label and "host",
        several=several_hosts,
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
    )
    with open_lines(path) as lines:
        for number, record in parse_records(
            SwissProt.parse, lines, _lines_with_text(lines), "Swiss-Prot"
        ):
            _check_length(record, number, lines)
            hosts = dict.fromkeys(record.host_organism)
            numbers = dict.fromkeys(record.host_taxonomy_id)
            selection.add(
                record.accessions[0] if record.accessions else record.entry_name,
                record.sequence,
                tuple(numbers if label == "host_taxonomy_id" else hosts),
                entry_name=record.entry_name,
                organism=record.organism.rstrip("."),
                hosts="; ".join(hosts),
                host_taxonomy_ids="; ".join(numbers),
            )
    return selection.table(lines.name, _METADATA)


def _lines_with_text(lines):
    """Leave empty lines out, which Biopython does not take, and refuse other formats."""
    first = None
    for line in lines:
        if not line.strip():
            continue
        if first is None and not line.startswith("ID   "):
            raise SequenceFileError(
                f"{lines.name} is not a Swiss-Prot file: the first record must start with 'ID   ',"
                f" but the first line is {line[:40].rstrip()!r}. Is it another format, or a web "
                "page saved by mistake?",
                lines.name,
                record=0,
                line=lines.number,
            )
        first = first or line
        yield line
    check_has_text(first, lines)


def _check_length(record, number, lines):
    if len(record.sequence) != record.sequence_length:
        raise SequenceFileError(
            f"{lines.name}: record {number} ({record.entry_name!r}, counted from 0) has "
            f"{len(record.sequence)} residues, but its ID line says {record.sequence_length}. "
            "Lines were lost or changed: get the file again.",
            lines.name,
            number,
            lines.number,
        )
