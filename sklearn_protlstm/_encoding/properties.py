"""PropertyVectorizer: protein sequences to a few physical properties."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sklearn_protlstm._encoding.nonproteins import warn_of_nonproteins
from sklearn_protlstm._encoding.tokens import encode_residues
from sklearn_protlstm._encoding.windows import HelixMoments, WindowSums
from sklearn_protlstm._validation import (
    SequenceInputMixin,
    StrOptions,
    check_sequences,
    fit_context,
)
from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet

__all__ = ["PropertyVectorizer"]

_PROTEIN = get_alphabet("protein")

# Hydropathy in tenths, after Kyte and Doolittle. Integers have exact sums.
_TENTHS = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV",
        (18, -45, -35, -35, 25, -35, -35, -4, -32, 45, 38, -39, 19, 28, -16, -8, -7, -9, -13, 42),
    )
)
_CHARGES = {"K": 1, "R": 1, "D": -1, "E": -1}

_WIDTHS = (7, 11, 19)
_ENDS = (15, 25, 40, 60)

# Kyte and Doolittle: windows of 19 residues with a mean above 1.6 are mostly in membranes.
_MEMBRANE_WIDTH = 19
_MEMBRANE_TENTHS = 16

# Turns of a helix: 11 residues are three, 18 are five.
_SHORT_HELIX = 11
_LONG_HELIX = 18

# Sequences to look at in one step, to limit the memory.
_BLOCK = 2_000

# The stacklevel of the caller of transform and fit_transform, which scikit-learn wraps in one more
# frame.
_CALLER = 3


class PropertyVectorizer(SequenceInputMixin, TransformerMixin, BaseEstimator):
    """Describe proteins by their composition, hydropathy and charge.

    These are properties that decide where a protein goes in the cell: signal peptides and
    membrane-spanning segments are hydrophobic, peptides that target mitochondria form helices with
    a charged side. A few dozen columns say what a network has to learn from many proteins. They
    are the input of :func:`make_property_baseline`.

    Parameters
    ----------
    handle_unknown : {"error", "mask"}, default="error"
        What to do with symbols that are not residues: raise an error that gives the position, or
        read them as unknown residues. Unknown residues have no charge and a hydropathy of 0.

    Warns
    -----
    DataQualityWarning
        If at least 1% of the sequences look like DNA or RNA, or repeat one letter. Sequences of
        fewer than 20 residues are not judged.

    See Also
    --------
    KmerVectorizer : Counts words instead.

    Notes
    -----
    The columns are:

    - the logarithm of the length, and the share of each of the 20 residues;
    - the highest mean hydropathy of 7, 11 and 19 consecutive residues, and where they start
      (counted from 0), among the first 35 residues, the first 80, those after 80, and all. If
      there are fewer residues, their mean and 0;
    - the number of hydrophobic segments, and their share of the protein: windows of 19 residues
      whose mean hydropathy is above 1.6 [1]_. Windows that follow each other are one segment;
    - of the first 15, 25, 40 and 60 residues: the net charge, the number of charges, the highest
      hydrophobic moment of 11 residues in a helix [2]_, and the mean hydropathy;
    - the mean charge, the share of charged residues, the highest hydrophobic moment of 18 residues,
      the highest and the lowest mean charge of 10 residues, and the highest of 5.

    Charges are +1 for K and R, and -1 for D and E.

    References
    ----------
    .. [1] J. Kyte and R. F. Doolittle. A simple method for displaying the hydropathic character of
       a protein. Journal of Molecular Biology 157 (1982) 105-132.
       :doi:`10.1016/0022-2836(82)90515-0`

    .. [2] D. Eisenberg, R. M. Weiss and T. C. Terwilliger. The helical hydrophobic moment: a
       measure of the amphiphilicity of a helix. Nature 299 (1982) 371-374. :doi:`10.1038/299371a0`

    Examples
    --------
    >>> from sklearn_protlstm import PropertyVectorizer
    >>> vectorizer = PropertyVectorizer()
    >>> properties = vectorizer.transform(["MKLLLLLLLLLLLLLLLLLLLLKD"])
    >>> columns = dict(zip(vectorizer.get_feature_names_out(), properties[0].tolist()))
    >>> columns["hydrophobic_segments"], columns["charge_first_15"]
    (1.0, 1.0)
    >>> columns["hydropathy_19_all"], columns["start_of_hydropathy_19_all"]
    (3.8, 2.0)
    """

    _parameter_constraints = {"handle_unknown": [StrOptions({"error", "mask"})]}

    def __init__(self, *, handle_unknown="error"):
        self.handle_unknown = handle_unknown

    def fit(self, X, y=None):
        """Validate the sequences.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences.
        y : None
            Ignored.

        Returns
        -------
        self : PropertyVectorizer
            The transformer, which has no fitted attributes.
        """
        self._measure(X, stacklevel=_CALLER)
        return self

    def fit_transform(self, X, y=None):
        """Compute the properties in one pass.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences.
        y : None
            Ignored.

        Returns
        -------
        properties : ndarray of shape (n_samples, n_properties), dtype float64
            Same as from :meth:`transform`.
        """
        return self._measure(X, stacklevel=_CALLER + 1)

    def transform(self, X):
        """Compute the properties.

        Parameters
        ----------
        X : iterable of str, bytes, Bio.Seq or SeqRecord
            Sequences.

        Returns
        -------
        properties : ndarray of shape (n_samples, n_properties), dtype float64
            One column for each name of :meth:`get_feature_names_out`.

        Raises
        ------
        InvalidResidueError
            If a symbol is not a residue and ``handle_unknown="error"``.
        """
        return self._measure(X, stacklevel=_CALLER + 1)

    def get_feature_names_out(self, input_features=None):
        """Get the column names.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of shape (n_properties,), dtype object
            Names such as "share_A", "hydropathy_19_all" and "charge_first_15".
        """
        return np.array(_NAMES, dtype=object)

    @fit_context(prefer_skip_nested_validation=True)
    def _measure(self, X, stacklevel):
        sequences = check_sequences(X)
        blocks = [
            _describe(*encode_residues(block, _PROTEIN, self.handle_unknown, first))
            for first in range(0, len(sequences), _BLOCK)
            for block in [sequences[first : first + _BLOCK]]
        ]
        # fit_context adds a frame.
        warn_of_nonproteins(sequences, _PROTEIN, stacklevel=stacklevel + 1)
        return np.concatenate(blocks)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


def _per_token(values):
    """Values of tokens. Padding and unknown residues have 0."""
    return np.array([0] * FIRST_TOKEN + [values.get(symbol, 0) for symbol in _PROTEIN.symbols])


_HYDROPATHY, _CHARGE = _per_token(_TENTHS), _per_token(_CHARGES)


def _name_columns():
    windows = [
        f"{start}hydropathy_{width}_{part}"
        for width in _WIDTHS
        for part in ("first_35", "first_80", "after_80", "all")
        for start in ("", "start_of_")
    ]
    ends = [
        f"{name}_first_{n}" for n in _ENDS for name in ("charge", "charges", "moment", "hydropathy")
    ]
    return [
        "log_length",
        *(f"share_{symbol}" for symbol in _PROTEIN.symbols),
        *windows,
        "hydrophobic_segments",
        "hydrophobic_share",
        *ends,
        "charge",
        "charged_share",
        "moment",
        "highest_charge_10",
        "lowest_charge_10",
        "highest_charge_5",
    ]


_NAMES = _name_columns()


def _describe(tokens, lengths):
    """All columns of sequences that are concatenated in one array."""
    stops = np.cumsum(lengths)
    starts = stops - lengths
    values, charge = _HYDROPATHY[tokens], _CHARGE[tokens]
    hydropathy, charges, charged = map(WindowSums, (values, charge, np.abs(charge)))
    columns = [
        np.log(lengths),
        *_shares(tokens, lengths),
        *_hydropathy_windows(hydropathy, starts, stops),
        *_membrane_segments(hydropathy, starts, stops),
        *_ends(
            hydropathy, charges, charged, HelixMoments(values / 10, _SHORT_HELIX), starts, stops
        ),
        charges.between(starts, stops) / lengths,
        charged.between(starts, stops) / lengths,
        HelixMoments(values / 10, _LONG_HELIX).highest(starts, stops),
        charges.highest(10, starts, stops)[0],
        -WindowSums(-charge).highest(10, starts, stops)[0],
        charges.highest(5, starts, stops)[0],
    ]
    return np.column_stack(columns)


def _shares(tokens, lengths):
    owners = np.repeat(np.arange(len(lengths)), lengths)
    cells = np.bincount(owners * 256 + tokens, minlength=len(lengths) * 256)
    counts = cells.reshape(-1, 256)[:, FIRST_TOKEN : FIRST_TOKEN + _PROTEIN.size]
    return (counts / lengths[:, np.newaxis]).T


def _hydropathy_windows(hydropathy, starts, stops):
    parts = [
        (starts, np.minimum(starts + 35, stops)),
        (starts, np.minimum(starts + 80, stops)),
        (np.minimum(starts + 80, stops), stops),
        (starts, stops),
    ]
    for width in _WIDTHS:
        for part in parts:
            means, offsets = hydropathy.highest(width, *part)
            yield means / 10
            yield offsets


def _membrane_segments(hydropathy, starts, stops):
    """Number of runs of windows above the limit, and the share of such windows."""
    windows = hydropathy.windows(_MEMBRANE_WIDTH) > _MEMBRANE_TENTHS * _MEMBRANE_WIDTH
    is_above = np.zeros(stops[-1], dtype=bool)
    is_above[: len(windows)] = windows
    last = np.maximum(stops - _MEMBRANE_WIDTH + 1, starts)
    has_windows = np.flatnonzero(last > starts)
    begins = is_above.copy()
    begins[1:] &= ~is_above[:-1]
    # The window before the first one belongs to two sequences.
    begins[starts[has_windows]] = is_above[starts[has_windows]]
    yield WindowSums(begins).between(starts, last)
    yield WindowSums(is_above).between(starts, last) / np.maximum(last - starts, 1)


def _ends(hydropathy, charges, charged, moments, starts, stops):
    for n in _ENDS:
        ends = np.minimum(starts + n, stops)
        yield charges.between(starts, ends)
        yield charged.between(starts, ends)
        yield moments.highest(starts, ends)
        yield hydropathy.between(starts, ends) / (10 * (ends - starts))
