"""Table and figure of a fitted stack."""

import numpy as np
from scipy.special import log_softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import matthews_corrcoef

from sklearn_protlstm._optional import import_pyplot

__all__ = ["plot_stack", "score_members"]

# Palette of Okabe and Ito, readable with color blindness.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def score_members(log_probas, codes):
    """Score out-of-fold log-probabilities of shape (n_members, n_samples, n_classes).

    Returns a dict of columns with one entry per member.
    """
    # Clipping has changed the sums a little.
    log_probas = [log_softmax(log_proba, axis=1) for log_proba in log_probas]
    predicted = [log_proba.argmax(axis=1) for log_proba in log_probas]
    rows = np.arange(len(codes))
    return {
        "log_loss": [-log_proba[rows, codes].mean() for log_proba in log_probas],
        "accuracy": [np.mean(row == codes) for row in predicted],
        "matthews_corrcoef": [matthews_corrcoef(codes, row) for row in predicted],
    }


def plot_stack(names, weights, log_probas, codes):
    """Plot the reliability of all members and of the pool, and the weights.

    The last of `log_probas` belongs to the pool.
    """
    plt = import_pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    _plot_reliability(left, [*names, "pool"], log_probas, codes)
    _plot_weights(right, names, weights)
    return figure


def _plot_reliability(axes, names, log_probas, codes):
    axes.plot([0, 1], [0, 1], color="gray", linewidth=0.8, linestyle=":")
    for number, (name, log_proba) in enumerate(zip(names, log_probas)):
        right = log_proba.argmax(axis=1) == codes
        frequency, mean = calibration_curve(
            right, np.exp(log_proba.max(axis=1)).clip(max=1), n_bins=10, strategy="quantile"
        )
        is_pool = number == len(names) - 1
        axes.plot(
            mean,
            frequency,
            marker="o",
            markersize=4,
            label=name,
            color="black" if is_pool else _COLORS[number % len(_COLORS)],
            linestyle="-" if is_pool else "--",
        )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.set(xlabel="mean probability of the predicted class", ylabel="share of right predictions")
    axes.set_title("Out-of-fold reliability", fontsize=10)
    axes.legend(fontsize=8)


def _plot_weights(axes, names, weights):
    places = np.arange(len(names))
    axes.barh(places, weights, color=[_COLORS[place % len(_COLORS)] for place in places])
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel("weight")
    axes.set_title("Weights of the members", fontsize=10)
