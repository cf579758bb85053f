"""Read UniProt's text format."""

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers._biopython import parse_records
from sklearn_protlstm.readers._contents import warn_of_contents
from sklearn_protlstm.readers._files import check_has_text, open_lines, wrong_format_error
from sklearn_protlstm.readers._selection import Selection

__all__ = ["read_swissprot"]

_METADATA = ("entry_name", "organism", "hosts", "host_taxonomy_ids")


def read_swissprot(
    path,
    *,
    label="host",
    hosts="only",
    several_hosts=None,
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
    max_record_length=10_000_000,
):
    """Read proteins and their hosts from UniProt's text format (Swiss-Prot and TrEMBL).

    The hosts come from the OH lines, which viral proteins have. A virus often has several hosts.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, plain or gzip. It is read record by record.
    label : {"host", "host_taxonomy_id"} or None, default="host"
        Whether the label is the name of the host, such as "Homo sapiens (Human)", or its NCBI
        taxonomy id, which does not depend on spelling. If None, the table has no labels, and
        proteins without a host are kept.
    hosts : {"only", "first", "all"}, default="only"
        Which hosts to use of a protein whose virus has several. "only" drops the protein. "first"
        uses the first host in the file; their order has no meaning. "all" uses all of them, for a
        multi-label classifier: each label of the table is then a tuple.
    several_hosts : {"drop", "first"} or None, default=None
        Former name of `hosts`; "drop" is its "only".
    min_length : int, default=1
        Drop proteins with fewer residues. A stop ``*`` at the end does not count.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether to keep proteins with symbols other than the 20 standard residues. The encoder
        treats B, J, O, U, X and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether to keep a protein if an earlier one has the same residues and the same label.
    max_record_length : int, default=10_000_000
        Largest number of characters of a record, with its annotations. It bounds the memory that a
        damaged file can take. Raise it for records that really are longer.

    Returns
    -------
    SequenceTable
        The id is the primary accession. The metadata are entry_name, organism, hosts and
        host_taxonomy_ids. Several hosts or taxonomy ids are joined by "; ". Its ``report`` counts
        the dropped proteins: "no host", "several hosts" and those that the parameters exclude.
        With ``hosts="all"``, it also counts what the other values of `hosts` keep.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    SequenceFileError
        If the file is not Swiss-Prot, breaks off, or has a record that is invalid, not as long as
        its ID line says or longer than `max_record_length`, a NUL character, or damaged gzip
        data. It is a ValueError, and names the file, the record and the line.
    ValueError
        If `label`, `hosts`, `several_hosts`, `ambiguous`, `duplicates` or `max_record_length` is
        invalid.
    TypeError
        If an open file is not in text mode, or `min_length` or `max_record_length` is not an int.

    Warns
    -----
    SequenceFileWarning
        If Biopython warns about records. One warning covers the whole file.
    UserWarning
        If ids repeat. One warning covers the whole file.

    See Also
    --------
    normalise_hosts : Give "Homo sapiens (Human)" and "human" one name.
    read_genbank : Read the hosts from the source features of GenBank.

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
    if label not in ("host", "host_taxonomy_id", None):
        raise ValueError(f"label must be 'host', 'host_taxonomy_id' or None; got {label!r}.")
    # Imported here because Biopython loads all its formats, which is slow.
    from Bio import SwissProt

    selection = Selection(
        # The report says "no host" and "several hosts" for both kinds of label.
        label and "host",
        hosts=hosts,
        several_hosts=several_hosts,
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
    )
    with open_lines(path, max_record_length, _starts_record) as lines:
        for number, record in parse_records(
            SwissProt.parse, lines, _check_first_line(lines), "Swiss-Prot"
        ):
            _check_length(record, number, lines)
            names = dict.fromkeys(record.host_organism)
            taxonomy_ids = dict.fromkeys(record.host_taxonomy_id)
            selection.add(
                record.accessions[0] if record.accessions else record.entry_name,
                record.sequence,
                tuple(taxonomy_ids if label == "host_taxonomy_id" else names),
                entry_name=record.entry_name,
                organism=record.organism.rstrip("."),
                hosts="; ".join(names),
                host_taxonomy_ids="; ".join(taxonomy_ids),
            )
    table = selection.table(lines.name, _METADATA)
    warn_of_contents(table, lines.name)
    return table


def _starts_record(line):
    return line.startswith("ID   ")


def _check_first_line(lines):
    """Yield the lines with text, the first of which must start a record.

    Blank lines are left out because Biopython does not accept them.
    """
    first_line = None
    for line in lines:
        if not line.strip():
            continue
        if first_line is None and not _starts_record(line):
            reason = "the first record must start with 'ID   ', but the first line is"
            raise wrong_format_error(lines, "Swiss-Prot", reason, line)
        first_line = first_line or line
        yield line
    check_has_text(first_line, lines)


def _check_length(record, number, lines):
    if len(record.sequence) != record.sequence_length:
        raise SequenceFileError(
            f"{lines.name}: record {number} ({record.entry_name!r}, counted from 0) has "
            f"{len(record.sequence)} residues, but its ID line says {record.sequence_length}. "
            "Lines are missing or changed. Download the file again.",
            lines.name,
            number,
            lines.number,
        )
