"""Plots of score tables."""

import numpy as np

from sklearn_protlstm._optional import import_pyplot


def plot_scores(models, table, scoring, metrics):
    """Plot one panel per score: one dot per fold and a bar at the mean of each model."""
    plt = import_pyplot()
    figure, panels = plt.subplots(
        1,
        len(scoring),
        figsize=(1.5 + 2.3 * len(scoring), 1.2 + 0.35 * len(models)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    places = np.arange(len(models))
    for axes, name in zip(panels[0], scoring):
        mean, _ = table.mean_and_sd(name)
        for place, scores in zip(places, table.scores[name]):
            axes.plot(scores, np.full(len(scores), place), "o", color="C0", alpha=0.4, ms=4)
        axes.plot(mean, places, "|", color="black", ms=14, mew=2)
        axes.set_xlabel(_axis_label(metrics[name]))
        axes.grid(axis="x", alpha=0.3)
    panels[0][0].set_yticks(places, models)
    panels[0][0].margins(y=0.12)
    # The first model is at the top, as in the printed table.
    panels[0][0].invert_yaxis()
    return figure


def plot_curves(models, n_train, tables, scoring, metrics):
    """Plot one panel per score: means as lines, one standard deviation as a band.

    `n_train` and `tables` have one entry per training size.
    """
    plt = import_pyplot()
    figure, panels = plt.subplots(
        1,
        len(scoring),
        figsize=(1.0 + 3.2 * len(scoring), 3.4),
        squeeze=False,
        layout="constrained",
    )
    for axes, name in zip(panels[0], scoring):
        means, sds = np.array([table.mean_and_sd(name) for table in tables]).transpose(1, 2, 0)
        for model, mean, sd in zip(models, means, sds):
            (line,) = axes.plot(n_train, mean, "o-", ms=4, label=model)
            axes.fill_between(n_train, mean - sd, mean + sd, color=line.get_color(), alpha=0.15)
        axes.set_xscale("log")
        axes.set_xticks(n_train, [f"{n:.0f}" for n in n_train])
        axes.minorticks_off()
        axes.set_xlabel("training sequences")
        axes.set_ylabel(_axis_label(metrics[name]))
        axes.grid(alpha=0.3)
    panels[0][0].legend()
    return figure


def _axis_label(metric):
    return metric.title if metric.higher_is_better else f"{metric.title} (lower is better)"
