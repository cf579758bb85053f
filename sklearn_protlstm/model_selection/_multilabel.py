"""K-fold splits that keep groups together and spread every label evenly."""

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import check_random_state

from sklearn_protlstm._labels.classes import check_labels
from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm._labels.matrix import PRESENT, encode_label_matrix
from sklearn_protlstm._validation import check_groups, join_names
from sklearn_protlstm.model_selection._stratification import assign_folds

__all__ = ["MultilabelStratifiedGroupKFold"]


class MultilabelStratifiedGroupKFold(StratifiedGroupKFold):
    """K-fold splits of sequences with any number of labels, which keep groups together.

    :class:`~sklearn.model_selection.StratifiedGroupKFold` takes one class for each sequence. This
    splitter also takes a label matrix or label lists. Each label is about as frequent in all folds,
    and the folds have about the same size.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Whether to visit groups that have a label equally often in random order. Set it to split
        the same data in several ways.
    random_state : int, RandomState instance or None, default=None
        Seeds the order of the groups if `shuffle` is True. Leave it at None otherwise.

    See Also
    --------
    sklearn.model_selection.StratifiedGroupKFold : The same for one class for each sequence.
    sklearn_protlstm.homology.cluster_sequences : Makes groups of homologous proteins.

    Notes
    -----
    This is iterative stratification [1]_ with groups in place of single sequences. The label that
    is left in the fewest sequences comes first, and of its groups the largest. Each group goes to
    the fold that lacks most of what the group has. Groups without labels come last.

    The original method chooses the fold by one label. A group usually has several, so that all of
    its labels count here, and its size. The choice is the one that lowers the sum of the squared
    errors most, where an error is the distance to an equal share, divided by the total.

    Large groups limit how even the folds can be. The result does not depend on the order of the
    sequences if there are groups.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas and I. Vlahavas. On the stratification of multi-label data.
       ECML PKDD 2011, 145-158. :doi:`10.1007/978-3-642-23808-6_10`

    Examples
    --------
    >>> from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold
    >>> sequences = ["MNTQ", "MNTK", "ACDE", "ACDF", "WYWY", "WYWF"]
    >>> hosts = [["human", "pig"], ["human"], ["pig"], ["human", "pig"], ["human"], []]
    >>> families = [0, 0, 1, 1, 2, 3]
    >>> splitter = MultilabelStratifiedGroupKFold(n_splits=2)
    >>> for train, test in splitter.split(sequences, hosts, families):
    ...     print([hosts[row] for row in test])
    [['pig'], ['human', 'pig'], ['human']]
    [['human', 'pig'], ['human'], []]
    """

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        super().__init__(n_splits=n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X, y, groups=None):
        """Generate the indices of the training and the test part of each fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples; only their number matters.
        y : array-like of shape (n_samples, n_classes) or (n_samples,), or list of label collections
            A label matrix of 0, 1 and NaN, the labels of each sequence as a list or a set, or one
            class for each sequence. Where it is unknown (NaN) whether a sequence has a label, it
            counts as without.
        groups : array-like of shape (n_samples,) or None, default=None
            Groups to keep together, such as those from :func:`cluster_sequences`. None splits
            sequence by sequence.

        Yields
        ------
        train : ndarray of shape (n_train,), dtype int64
            Indices of the training part.
        test : ndarray of shape (n_test,), dtype int64
            Indices of the test part.

        Raises
        ------
        ValueError
            If `y` or `groups` are invalid, or there are fewer groups or samples than folds.

        Warns
        -----
        UserWarning
            If a label is in fewer groups than there are folds, so that some test parts lack it.
        """
        yield from super().split(X, y, groups)

    def _iter_test_indices(self, X, y, groups):
        labels, present = _check_present(X, y)
        units = _number_units(groups, len(present))
        counts, sizes = _count_by_unit(units, present)
        _check_enough_units(self.n_splits, len(sizes), grouped=groups is not None)
        _warn_of_rare_labels(self.n_splits, labels, counts, grouped=groups is not None)
        rng = check_random_state(self.random_state) if self.shuffle else None
        folds = assign_folds(counts, sizes, self.n_splits, rng)[units]
        for fold in range(self.n_splits):
            yield np.flatnonzero(folds == fold)


def _check_present(X, y):
    """Return the labels, and a matrix that says which sequence has which."""
    samples = np.empty(len(X) if not hasattr(X, "shape") else X.shape[0])
    if is_multilabel(y):
        labels, codes = encode_label_matrix(samples, y)
        return labels, codes == PRESENT
    labels, codes = check_labels(samples, y)
    return labels, codes[:, np.newaxis] == np.arange(len(labels))


def _number_units(groups, n_samples):
    """Number the groups from 0, or all samples if there are none."""
    if groups is None:
        return np.arange(n_samples)
    return np.unique(check_groups(groups, np.empty(n_samples)), return_inverse=True)[1]


def _count_by_unit(units, present):
    """Count the sequences of each unit with each label, and all of them."""
    sizes = np.bincount(units)
    counts = np.zeros((len(sizes), present.shape[1]), dtype=np.int64)
    np.add.at(counts, units, present)
    return counts, sizes


def _check_enough_units(n_splits, n_units, *, grouped):
    if n_units < n_splits:
        unit = "group" if grouped else "sequence"
        raise ValueError(
            f"Cannot make {n_splits} folds from {n_units} {unit}(s), because each fold tests at "
            f"least one {unit}. Use fewer folds or collect more {unit}s"
        )


def _warn_of_rare_labels(n_splits, labels, counts, *, grouped):
    n_units = (counts > 0).sum(axis=0)
    rare = np.flatnonzero(n_units < n_splits)
    if len(rare):
        listed = join_names(f"{labels[label].item()!r} ({n_units[label]})" for label in rare)
        warnings.warn(
            f"{len(rare)} label(s) are in fewer than n_splits={n_splits} "
            f"{'groups' if grouped else 'sequences'}, so some test parts lack them: {listed}",
            stacklevel=4,
        )
