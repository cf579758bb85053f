"""GenBank and GenPept files: translations of coding sequences with the host of their source."""

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers._biopython import parse_records
from sklearn_protlstm.readers._files import check_has_text, open_lines
from sklearn_protlstm.readers._selection import Selection

__all__ = ["read_genbank"]

# Biopython takes nothing else for the start of a record and skips what it does not know.
_START, _END = "LOCUS       ", "//"
_METADATA = ("accession", "organism", "strain", "host", "product")


def read_genbank(
    path,
    *,
    label="host",
    several_hosts="drop",
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
):
    """Read the proteins of a GenBank or GenPept file, and the hosts of their sources.

    Each coding sequence (CDS) gives the protein in its ``/translation``; nothing is translated
    here. In a GenPept file each record is a protein. The label is what the ``source`` feature
    says; where a record has several sources, the ones that span the coding sequence count.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, gzip or not, which is read record by record.
    label : str or None, default="host"
        Qualifier of the source feature that is the label, such as "host", "strain" or
        "isolation_source". None: there are no labels, and no protein is dropped for want of one.
    several_hosts : {"drop", "first"}, default="drop"
        What becomes of a protein whose source names several different labels. "first" takes the
        first in the file, which need not be the most important one.
    min_length : int, default=1
        Shorter proteins are dropped. A stop ``*`` at the end is not counted.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether proteins with anything but the 20 residues stay. The encoder reads B, J, O, U, X
        and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether a protein of the same residues and the same label as an earlier one stays. Drop
        them unless their number means something.

    Returns
    -------
    SequenceTable
        An id is the ``/protein_id``, else the ``/locus_tag``, else the accession and the number
        of the coding sequence, counted from 0, as in ``U49845.1:cds2``. Metadata are accession,
        organism, strain, host (several joined by "; ") and product, empty where not given. Its
        ``report`` tells what was dropped: "no host", "several hosts", "no translation", "no CDS"
        and what the parameters ask for.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    SequenceFileError
        If the file is no GenBank, breaks off, or has a record that cannot be read. It is a
        ValueError and names file, record and line.
    ValueError
        If a choice is none of those above.
    TypeError
        If an open file is not in text mode, or `label` or `min_length` is of a wrong type.

    Warns
    -----
    SequenceFileWarning
        Once, if Biopython has doubts about records that it can read.
    UserWarning
        Once, if ids occur more than once.

    See Also
    --------
    normalise_hosts : One name for "Homo sapiens" and "human; male; age 23".
    read_swissprot : Hosts of UniProt's viral proteins.

    References
    ----------
    E. W. Sayers et al. GenBank 2024 update. Nucleic Acids Research 52 (2024) D134-D137.
    :doi:`10.1093/nar/gkad903`

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import read_genbank
    >>> file = io.StringIO('''\\
    ... LOCUS       MADEUP01                  12 bp    RNA     linear   VRL 01-JAN-2024
    ... ACCESSION   MADEUP01
    ... VERSION     MADEUP01.1
    ... FEATURES             Location/Qualifiers
    ...      source          1..12
    ...                      /organism="Example virus"
    ...                      /host="Sus scrofa"
    ...      CDS             1..12
    ...                      /protein_id="MDP001.1"
    ...                      /translation="MNT"
    ...      CDS             1..3
    ...                      /protein_id="MDP002.1"
    ... ORIGIN
    ...         1 atgaatacat aa
    ... //
    ... ''')
    >>> table = read_genbank(file)
    >>> table.to_frame()[["id", "sequence", "label", "organism"]]
             id sequence       label       organism
    0  MDP001.1      MNT  Sus scrofa  Example virus
    >>> print(table.report)
    the open file: 1 of 2 records kept, 1 dropped
      no translation: 1 (MDP002.1)
    """
    if label is not None and not isinstance(label, str):
        raise TypeError(
            "label must be the name of a qualifier of the source feature, such as 'host', or "
            f"None; got {label!r} of type {type(label).__name__}."
        )
    # Biopython loads every format that it knows, which takes a while.
    from Bio import SeqIO

    selection = Selection(
        label,
        several=several_hosts,
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
        without_sequence="no translation",
    )
    with open_lines(path) as lines:
        for _, record in parse_records(
            lambda file: SeqIO.parse(file, "genbank"), lines, _whole_records(lines), "GenBank"
        ):
            _add_proteins(selection, record)
    return selection.table(lines.name, _METADATA)


def _whole_records(lines):
    """Pass lines on, and refuse what Biopython would skip without a word.

    It looks for the next start of a record wherever it is, so that a damaged LOCUS line loses a
    record, and takes a file that breaks off for a whole one.
    """
    inside, n_records, first, last = False, 0, None, ""
    for line in lines:
        text = line.rstrip()
        if text:
            first, last = first or line, text
            if inside:
                inside = text != _END
            elif line.startswith(_START):
                inside, n_records = True, n_records + 1
            elif n_records or text == _END or text.startswith("LOCUS"):
                _refuse(
                    lines,
                    n_records,
                    f"line {lines.number} should start a record with {_START!r}, but it is "
                    f"{text[:40]!r}. Repair or remove what stands between the records.",
                )
        yield line
    check_has_text(first, lines)
    if not n_records:
        _refuse(
            lines,
            0,
            f"it is not a GenBank file: no line starts with 'LOCUS', and the first line is "
            f"{first[:40].rstrip()!r}. Is it another format, or a web page saved by mistake?",
        )
    if last != _END:
        _refuse(
            lines,
            n_records - 1,
            "the last record has no end: the line // is missing. Get the file again.",
        )


def _refuse(lines, record, reason):
    raise SequenceFileError(f"{lines.name}: {reason}", lines.name, record, lines.number)


def _add_proteins(selection, record):
    sources = [feature for feature in record.features if feature.type == "source"]
    if record.annotations.get("molecule_type") == "protein":
        product = next((f for f in record.features if f.type == "Protein"), None)
        sequence = str(record.seq) if record.seq.defined else ""
        _add_protein(selection, record, record.id, sequence, sources, product)
        return
    coding = [feature for feature in record.features if feature.type == "CDS"]
    if not coding:
        selection.drop(record.id, "no CDS")
    for number, feature in enumerate(coding):
        id_ = (
            _first(feature, "protein_id")
            or _first(feature, "locus_tag")
            or f"{record.id}:cds{number}"
        )
        translation = "".join(_first(feature, "translation").split())
        spanning = [source for source in sources if _spans(source, feature)]
        _add_protein(selection, record, id_, translation, spanning or sources, feature)


def _add_protein(selection, record, id_, sequence, sources, feature):
    selection.add(
        id_,
        sequence,
        () if selection.label is None else _all_values(sources, selection.label),
        accession=record.id,
        organism="; ".join(_all_values(sources, "organism"))
        or record.annotations.get("organism", ""),
        strain="; ".join(_all_values(sources, "strain")),
        host="; ".join(_all_values(sources, "host")),
        product="" if feature is None else _first(feature, "product"),
    )


def _first(feature, name):
    return feature.qualifiers.get(name, [""])[0]


def _all_values(features, name):
    """Different values of a qualifier, in the order of the file."""
    values = (value for feature in features for value in feature.qualifiers.get(name, ()))
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _spans(source, feature):
    # Biopython leaves out a location that it cannot read, with a warning.
    if source.location is None or feature.location is None:
        return False
    return (
        source.location.start <= feature.location.start
        and feature.location.end <= source.location.end
    )
