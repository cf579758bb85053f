"""Find models whose probabilities are worse than the class frequencies."""

import numpy as np


def list_notes_on_probabilities(comparison, names):
    """Name the models whose log-loss is worse than that of the class frequencies.

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
    return [
        f"These probabilities are worse than the class frequencies (log-loss {limit:.2f}): "
        f"{', '.join(poor)}",
        _ADVICE[comparison.grouped],
    ]


_ADVICE = {
    False: "Calibrate such a model: CalibratedClassifierCV(model, cv=5)",
    True: (
        "Calibrate such a model with folds that keep the groups: CalibratedClassifierCV(model, "
        "cv=list(StratifiedGroupKFold(5).split(X, y, groups)))"
    ),
}


def _log_loss_of_frequencies(comparison):
    """Mean log-loss of a model that predicts the class frequencies of the training part."""
    losses = []
    for fold, shared in zip(comparison.folds, comparison.table.shared):
        if shared:
            counts = np.bincount(comparison.codes[fold.train], minlength=len(comparison.classes))
            frequencies = counts / len(fold.train)
            losses.append(-np.log(frequencies[comparison.codes[fold.test]]).mean())
    return np.mean(losses) if losses else np.nan
