"""Format a comparison as text."""

import numpy as np

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN
from sklearn_protlstm.comparison._calibration import list_notes_on_probabilities
from sklearn_protlstm.comparison._models import BASELINES
from sklearn_protlstm.comparison._scoring import list_metrics
from sklearn_protlstm.comparison._table import TIMES


def format_comparison(comparison):
    """Write a table of mean scores, followed by notes on how to read it."""
    return "\n".join(
        [
            summarize(comparison),
            "",
            *_align(_columns(comparison)),
            "",
            "Mean ± standard deviation between folds; * is the best mean.",
            *list_notes(comparison),
        ]
    )


def summarize(comparison):
    n_classes = len(comparison.classes)
    kinds = f"with {n_classes} labels" if comparison.multilabel else f"of {n_classes} classes"
    return (
        f"{len(comparison.models)} models, {len(comparison.folds)} folds, "
        f"{len(comparison.codes)} sequences {kinds}"
    )


def _columns(comparison):
    table, metrics = comparison.table, list_metrics(comparison.multilabel)
    columns = [["model", *comparison.models]]
    for name in comparison.scoring:
        metric = metrics[name]
        mean, sd = table.mean_and_sd(name)
        marks = np.where(is_best(mean, metric.higher_is_better), "*", " ")
        cells = [f"{format_score(*pair)}{mark}" for pair, mark in zip(zip(mean, sd), marks)]
        # The space aligns the title with the digits rather than with the mark.
        columns.append([f"{metric.short_title} ", *cells])
    for name, title in zip(TIMES, ("fit s", "predict s")):
        mean, _ = table.mean_and_sd(name)
        cells = ["-" if np.isnan(seconds) else f"{seconds:.2f}" for seconds in mean]
        columns.append([title, *cells])
    return columns


def is_best(means, higher_is_better):
    if np.isnan(means).all():
        return np.zeros(len(means), dtype=bool)
    best = np.nanmax(means) if higher_is_better else np.nanmin(means)
    return np.isclose(means, best, rtol=0, atol=1e-9)


def format_score(mean, sd):
    if np.isnan(mean):
        return "-"
    return f"{mean:.2f}" if np.isnan(sd) else f"{mean:.2f}±{sd:.2f}"


def _align(columns):
    """Yield the lines of the table: the first column left-aligned, the others right-aligned."""
    widths = [max(map(len, column)) for column in columns]
    for first, *others in zip(*columns):
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:])]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def list_notes(comparison):
    """Say how the folds were made, and what limits the scores."""
    if comparison.grouped:
        yield "Groups stay together: every test part contains only unseen groups."
    else:
        yield (
            "Folds are random: near-copies may be on both sides. Pass groups, such as those from "
            "cluster_sequences, to score on unseen families."
        )
    if comparison.order_control:
        mean, _ = comparison.shuffled_table.mean_and_sd(comparison.scoring[0])
        scores = [
            f"{name} {format_score(score, np.nan)}" for name, score in zip(comparison.models, mean)
        ]
        title = list_metrics(comparison.multilabel)[comparison.scoring[0]].title
        yield f"Mean {title} with the residues of each sequence shuffled: {', '.join(scores)}."
    if comparison.multilabel:
        yield from _notes_on_labels(comparison)
    else:
        yield from _notes_on_missing_classes(comparison)
    names = [name for name in comparison.models if name not in BASELINES]
    for note in list_notes_on_probabilities(comparison, names):
        yield f"{note}."
    for name, message in comparison.failures_.items():
        yield f"{name} failed in {message}"
    if not comparison.complete:
        yield (
            f"Interrupted: all models finished {comparison.table.shared.sum()} of "
            f"{len(comparison.folds)} folds."
        )


def _notes_on_missing_classes(comparison):
    for code, label in enumerate(comparison.classes.tolist()):
        n_without = sum(code not in comparison.codes[fold.test] for fold in comparison.folds)
        if n_without:
            yield (
                f"Class {label!r} is missing from the test part of {n_without} of "
                f"{len(comparison.folds)} folds. There, balanced accuracy, macro-F1 and ROC AUC "
                "are averages over the other classes."
            )


def _notes_on_labels(comparison):
    n_unknown = (comparison.codes == UNKNOWN).sum()
    if n_unknown:
        yield (
            f"{n_unknown} of {comparison.codes.size} entries of the label matrix are unknown (NaN) "
            "and count in no score."
        )
    n_folds = len(comparison.folds)
    n_without = sum(
        ~(comparison.codes[fold.test] == PRESENT).any(axis=0) for fold in comparison.folds
    )
    missing = [
        f"{label!r} ({n} of {n_folds})"
        for label, n in zip(comparison.classes.tolist(), n_without.tolist())
        if n
    ]
    if missing:
        yield (
            "Some folds have no test sequence with one of these labels. There, macro-F1 and macro "
            f"average precision are averages over the other labels: {', '.join(missing)}."
        )
