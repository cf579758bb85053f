"""Table and figure of a fitted stack."""

import numpy as np
from scipy.special import log_softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, f1_score, log_loss, matthews_corrcoef
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._labels.matrix import PRESENT, UNKNOWN
from sklearn_protlstm._optional import import_pyplot, make_frame

__all__ = ["StackReport", "score_label_members", "score_members"]

# Palette of Okabe and Ito, readable with color blindness.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


class StackReport:
    """Methods that need the out-of-fold predictions of a fitted stack only."""

    def frame(self):
        """Score the members and the pool on the groups that they have not seen.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_members + 1, 5)
            The columns are model, weight, log_loss, accuracy and matthews_corrcoef. For labels:
            model, weight, log_loss, average_precision and f1, which are means over the labels. The
            last row is the pool, without a weight.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        check_is_fitted(self)
        score = score_label_members if self.multilabel_ else score_members
        columns = {
            "model": [*self.member_names(), "pool"],
            "weight": [*self.weights_, np.nan],
            **score(self._log_probas(), self.codes_),
        }
        return make_frame(columns, "GroupStackingClassifier.frame()")

    def plot(self):
        """Plot how reliable the out-of-fold probabilities are, and the weights.

        Reliability is the share of right predictions among those with a similar probability; for
        labels, the share of sequences that have a label. For curves of each class, pass
        ``classes_[codes_]`` and `out_of_fold_` to
        :func:`~sklearn_protlstm.plotting.plot_reliability_curves`.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Two panels. Below the diagonal of the first, a member is overconfident.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_is_fitted(self)
        return _plot_stack(self.member_names(), self.weights_, self._log_probas(), self.codes_)

    def _log_probas(self):
        """Out-of-fold log-probabilities of the members, then of the pool."""
        # A probability below the smallest float is 0.
        pooled = np.log(np.maximum(self.out_of_fold_, np.finfo(np.float64).tiny))
        return [*self.member_log_proba_, pooled]


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


def score_label_members(log_probas, codes):
    """Score out-of-fold log-probabilities of labels, (n_members, n_samples, n_classes).

    Returns a dict of columns with one entry per member: means over the labels. Unknown labels do
    not count.
    """
    members = [_score_labels(np.exp(log_proba), codes) for log_proba in log_probas]
    names = ("log_loss", "average_precision", "f1")
    return dict(zip(names, map(list, zip(*members))))


def _score_labels(probabilities, codes):
    scores = []
    for label, column in enumerate(codes.T):
        known = column != UNKNOWN
        present, given = column[known] == PRESENT, probabilities[known, label]
        scores.append(
            (
                log_loss(present, given, labels=[False, True]),
                average_precision_score(present, given),
                f1_score(present, given > 0.5, zero_division=0),
            )
        )
    return np.mean(scores, axis=0)


def _plot_stack(names, weights, log_probas, codes):
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
    observe = _observe_labels if codes.ndim == 2 else _observe_classes
    for number, (name, log_proba) in enumerate(zip(names, log_probas)):
        frequency, mean = calibration_curve(
            *observe(log_proba, codes), n_bins=10, strategy="quantile"
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
    if codes.ndim == 2:
        axes.set(xlabel="mean probability of a label", ylabel="share of sequences with the label")
    else:
        axes.set(
            xlabel="mean probability of the predicted class", ylabel="share of right predictions"
        )
    axes.set_title("Out-of-fold reliability", fontsize=10)
    axes.legend(fontsize=8)


def _observe_classes(log_proba, codes):
    """Return whether the predicted classes are right, and their probabilities."""
    return log_proba.argmax(axis=1) == codes, np.exp(log_proba.max(axis=1)).clip(max=1)


def _observe_labels(log_proba, codes):
    """Return which of the known labels are present, and their probabilities."""
    known = codes != UNKNOWN
    return codes[known] == PRESENT, np.exp(log_proba[known])


def _plot_weights(axes, names, weights):
    places = np.arange(len(names))
    axes.barh(places, weights, color=[_COLORS[place % len(_COLORS)] for place in places])
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel("weight")
    axes.set_title("Weights of the members", fontsize=10)
