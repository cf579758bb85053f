"""Read FASTA files."""

import itertools
import re

from sklearn_protlstm.exceptions import EmptySequenceError, SequenceFileError
from sklearn_protlstm.readers._contents import warn_of_contents, warn_of_first_records
from sklearn_protlstm.readers._files import check_has_text, open_lines, wrong_format_error
from sklearn_protlstm.readers._selection import Selection
from sklearn_protlstm.readers._several_labels import check_label_separator, split_labels

__all__ = ["iter_fasta", "read_fasta"]

_BYTE_ORDER_MARK = "\ufeff"
# All white space; the last such character is U+3000.
_BEFORE_HEADER = _BYTE_ORDER_MARK + "".join(filter(str.isspace, map(chr, range(0x3001))))


def read_fasta(
    path,
    *,
    label=None,
    label_separator=None,
    hosts="only",
    unlabelled="error",
    min_length=1,
    ambiguous="keep",
    duplicates="keep",
    max_record_length=10_000_000,
):
    r"""Read protein sequences from a FASTA file, and their labels from the headers.

    The file is read record by record, so its text is never in memory as a whole. Sequences may be
    wrapped, and lines may end in any way. Gzip is recognised by the first bytes of the file.
    Sequences keep lower case, ``*`` and gaps, which the encoder handles. Only white space within
    them is removed.

    Parameters
    ----------
    path : str, path-like or open text file
        The file. An open file is read from its current position and stays open. A path is read as
        UTF-8, and a header that is not valid UTF-8 as Latin-1.
    label : None, str, re.Pattern or callable, default=None
        How to find the label in a header, which is the whole line without ``>``:

        - None: the table has no labels;
        - a regular expression, which is searched for in the header. The label is its only group
          or the group named ``label``, as in ``r"host=(\w+)"``;
        - a function that takes the header and returns the label as a str.

    label_separator : str or None, default=None
        Text between the labels of a header that has several. With ";", ``human;pig`` is two
        labels. White space around them is removed. If None, such a text is one label.
    hosts : {"only", "first", "all"}, default="only"
        Which labels to use of a record that has several. "only" drops the record, "first" uses the
        first label. "all" uses all of them, for a multi-label classifier: each label of the table
        is then a tuple. "first" and "all" need `label_separator`.
    unlabelled : {"error", "drop"}, default="error"
        What to do with a record without a label. The default is an error because a missing label
        usually means a wrong pattern.
    min_length : int, default=1
        Drop sequences with fewer residues. A stop ``*`` at the end does not count.
    ambiguous : {"keep", "drop"}, default="keep"
        Whether to keep sequences with symbols other than the 20 standard residues. The encoder
        treats B, J, O, U, X and Z as unknown.
    duplicates : {"keep", "drop"}, default="keep"
        Whether to keep a sequence if an earlier one has the same residues and the same label.
    max_record_length : int, default=10_000_000
        Largest number of characters of a record, with its header and line ends. It bounds the
        memory that a damaged file can take. The longest known proteins have about 45,000
        residues. Raise it for sequences that really are longer.

    Returns
    -------
    SequenceTable
        The id is the header up to the first white space. The rest of the header is
        ``metadata["description"]``. Its ``report`` counts the dropped records. With
        ``hosts="all"``, it also counts what the other values of `hosts` keep.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    SequenceFileError
        If the file is empty or not FASTA, a record has no label or is longer than
        `max_record_length`, a line has a NUL character, or a gzip file is damaged. It is a
        ValueError.
    ValueError
        If the regular expression is invalid or does not have such a group, or if
        `label_separator`, `hosts`, `unlabelled`, `ambiguous`, `duplicates` or `max_record_length`
        is invalid.
    EmptySequenceError
        If a record has a header but no residues, which usually means a broken file. It is a
        ValueError. Its ``record`` counts from 0, like the record numbers in all messages.
    TypeError
        If an open file is not in text mode, or `label`, `min_length` or `max_record_length` has
        the wrong type.

    Warns
    -----
    UserWarning
        If ids repeat. One warning covers the whole file. All records are kept. Drop the copies
        before cross-validation, which would put them on both sides of a split.
    DataQualityWarning
        If at least 1% of the sequences look like DNA or RNA or repeat one letter, or if at least
        90% of the labels (of 10 or more) occur once, as identifiers do.

    See Also
    --------
    SequenceTable : The returned object.
    iter_fasta : Read the records one by one.
    write_fasta : Write such a file.
    sklearn_protlstm.datasets.load_virus_hosts : Labelled proteins that need no file.

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

    Use a function where a pattern is not enough:

    >>> where = file.seek(0)
    >>> read_fasta(file, label=lambda header: "pet" if "dog" in header else "owner").labels
    array(['owner', 'pet'], dtype='<U5')

    Read several hosts of one protein:

    >>> file = io.StringIO(">p1 host=human;pig\nMNTQ\n>p2 host=dog\nAKGD\n")
    >>> table = read_fasta(file, label=r"host=(\S+)", label_separator=";", hosts="all")
    >>> table.labels.tolist()
    [('human', 'pig'), ('dog',)]
    """
    find_label = _make_label_finder(label, label_separator)
    if unlabelled not in ("error", "drop"):
        raise ValueError(f"unlabelled must be 'error' or 'drop'; got {unlabelled!r}.")
    selection = Selection(
        None if label is None else "label",
        hosts=hosts,
        min_length=min_length,
        ambiguous=ambiguous,
        duplicates=duplicates,
    )
    check_label_separator(label_separator, hosts)
    with open_lines(path, max_record_length, _is_header) as lines:
        for record, (header, sequence) in enumerate(_parse_records(lines)):
            id_, description = _split_header(header)
            labels = ()
            if find_label is not None:
                location = _location(lines, record, id_)
                found = _find_label(find_label, header, location)
                labels = split_labels(found, label_separator)
                if not labels and unlabelled == "error":
                    raise _no_label_error(found, header, location, lines, record)
            selection.add(id_, sequence, labels, description=description)
    table = selection.table(lines.name, ["description"])
    warn_of_contents(table, lines.name, label_separator)
    return table


def iter_fasta(path, *, max_record_length=10_000_000):
    """Read the records of a FASTA file one by one.

    Use it for files larger than memory, or if you do not need a table.

    Parameters
    ----------
    path : str, path-like or open text file
        The file, as for `read_fasta`.
    max_record_length : int, default=10_000_000
        Largest number of characters of a record, as for `read_fasta`.

    Yields
    ------
    id_ : str
        The header up to the first white space.

    description : str
        The rest of the header.

    sequence : str
        The residues, in upper and lower case as in the file.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    SequenceFileError
        If the file is empty or not FASTA, a record is longer than `max_record_length`, a line has
        a NUL character, or a gzip file is damaged.
    ValueError
        If `max_record_length` is less than 1.
    EmptySequenceError
        If a record has a header but no residues.
    TypeError
        If an open file is not in text mode, or `max_record_length` is not an int.

    See Also
    --------
    read_fasta : Read all records into a table, with labels.

    Examples
    --------
    >>> import io
    >>> from sklearn_protlstm.readers import iter_fasta
    >>> for id_, description, sequence in iter_fasta(io.StringIO(">p1 spike\\nMNTQ\\nAK\\n")):
    ...     print(id_, description, sequence)
    p1 spike MNTQAK
    """
    with open_lines(path, max_record_length, _is_header) as lines:
        for header, sequence in warn_of_first_records(_parse_records(lines), lines):
            yield (*_split_header(header), sequence)


def _is_header(line):
    return line.startswith(">") or (">" in line and line.lstrip(_BEFORE_HEADER).startswith(">"))


def _parse_records(lines):
    """Yield the header and the residues of each record."""
    # Imported here because Biopython loads all its formats, which is slow.
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    for record, (header, sequence) in enumerate(SimpleFastaParser(_check_lines(lines))):
        # Biopython removes only spaces.
        sequence = "".join(sequence.split())
        if sequence in ("", "*"):
            raise EmptySequenceError(
                f"{_location(lines, record, _split_header(header)[0])} has a header but no "
                "residues. Remove it from the file, or download the file again if it breaks off.",
                record,
            )
        yield header, sequence


def _check_lines(lines):
    """Yield the lines from the first one with text, which must be a header.

    In files that were joined, a byte order mark or a space can stand before a later header.
    Biopython would read such a header as residues of the record before.
    """
    first_line = next((line for line in lines if line.strip(_BEFORE_HEADER)), None)
    check_has_text(first_line, lines)
    if not first_line.lstrip(_BEFORE_HEADER).startswith(">"):
        reason = "the first record must start with '>', but the first line is"
        raise wrong_format_error(lines, "FASTA", reason, first_line)
    for line in itertools.chain([first_line], lines):
        if ">" in line or _BYTE_ORDER_MARK in line:
            line = line.lstrip(_BEFORE_HEADER)
            if not line:
                continue
            if ">" in line and not line.startswith(">"):
                raise SequenceFileError(
                    f"{lines.name}: line {lines.number} has a '>' inside: {line[:40].rstrip()!r}. "
                    "A header must start on a line of its own. Put a line break before it, or "
                    "remove the '>'.",
                    lines.name,
                    line=lines.number,
                )
        yield line


def _split_header(header):
    """Return the id and the description."""
    return [*header.split(maxsplit=1), "", ""][:2]


def _location(lines, record, id_):
    return f"{lines.name}: record {record} ({_shorten(id_)!r}, counted from 0)"


def _shorten(text):
    return text if len(text) <= 200 else f"{text[:200]}..."


def _make_label_finder(label, separator):
    """Turn the parameter `label` into a function of the header, or None.

    A pattern that stops at a separator would lose all labels but the first.
    """
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
        raise ValueError(f"label={label!r} is not a valid regular expression: {error}.") from error
    group = "label" if "label" in pattern.groupindex else 1
    if group == 1 and pattern.groups != 1:
        raise ValueError(
            f"label={pattern.pattern!r} has {pattern.groups} groups, but exactly one group must "
            r"mark the label. Put one group around it, as in r'host=(\w+)', or name the group: "
            "(?P<label>...)."
        )

    def find_label(header):
        match = pattern.search(header)
        if match and separator and header[match.end(group) :].lstrip().startswith(separator):
            raise ValueError(
                f"label={pattern.pattern!r} finds {match[group]!r} and stops at the separator "
                f"{separator!r}, so it would lose the labels behind it. Use a pattern that finds "
                r"all of them, such as r'host=(\S+)'."
            )
        return match and match[group]

    return find_label


def _find_label(find_label, header, location):
    """Call `find_label`, and say in which record it failed if it does."""
    try:
        label = find_label(header)
    except Exception as error:
        error.add_note(f"while looking for the label in {_shorten(header)!r} of {location}")
        raise
    if label is not None and not isinstance(label, str):
        raise TypeError(
            f"{location}: label must return a str, or None if there is no label; it returned "
            f"{label!r} of type {type(label).__name__} for the header {_shorten(header)!r}."
        )
    return label


def _no_label_error(found, header, location, lines, record):
    return SequenceFileError(
        f"{location} has no label: label= gave {found!r} for the header {_shorten(header)!r}. "
        "Use a pattern or function that fits every header, or drop such records with "
        "unlabelled='drop'.",
        lines.name,
        record,
    )
