"""FASTA: records of a header and residues."""

import itertools
import re

from sklearn_protlstm.exceptions import EmptySequenceError, SequenceFileError
from sklearn_protlstm.readers._files import check_has_text, open_lines
from sklearn_protlstm.readers._selection import Selection

__all__ = ["iter_fasta", "read_fasta"]


def read_fasta(
    path,
    *,
    label=None,
    unlabelled="error",
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
):
    r"""Read protein sequences, and labels out of their headers, from a FASTA file.

    The file is read record by record; its text is never in memory as a whole. Wrapped lines, any
    line ending and gzip are understood, and gzip is recognised by the first bytes, whatever the
    name. Sequences are kept as they are, lower case, ``*`` and gaps included, for the encoder to
    judge; only spaces within them go.

    Parameters
    ----------
    path : str, path-like or open text file
        The file. One that is open already is read from where it stands and left open. Files
        opened here are read as UTF-8; a header that is not UTF-8 is read as Latin-1.
    label : None, str, re.Pattern or callable, default=None
        Where a record's label is found in its header, the whole line without ``>``:

        - None: there are no labels;
        - a regular expression, searched for in the header, whose only group, or the one named
          ``label``, is the label, such as ``r"host=(\w+)"``;
        - a function of the header that returns the label as a str.

    unlabelled : {"error", "drop"}, default="error"
        What becomes of a record in whose header `label` finds none. An error by default: more
        often than the record, the pattern is wrong.
    min_length : int, default=1
        Shorter sequences are dropped. A stop ``*`` at the end is not counted.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether sequences with anything but the 20 residues stay. The encoder reads B, J, O, U, X
        and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether a sequence of the same residues and the same label as an earlier one stays.

    Returns
    -------
    SequenceTable
        An id is the header up to the first white space. The rest of the header is
        ``metadata["description"]``. Its ``report`` tells what was dropped.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    SequenceFileError
        If the file is empty or no FASTA, if a record has no label, or if a gzip file is cut
        short or damaged. It is a ValueError.
    ValueError
        If a regular expression is wrong or has no such group, or a choice is none of the above.
    EmptySequenceError
        If a record has a header but no residue: more often a broken file than a wish. It is a
        ValueError. Its ``record``, like the record numbers in all messages, counts from 0.
    TypeError
        If an open file is not in text mode, or `label` or `min_length` is none of the above.

    Warns
    -----
    UserWarning
        Once, if ids occur more than once. All records are kept; drop the copies before
        cross-validation, which would put them on both sides.

    See Also
    --------
    SequenceTable : What is returned.
    iter_fasta : One record after the other.
    write_fasta : The way back.
    sklearn_protlstm.datasets.load_virus_hosts : Proteins with labels, without a file.

    References
    ----------
    W. R. Pearson and D. J. Lipman. Improved tools for biological sequence comparison. PNAS 85
    (1988) 2444-2448. :doi:`10.1073/pnas.85.8.2444`

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import read_fasta
    >>> file = io.StringIO('''>p1 spike host=human
    ... MNTQILVFIACVLIE
    ... AKGDKICL
    ... >p2 spike host=dog
    ... MNTQAKGDKICLILVFIACVLIE
    ... ''')
    >>> table = read_fasta(file, label=r"host=(\w+)")
    >>> table
    SequenceTable(2 records, length 23 to 23, 2 classes)
    >>> table.ids
    ['p1', 'p2']
    >>> table.to_frame()
       id                 sequence  label       description
    0  p1  MNTQILVFIACVLIEAKGDKICL  human  spike host=human
    1  p2  MNTQAKGDKICLILVFIACVLIE    dog    spike host=dog

    A function reads what a pattern cannot:

    >>> where = file.seek(0)
    >>> read_fasta(file, label=lambda header: "pet" if "dog" in header else "owner").labels
    array(['owner', 'pet'], dtype='<U5')
    """
    find_label = _label_finder(label)
    if unlabelled not in ("error", "drop"):
        raise ValueError(f"unlabelled={unlabelled!r} is not known; choose one of error, drop.")
    selection = Selection(
        None if label is None else "label",
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
    )
    with open_lines(path) as lines:
        for record, (header, sequence) in enumerate(_records(lines)):
            id_, description = _split_header(header)
            labels = ()
            if find_label is not None:
                place = _place(lines, record, id_)
                found = _found_label(find_label, header, place)
                if not found and unlabelled == "error":
                    _refuse_unlabelled(found, header, place, lines, record)
                labels = (found,) if found else ()
            selection.add(id_, sequence, labels, description=description)
    return selection.table(lines.name, ["description"])


def iter_fasta(path):
    """Give the records of a FASTA file one after the other.

    For files that are larger than memory, and for work that needs no table.

    Parameters
    ----------
    path : str, path-like or open text file
        As for `read_fasta`, which says how lines are read.

    Yields
    ------
    id_ : str
        The header up to the first white space.

    description : str
        The rest of the header.

    sequence : str
        Residues, letters as they came.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    SequenceFileError
        If the file is empty or no FASTA, or if a gzip file is cut short or damaged.
    EmptySequenceError
        If a record has a header but no residue.
    TypeError
        If an open file is not in text mode.

    See Also
    --------
    read_fasta : All records as a table, with labels.

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import iter_fasta
    >>> for id_, description, sequence in iter_fasta(io.StringIO(">p1 spike\\nMNTQ\\nAK\\n")):
    ...     print(id_, description, sequence)
    p1 spike MNTQAK
    """
    with open_lines(path) as lines:
        for header, sequence in _records(lines):
            yield (*_split_header(header), sequence)


def _records(lines):
    """Headers and residues, none of which is empty."""
    # Biopython loads every format that it knows, which takes a while.
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    for record, (header, sequence) in enumerate(SimpleFastaParser(_from_first_header(lines))):
        if sequence in ("", "*"):
            raise EmptySequenceError(
                f"{_place(lines, record, _split_header(header)[0])} has a header but no residues. "
                "Remove it from the file, or complete it if the download broke off.",
                record,
            )
        yield header, sequence


def _split_header(header):
    """Id and description."""
    return [*header.split(maxsplit=1), "", ""][:2]


def _place(lines, record, id_):
    return f"{lines.name}: record {record} ({id_!r}, counted from 0)"


def _from_first_header(lines):
    """Pass the lines of a file on, once the first one with text has proved to be a header."""
    first = next((line for line in lines if line.strip()), None)
    check_has_text(first, lines)
    if not first.startswith(">"):
        raise SequenceFileError(
            f"{lines.name} is not a FASTA file: the first record must start with '>', but the "
            f"first line is {first[:40].rstrip()!r}. Is it another format, or a web page saved by "
            "mistake?",
            lines.name,
            record=0,
            line=lines.number,
        )
    yield from itertools.chain([first], lines)


def _label_finder(label):
    """Turn what the user gave as `label` into a function of the header, or None."""
    if label is None or callable(label):
        return label
    if not isinstance(label, str | re.Pattern):
        raise TypeError(
            "label must be None, a regular expression or a function of the header; got "
            f"{label!r} of type {type(label).__name__}."
        )
    try:
        pattern = re.compile(label)
    except re.error as error:
        raise ValueError(f"label={label!r} is not a regular expression: {error}.") from error
    group = "label" if "label" in pattern.groupindex else 1
    if group == 1 and pattern.groups != 1:
        raise ValueError(
            f"label={pattern.pattern!r} has {pattern.groups} groups, so which part of the match "
            r"is the label is not clear. Put one group around it, such as r'host=(\w+)', or "
            "name the group: (?P<label>...)."
        )

    def find_label(header):
        match = pattern.search(header)
        return match and match[group]

    return find_label


def _found_label(find_label, header, place):
    try:
        label = find_label(header)
    except Exception as error:
        error.add_note(f"while looking for the label in {header!r} of {place}")
        raise
    if label is not None and not isinstance(label, str):
        raise TypeError(
            f"{place}: a str was wanted as label, or None if there is none, but label= gave "
            f"{label!r} of type {type(label).__name__} for the header {header!r}."
        )
    return label


def _refuse_unlabelled(found, header, place, lines, record):
    raise SequenceFileError(
        f"{place} has no label: label= gave {found!r} for the header {header!r}. Give a pattern "
        "or function that fits every header, or drop such records with unlabelled='drop'.",
        lines.name,
        record,
    )
