"""An alarm for sequences that are unlike every training protein in the most basic respects."""

import numpy as np

from sklearn_protlstm._encoding.tokens import encode_residues
from sklearn_protlstm.alphabets import FIRST_TOKEN, get_alphabet

__all__ = ["ProteinAlarm"]

_PROTEIN = get_alphabet("protein")
_N_RESIDUES = _PROTEIN.size

# Share of held-out training families above the limit of the composition, and of the repeats.
# Together they raise a false alarm for about 1% of unseen families.
_FALSE_ALARMS = 0.005

# A length is unusual below half of the shortest and above twice the longest training protein.
_LENGTH_FACTOR = 2

# The composition of a sequence with a smaller share of known residues says little.
_MIN_KNOWN = 0.5

# Sequences to look at in one step, to limit the memory.
_BLOCK = 2_000


class ProteinAlarm:
    """Says in which respect a sequence is unlike all training proteins.

    The composition is compared as the square roots of the residue frequencies. They have about the
    same variance by chance, 1 / (4 length), so that chance in a short protein is taken into
    account. Repeats are missing pairs of residues: the distinct pairs of neighbors are compared
    with the number that is expected if the same residues are in random order.

    Attributes
    ----------
    mean_ : ndarray of shape (20,), dtype float64
        Mean of the square roots of the residue frequencies.
    axes_ : ndarray of shape (20, 20), dtype float64
        Principal axes of their covariance, one per column.
    variances_ : ndarray of shape (20,), dtype float64
        Variance between proteins along each axis, without chance.
    max_distance_ : float
        Largest squared Mahalanobis distance from the mean that is usual.
    max_repeats_ : float
        Largest share of missing pairs that is usual.
    lengths_ : ndarray of shape (2,), dtype int64
        Number of residues of the shortest and the longest training protein.
    """

    def fit(self, sequences, families, folds):
        """Learn what is usual, with limits from families that a fold leaves out.

        Parameters
        ----------
        sequences : list of str
            Training proteins.
        families : ndarray of shape (n_samples,), dtype int64
            Number of the family of each protein. Families count equally.
        folds : ndarray of shape (n_samples,), dtype int64
            Number of the fold that leaves out each protein.

        Returns
        -------
        is_unusual : ndarray of shape (n_samples,), dtype bool
            The training proteins that raise the alarm when their fold is left out.
        """
        counts, repeats, lengths = _measure(sequences)
        weights = 1 / np.bincount(families)[families]
        weights[counts.sum(axis=1) < _MIN_KNOWN * lengths] = 0
        distances = np.empty(len(lengths))
        for fold in np.unique(folds):
            test = folds == fold
            distances[test] = _distances(counts[test], *_spread(counts[~test], weights[~test]))
        self.mean_, self.axes_, self.variances_ = _spread(counts, weights)
        self.max_distance_ = _upper_quantile(distances, weights)
        self.max_repeats_ = _upper_quantile(repeats, weights)
        self.lengths_ = np.array([lengths.min(), lengths.max()])
        return (distances > self.max_distance_) | (repeats > self.max_repeats_) | (weights == 0)

    def reasons(self, sequences):
        """Return what is unusual about each sequence.

        Parameters
        ----------
        sequences : list of str
            Sequences, as from ``check_sequences``.

        Returns
        -------
        reasons : list of str
            "unknown residues", "length", "composition" or "repeats"; "" if nothing is unusual.
        """
        counts, repeats, lengths = _measure(sequences)
        shortest, longest = self.lengths_
        distances = _distances(counts, self.mean_, self.axes_, self.variances_)
        tests = {
            "unknown residues": counts.sum(axis=1) < _MIN_KNOWN * lengths,
            "length": (lengths * _LENGTH_FACTOR < shortest) | (lengths > _LENGTH_FACTOR * longest),
            "composition": distances > self.max_distance_,
            "repeats": repeats > self.max_repeats_,
        }
        return np.select(list(tests.values()), list(tests), default="").tolist()


def _measure(sequences):
    """Return counts of residues (n, 20), the share of missing pairs, and the lengths."""
    parts = []
    for start in range(0, len(sequences), _BLOCK):
        counts, n_pairs, lengths = _count(sequences[start : start + _BLOCK])
        parts.append((counts, _share_missing(counts, n_pairs), lengths))
    return tuple(map(np.concatenate, zip(*parts)))


def _count(sequences):
    """Count the residues (n, 20), the neighbors (n, 400) and the length of each sequence."""
    tokens, lengths = encode_residues(sequences, _PROTEIN, "mask")
    residues = tokens.astype(np.int64) - FIRST_TOKEN
    owners = np.repeat(np.arange(len(lengths)), lengths)
    known = residues >= 0
    are_neighbors = (owners[1:] == owners[:-1]) & known[1:] & known[:-1]
    pairs = residues[:-1] * _N_RESIDUES + residues[1:]
    return (
        _table(owners[known], residues[known], (len(lengths), _N_RESIDUES)),
        _table(owners[1:][are_neighbors], pairs[are_neighbors], (len(lengths), _N_RESIDUES**2)),
        lengths,
    )


def _table(rows, columns, shape):
    cells = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return cells.reshape(shape)


def _roots(counts):
    n_residues = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.sqrt(counts / n_residues), 1 / (4 * n_residues)


def _spread(counts, weights):
    """Return the mean, the principal axes and the variances between proteins along them."""
    roots, chance = _roots(counts)
    weights = weights / max(weights.sum(), np.finfo(np.float64).tiny)
    mean = weights @ roots
    offsets = roots - mean
    variances, axes = np.linalg.eigh((offsets * weights[:, np.newaxis]).T @ offsets)
    # A variance that is zero by accident must not make every other protein unusual.
    floor = 0.1 * variances.mean()
    return mean, axes, np.maximum(variances - weights @ chance[:, 0], floor)


def _distances(counts, mean, axes, variances):
    roots, chance = _roots(counts)
    return (((roots - mean) @ axes) ** 2 / (variances + chance)).sum(axis=1)


def _share_missing(counts, n_pairs):
    """Share of the expected distinct neighbors that a sequence does not have."""
    frequencies = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    in_pairs = (frequencies[:, :, np.newaxis] * frequencies[:, np.newaxis]).reshape(n_pairs.shape)
    # The logarithm of 0 belongs to a sequence of one kind of residue.
    logs = np.log1p(-np.minimum(in_pairs, 1 - 1e-12))
    expected = -np.expm1(n_pairs.sum(axis=1, keepdims=True) * logs).sum(axis=1)
    return 1 - np.count_nonzero(n_pairs, axis=1) / np.maximum(expected, 1)


def _upper_quantile(values, weights):
    """Return the value that a share `_FALSE_ALARMS` of the weights exceeds."""
    if not weights.any():
        return float(values.max())
    order = np.argsort(values, kind="stable")
    shares = np.cumsum(weights[order]) / weights.sum()
    index = np.searchsorted(shares, 1 - _FALSE_ALARMS)
    return float(values[order][min(index, len(values) - 1)])
