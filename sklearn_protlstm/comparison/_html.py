"""Format a comparison as HTML."""

import numpy as np

from sklearn_protlstm._html.fragments import Column, Note, Table, make_columns, render_fragment
from sklearn_protlstm.comparison._class_scores import list_scores
from sklearn_protlstm.comparison._paired import choose_metric, list_pair_columns
from sklearn_protlstm.comparison._scoring import list_metrics
from sklearn_protlstm.comparison._table import TIMES
from sklearn_protlstm.comparison._text import format_score, is_best, list_notes, summarize


def render_comparison(comparison, max_rows):
    """Render scores, verdicts and classes, with at most `max_rows` rows each; None means all."""
    verdicts = _tabulate_verdicts(comparison, max_rows)
    return render_fragment(
        summarize(comparison),
        [
            _tabulate_scores(comparison, max_rows),
            *verdicts,
            _tabulate_classes(comparison, max_rows),
        ],
        [
            *(Note(note, "note") for note in list_notes(comparison)),
            *(Note(_ON_THE_BEST, "note") for _ in verdicts),
        ],
    )


_ON_THE_BEST = (
    "The verdicts are about the model with the best mean. The p values are not corrected for this "
    "choice, or for the number of models."
)


def _tabulate_scores(comparison, max_rows):
    columns = [
        Column("model", comparison.models),
        *(_make_score_column(comparison, name) for name in (*comparison.scoring, *TIMES)),
    ]
    return Table.of(
        "Mean ± standard deviation between folds; the best mean is bold", columns, max_rows
    )


def _make_score_column(comparison, name):
    mean, sd = comparison.table.mean_and_sd(name)
    if name in TIMES:
        cells = [format_score(seconds, np.nan) for seconds in mean]
        return Column(f"{name.partition('_')[0]} s", cells, is_number=True)
    metric = list_metrics(comparison.multilabel)[name]
    cells = [format_score(*pair) for pair in zip(mean, sd)]
    marked = np.flatnonzero(is_best(mean, metric.higher_is_better)).tolist()
    arrow = "" if metric.higher_is_better else " (lower is better)"
    return Column(f"{metric.short_title}{arrow}", cells, is_number=True, marked=tuple(marked))


def _tabulate_verdicts(comparison, max_rows):
    """Test the model with the best mean against the others. Return a list of one table, or none."""
    metric = choose_metric(comparison.scoring)
    mean, _ = comparison.table.mean_and_sd(metric)
    described = list_metrics(comparison.multilabel)[metric]
    best = is_best(mean, described.higher_is_better)
    known = comparison.table.shared & ~np.isnan(comparison.table.scores[metric][best]).any(axis=0)
    if known.sum() < 2:
        return []
    first = comparison.models[best.argmax()]
    others = [
        name
        for name, value in zip(comparison.models, mean)
        if name != first and not np.isnan(value)
    ]
    results = [comparison.test(first, other, metric=metric) for other in others]
    where = "unseen groups" if comparison.grouped else "random folds"
    caption = f"Is {first} better than the other models? {described.title} on {where}"
    return [Table.of(caption, list_pair_columns(results), max_rows)] if results else []


def _tabulate_classes(comparison, max_rows):
    """Make a row for each class or label, with a column of scores for each model.

    Labels have F1 instead of recall, because a model could predict them all.
    """
    if comparison.multilabel:
        kind, score, caption = "label", "f1", "F1 of each label, and the sequences that have it"
    else:
        kind, score = "class", "recall"
        caption = "Recall: share of each class that a model recognises"
    scores = list_scores(comparison)
    by_model = scores[score].reshape(len(comparison.models), -1)
    support = scores["support"].reshape(by_model.shape).max(axis=0)
    columns = [
        *make_columns({kind: map(str, comparison.classes), "sequences": support.tolist()}),
        *(
            Column(name, [format_score(value, np.nan) for value in row], is_number=True)
            for name, row in zip(comparison.models, by_model)
        ),
    ]
    return Table.of(caption, columns, max_rows)
