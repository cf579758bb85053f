"""Read GenBank and GenPept files."""

from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers._biopython import parse_records
from sklearn_protlstm.readers._contents import warn_of_contents
from sklearn_protlstm.readers._files import check_has_text, open_lines, wrong_format_error
from sklearn_protlstm.readers._selection import Selection

__all__ = ["read_genbank"]

# Biopython recognises the start of a record by exactly this text.
_START, _END = "LOCUS       ", "//"
_METADATA = ("accession", "organism", "strain", "host", "product")


def read_genbank(
    path,
    *,
    label="host",
    hosts="only",
    several_hosts=None,
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
    max_record_length=100_000_000,
):
    """Read proteins and their hosts from a GenBank or GenPept file.

    Each coding sequence (CDS) gives the protein in its ``/translation``. The reader does not
    translate. In a GenPept file, each record is a protein. The label comes from the ``source``
    feature. If a record has several sources, those that span the coding sequence count.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, plain or gzip. It is read record by record.
    label : str or None, default="host"
        Qualifier of the source feature to use as label, such as "host", "strain" or
        "isolation_source". If None, the table has no labels, and proteins without a host are
        kept.
    hosts : {"only", "first", "all"}, default="only"
        Which labels to use of a protein whose source has several different ones. "only" drops the
        protein. "first" uses the first label in the file, which is not necessarily the most
        important. "all" uses all of them, for a multi-label classifier: each label of the table is
        then a tuple.
    several_hosts : {"drop", "first"} or None, default=None
        Former name of `hosts`; "drop" is its "only".
    min_length : int, default=1
        Drop proteins with fewer residues. A stop ``*`` at the end does not count.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether to keep proteins with symbols other than the 20 standard residues. The encoder
        treats B, J, O, U, X and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether to keep a protein if an earlier one has the same residues and the same label. Drop
        duplicates unless their number is meaningful.
    max_record_length : int, default=100_000_000
        Largest number of characters of a record, with its annotations and nucleotides. It bounds
        the memory that a damaged file can take. A bacterial genome of 10 million bases needs
        about 25 million characters. Raise it for chromosomes of animals and plants.

    Returns
    -------
    SequenceTable
        The id is the ``/protein_id``, or else the ``/locus_tag``, or else the accession with the
        number of the coding sequence, counted from 0, as in ``U49845.1:cds2``. The metadata are
        accession, organism, strain, host (several are joined by "; ") and product. They are empty
        where the file has none. Its ``report`` counts the dropped proteins: "no host", "several
        hosts", "no translation", "no CDS" and those that the parameters exclude. With
        ``hosts="all"``, it also counts what the other values of `hosts` keep.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    SequenceFileError
        If the file is not GenBank, breaks off, or has a record that is invalid or longer than
        `max_record_length`, a NUL character, or damaged gzip data. It is a ValueError, and names
        the file, the record and the line.
    ValueError
        If `hosts`, `several_hosts`, `ambiguous`, `duplicates` or `max_record_length` is invalid.
    TypeError
        If an open file is not in text mode, or `label`, `min_length` or `max_record_length` has
        the wrong type.

    Warns
    -----
    SequenceFileWarning
        If Biopython warns about records. One warning covers the whole file.
    UserWarning
        If ids repeat. One warning covers the whole file.

    See Also
    --------
    normalise_hosts : Give "Homo sapiens" and "human; male; age 23" one name.
    read_swissprot : Read the hosts of UniProt's viral proteins.

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
    # Imported here because Biopython loads all its formats, which is slow.
    from Bio import SeqIO

    selection = Selection(
        label,
        hosts=hosts,
        several_hosts=several_hosts,
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
        without_sequence="no translation",
    )
    with open_lines(path, max_record_length, _starts_record) as lines:
        for _, record in parse_records(
            lambda file: SeqIO.parse(file, "genbank"), lines, _check_boundaries(lines), "GenBank"
        ):
            _add_proteins(selection, record)
    table = selection.table(lines.name, _METADATA)
    warn_of_contents(table, lines.name)
    return table


def _starts_record(line):
    return line.startswith(_START)


def _check_boundaries(lines):
    """Yield the lines, and raise an error where Biopython would silently lose a record.

    Biopython skips everything up to the next LOCUS line, so a damaged LOCUS line loses its
    record. It also accepts a file that breaks off within a record.
    """
    in_record, n_records, first_line, last_text = False, 0, None, ""
    for line in lines:
        text = line.rstrip()
        if text:
            first_line, last_text = first_line or line, text
            if in_record:
                in_record = text != _END
            elif _starts_record(line):
                in_record, n_records = True, n_records + 1
            # A preamble before the first record, as in GenBank releases, is fine.
            elif n_records or text == _END or text.startswith("LOCUS"):
                raise SequenceFileError(
                    f"{lines.name}: line {lines.number} should start a record with {_START!r}, "
                    f"but it is {text[:40]!r}. Repair or remove the text between the records.",
                    lines.name,
                    n_records,
                    lines.number,
                )
        yield line
    check_has_text(first_line, lines)
    if not n_records:
        reason = "no line starts with 'LOCUS', and the first line is"
        raise wrong_format_error(lines, "GenBank", reason, first_line)
    if last_text != _END:
        raise SequenceFileError(
            f"{lines.name}: the last record breaks off: the line // at its end is missing. "
            "Download the file again.",
            lines.name,
            n_records - 1,
            lines.number,
        )


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
            _first_value(feature, "protein_id")
            or _first_value(feature, "locus_tag")
            or f"{record.id}:cds{number}"
        )
        translation = "".join(_first_value(feature, "translation").split())
        spanning = [source for source in sources if _spans(source, feature)]
        _add_protein(selection, record, id_, translation, spanning or sources, feature)


def _add_protein(selection, record, id_, sequence, sources, feature):
    selection.add(
        id_,
        sequence,
        () if selection.label is None else _unique_values(sources, selection.label),
        accession=record.id,
        organism="; ".join(_unique_values(sources, "organism"))
        or record.annotations.get("organism", ""),
        strain="; ".join(_unique_values(sources, "strain")),
        host="; ".join(_unique_values(sources, "host")),
        product="" if feature is None else _first_value(feature, "product"),
    )


def _first_value(feature, qualifier):
    return feature.qualifiers.get(qualifier, [""])[0]


def _unique_values(features, qualifier):
    """Return the different values of a qualifier, in the order of the file."""
    values = (value for feature in features for value in feature.qualifiers.get(qualifier, ()))
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _spans(source, feature):
    # Biopython warns about a location that it cannot parse, and sets it to None.
    if source.location is None or feature.location is None:
        return False
    return (
        source.location.start <= feature.location.start
        and feature.location.end <= source.location.end
    )
