"""A comparison as a table to print."""

import numpy as np

from sklearn_protlstm.comparison._scores import METRICS
from sklearn_protlstm.comparison._table import TIMES

__all__ = ["describe"]


def describe(comparison):
    """Write a table of mean scores, and what has to be known to read it.

    Parameters
    ----------
    comparison : ModelComparison
        What to describe.

    Returns
    -------
    text : str
        Several lines.
    """
    return "\n".join(
        [
            f"{len(comparison.models)} models, {len(comparison.folds)} folds, "
            f"{len(comparison.codes)} sequences of {len(comparison.classes)} classes",
            "",
            *_aligned(_columns(comparison.models, comparison.table, comparison.scoring)),
            "",
            *_notes(comparison),
        ]
    )


def _columns(models, table, scoring):
    columns = [["model", *models]]
    for name in scoring:
        metric = METRICS[name]
        mean, sd = table.mean_and_sd(name)
        marks = np.where(_is_best(mean, metric.higher_is_better), "*", " ")
        cells = [f"{_score(*pair)}{mark}" for pair, mark in zip(zip(mean, sd), marks)]
        # The title ends over the digits, not over the mark.
        columns.append([f"{metric.short_title} ", *cells])
    for name, title in zip(TIMES, ("fit s", "predict s")):
        mean, _ = table.mean_and_sd(name)
        columns.append(
            [title, *("-" if np.isnan(seconds) else f"{seconds:.2f}" for seconds in mean)]
        )
    return columns


def _is_best(means, higher_is_better):
    if np.isnan(means).all():
        return np.zeros(len(means), dtype=bool)
    best = np.nanmax(means) if higher_is_better else np.nanmin(means)
    return np.isclose(means, best, rtol=0, atol=1e-9)


def _score(mean, sd):
    if np.isnan(mean):
        return "-"
    return f"{mean:.2f}" if np.isnan(sd) else f"{mean:.2f}±{sd:.2f}"


def _aligned(columns):
    widths = [max(map(len, column)) for column in columns]
    first, *others = zip(columns, widths)
    for line in range(len(columns[0])):
        cells = [first[0][line].ljust(first[1])]
        cells += [column[line].rjust(width) for column, width in others]
        yield "  ".join(cells).rstrip()


def _notes(comparison):
    yield "Mean ± standard deviation between folds; * is the best mean."
    if comparison.grouped:
        yield "Groups are whole: each was unseen where it was tested."
    else:
        yield (
            "Folds are random: near-copies may be on both sides. Give groups, such as "
            "cluster_sequences makes, to score on unseen families."
        )
    if comparison.shuffled_table is not None:
        mean, _ = comparison.shuffled_table.mean_and_sd(comparison.scoring[0])
        scores = (f"{name} {_score(score, np.nan)}" for name, score in zip(comparison.models, mean))
        title = METRICS[comparison.scoring[0]].title
        yield f"Mean {title} with the residues of each sequence shuffled: {', '.join(scores)}."
    yield from _notes_on_missing_classes(comparison)
    for name, message in comparison.failures_.items():
        yield f"{name} failed in {message}"
    if not comparison.complete:
        yield (
            f"Interrupted: {comparison.table.shared.sum()} of {len(comparison.folds)} folds were "
            "finished by all models."
        )


def _notes_on_missing_classes(comparison):
    for code, label in enumerate(comparison.classes.tolist()):
        n_without = sum(code not in comparison.codes[fold.test] for fold in comparison.folds)
        if n_without:
            yield (
                f"Class {label!r} is missing from the test part of {n_without} of "
                f"{len(comparison.folds)} folds: balanced accuracy, macro-F1 and ROC AUC are those "
                "of the other classes there."
            )
