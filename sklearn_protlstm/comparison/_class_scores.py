"""Precision, recall and F1 of each class or label."""

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from sklearn_protlstm._labels.matrix import UNKNOWN


def list_scores(comparison):
    """Return the columns of a table with one row per model and class or label."""
    list_of_kind = list_label_scores if comparison.multilabel else list_class_scores
    return list_of_kind(
        comparison.models,
        comparison.classes,
        comparison.codes,
        comparison.predicted,
        comparison.table.failed,
    )


def list_class_scores(models, classes, codes, predicted, failed):
    """Return the columns of a table with one row per model and class.

    `predicted` has shape (n_models, n_repeats, n_samples), with -1 where there is no prediction.
    Only sequences count that all models have predicted. Models that failed have no scores.
    """
    shared = (predicted[~failed] >= 0).all(axis=0)
    predicted = np.where(failed[:, np.newaxis, np.newaxis] | ~shared, -1, predicted)
    scores = np.array([score_classes(codes, row, len(classes)) for row in predicted])
    precision, recall, f1 = scores.transpose(1, 0, 2).reshape(3, -1)
    return {
        "model": np.repeat(np.array(models, dtype=object), len(classes)),
        "class": np.tile(classes, len(models)),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "support": np.concatenate([_count_tested(codes, row, len(classes)) for row in predicted]),
    }


def list_label_scores(models, labels, codes, predicted, failed):
    """Return the columns of a table with one row per model and label.

    `codes` and `predicted` have one more axis than in `list_class_scores`, for the labels. A
    sequence counts where it is known whether it has the label.
    """
    by_label = [
        list_class_scores(
            models,
            ["absent", "present"],
            column,
            np.where(column == UNKNOWN, -1, predicted[..., label]),
            failed,
        )
        for label, column in enumerate(codes.T)
    ]
    columns = {"model": np.repeat(np.array(models, dtype=object), len(labels))}
    columns["label"] = np.tile(labels, len(models))
    for name in ("precision", "recall", "f1", "support"):
        # The second row of each model is that of the sequences with the label.
        columns[name] = np.column_stack([scores[name][1::2] for scores in by_label]).ravel()
    return columns


def score_classes(codes, predicted, n_classes):
    """Score each class in each repeat and average over repeats.

    `predicted` has shape (n_repeats, n_samples). Returns precision, recall and F1, each of shape
    (n_classes,). A repeat counts only where its score is defined; without any, the score is NaN.
    """
    scores = [
        precision_recall_fscore_support(
            codes[tested], row[tested], labels=np.arange(n_classes), zero_division=np.nan
        )[:3]
        for row, tested in zip(predicted, predicted >= 0)
        if tested.any()
    ]
    scores = np.array(scores).reshape(-1, 3, n_classes)
    defined = ~np.isnan(scores)
    total, n_defined = np.where(defined, scores, 0).sum(axis=0), defined.sum(axis=0)
    return np.divide(total, n_defined, out=np.full_like(total, np.nan), where=n_defined > 0)


def _count_tested(codes, predicted, n_classes):
    """Count the sequences of each class that have a prediction in some repeat."""
    return np.bincount(codes[(predicted >= 0).any(axis=0)], minlength=n_classes)
