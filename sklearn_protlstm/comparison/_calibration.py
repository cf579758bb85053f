"""Find models whose probabilities are worse than the class frequencies."""

import numpy as np

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN
from sklearn_protlstm.comparison._label_scores import LABEL_METRICS


def list_notes_on_probabilities(comparison, names):
    """Name the models whose log-loss is worse than that of the class or label frequencies.

    Return two sentences, or none if there is no such model or the log-loss was not scored.
    """
    if "log_loss" not in comparison.scoring:
        return []
    limit = _log_loss_of_frequencies(comparison)
    means, _ = comparison.table.mean_and_sd("log_loss")
    # Compare two decimals, as the table shows them. NaN is never worse.
    poor = [
        f"{name} {mean:.2f}"
        for name, mean in zip(comparison.models, means)
        if name in names and round(mean, 2) > round(limit, 2)
    ]
    if not poor:
        return []
    kind = "label" if comparison.multilabel else "class"
    return [
        f"These probabilities are worse than the {kind} frequencies (log-loss {limit:.2f}): "
        f"{', '.join(poor)}",
        _ADVICE_ON_LABELS if comparison.multilabel else _ADVICE[comparison.grouped],
    ]


_ADVICE = {
    False: "Calibrate such a model: CalibratedClassifierCV(model, cv=5)",
    True: (
        "Calibrate such a model with folds that keep the groups: CalibratedClassifierCV(model, "
        "cv=list(StratifiedGroupKFold(5).split(X, y, groups)))"
    ),
}


_ADVICE_ON_LABELS = (
    "Train such a model for fewer epochs or regularize it more. If no label is unknown, calibrate "
    "each: OneVsRestClassifier(CalibratedClassifierCV(model, cv=5))"
)


def _log_loss_of_frequencies(comparison):
    """Mean log-loss of a model that predicts the class frequencies of the training part."""
    losses = []
    for fold, shared in zip(comparison.folds, comparison.table.shared):
        if shared and comparison.multilabel:
            losses.append(_log_loss_of_label_frequencies(comparison.codes, fold))
        elif shared:
            counts = np.bincount(comparison.codes[fold.train], minlength=len(comparison.classes))
            frequencies = counts / len(fold.train)
            losses.append(-np.log(frequencies[comparison.codes[fold.test]]).mean())
    return np.mean(losses) if losses else np.nan


def _log_loss_of_label_frequencies(codes, fold):
    train, test = codes[fold.train], codes[fold.test]
    frequencies = (train == PRESENT).sum(axis=0) / (train != UNKNOWN).sum(axis=0)
    return LABEL_METRICS["log_loss"].score(test, np.broadcast_to(frequencies, test.shape))
