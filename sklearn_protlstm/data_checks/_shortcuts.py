"""Shortcuts: trivial traits of proteins that predict the class or a label."""

import warnings
from dataclasses import astuple, dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN
from sklearn_protlstm.alphabets import UNKNOWN as UNKNOWN_RESIDUE
from sklearn_protlstm.alphabets import get_alphabet
from sklearn_protlstm.baselines import make_kmer_baseline, make_length_baseline
from sklearn_protlstm.exceptions import DataQualityWarning

__all__ = [
    "N_FOLDS",
    "LabelShortcut",
    "Shortcut",
    "first_residues",
    "measure_label_shortcuts",
    "measure_shortcuts",
]

N_FOLDS = 5

_PROTEIN = get_alphabet("protein")

# Suspicious scores, as a fraction of the way from chance to a perfect score. The composition is a
# biological property that differs between families, so a higher score is normal.
_SUSPICIOUS = {"first residue": 0.2, "length": 0.2, "composition": 0.5}

# Minimum difference from chance, in standard errors.
_MIN_STANDARD_ERRORS = 3

# Labels to measure. Each takes about two seconds for 4000 sequences.
_MAX_LABELS = 20


@dataclass(frozen=True)
class Shortcut:
    """Score of a classifier that sees only one trivial trait.

    Parameters
    ----------
    trait : {"first residue", "length", "composition"}
        The trait.
    balanced_accuracy : float
        Mean recall of the classes in cross-validation.
    standard_error : float
        Standard error of the balanced accuracy.
    chance : float
        Balanced accuracy of guessing, which is 1 / n_classes.

    Examples
    --------
    >>> from sklearn_protlstm.data_checks import Shortcut
    >>> Shortcut("length", balanced_accuracy=0.71, standard_error=0.02, chance=0.5).suspicious
    True
    """

    trait: str
    balanced_accuracy: float
    standard_error: float
    chance: float

    @property
    def suspicious(self):
        """Whether the trait predicts the class better than it should, and better than by chance."""
        gain = self.balanced_accuracy - self.chance
        return (
            gain >= _SUSPICIOUS[self.trait] * (1 - self.chance)
            and gain > _MIN_STANDARD_ERRORS * self.standard_error
        )


@dataclass(frozen=True)
class LabelShortcut(Shortcut):
    """Score of a classifier that predicts one of several labels from one trivial trait.

    Parameters
    ----------
    trait : {"first residue", "length", "composition"}
        The trait.
    balanced_accuracy : float
        Mean of the recalls of sequences with and without the label, in cross-validation.
    standard_error : float
        Standard error of the balanced accuracy.
    chance : float
        Balanced accuracy of guessing, which is 0.5.
    label : object
        The label.

    Examples
    --------
    >>> from sklearn_protlstm.data_checks import LabelShortcut
    >>> LabelShortcut("length", 0.71, standard_error=0.02, chance=0.5, label="pig").suspicious
    True
    """

    label: object


def measure_shortcuts(sequences, labels, groups):
    """Cross-validate one classifier per trait.

    Parameters
    ----------
    sequences : list of str
        Distinct proteins.
    labels : ndarray of shape (n_samples,)
        Class labels.
    groups : ndarray of shape (n_samples,) or None
        Groups that folds do not split.

    Returns
    -------
    shortcuts : list of Shortcut
        Empty if fewer than two classes have as many sequences (and groups) as there are folds.
    """
    rows = _rows_of_large_classes(labels, groups)
    classes, codes = np.unique(labels[rows], return_inverse=True)
    if len(classes) < 2:
        return []
    sequences = np.array(sequences, dtype=object)[rows]
    folds = _folds(codes, None if groups is None else groups[rows])
    with warnings.catch_warnings():
        # The findings already describe sequences that are not proteins, once for all folds.
        warnings.simplefilter("ignore", DataQualityWarning)
        return [
            _score(trait, codes, cross_val_predict(model, sequences, codes, cv=folds))
            for trait, model in _models().items()
        ]


def measure_label_shortcuts(sequences, codes, groups, labels):
    """Cross-validate one classifier per trait for each of the 20 most frequent labels.

    Parameters
    ----------
    sequences : list of str
        Distinct proteins.
    codes : ndarray of shape (n_samples, n_labels), dtype uint8
        ABSENT, PRESENT or UNKNOWN. A classifier does not see the sequences of unknown ones.
    groups : ndarray of shape (n_samples,) or None
        Groups that folds do not split.
    labels : list
        The labels.

    Returns
    -------
    shortcuts : list of LabelShortcut
        Without labels that are present in, or absent from, fewer sequences (or groups) than there
        are folds.
    """
    counts = (codes == PRESENT).sum(axis=0)
    most_frequent = np.sort(np.argsort(-counts, kind="stable")[:_MAX_LABELS])
    shortcuts = []
    for column in most_frequent.tolist():
        rows = np.flatnonzero(codes[:, column] != UNKNOWN)
        measured = measure_shortcuts(
            [sequences[row] for row in rows],
            codes[rows, column],
            None if groups is None else groups[rows],
        )
        shortcuts += [LabelShortcut(*astuple(row), labels[column]) for row in measured]
    return shortcuts


def _rows_of_large_classes(labels, groups):
    units = np.arange(len(labels)) if groups is None else groups
    sizes = {label: len(np.unique(units[labels == label])) for label in np.unique(labels)}
    return np.flatnonzero([sizes[label] >= N_FOLDS for label in labels.tolist()])


def _folds(codes, groups):
    if groups is None:
        splitter = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    else:
        splitter = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=0)
    folds = list(splitter.split(codes, codes, groups))
    # A fold can be empty if a single group holds most of the data.
    return [(train, test) for train, test in folds if len(test)]


def _models():
    return {
        "first residue": make_pipeline(
            FunctionTransformer(first_residues),
            # Uniform priors suit the balanced score.
            CategoricalNB(fit_prior=False, min_categories=_PROTEIN.n_tokens),
        ),
        "length": make_length_baseline(),
        "composition": make_kmer_baseline(k=1, handle_unknown="mask"),
    }


def first_residues(sequences):
    """Tokens of the first residues, as a column; 1 for unknown residues."""
    letters = "".join(sequence[0] for sequence in sequences).encode("ascii", "replace")
    return _PROTEIN.lookup_table(UNKNOWN_RESIDUE)[np.frombuffer(letters, dtype=np.uint8)][
        :, np.newaxis
    ]


def _score(trait, codes, predicted):
    n_classes = codes.max() + 1
    sizes = np.bincount(codes)
    recalls = np.bincount(codes, predicted == codes) / sizes
    variance = (recalls * (1 - recalls) / sizes).sum() / n_classes**2
    return Shortcut(trait, float(recalls.mean()), float(np.sqrt(variance)), 1 / n_classes)
