"""Figure of a selective classifier."""

from sklearn_protlstm._optional import import_pyplot

__all__ = ["plot_curve"]


def plot_curve(curve, precision, confidence, chosen):
    """Plot the precision and its lower bound against the share of answers.

    `chosen` is the index of the threshold in use, or None.
    """
    plt = import_pyplot()
    figure, axes = plt.subplots(figsize=(5.5, 4), layout="constrained")
    axes.plot(curve.coverage, curve.precision, color="#0072B2", label="precision")
    axes.plot(
        curve.coverage,
        curve.lower_bound(confidence),
        color="#0072B2",
        linestyle="--",
        label=f"lower bound, {confidence:.0%}",
    )
    axes.axhline(precision, color="gray", linewidth=0.8, linestyle=":", label="asked precision")
    if chosen is not None:
        axes.plot(
            curve.coverage[chosen],
            curve.precision[chosen],
            color="#D55E00",
            marker="o",
            linestyle="none",
            label=f"threshold {curve.thresholds[chosen]:.2f}",
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set(xlabel="share of proteins with an answer", ylabel="precision on held-out families")
    axes.legend(fontsize=8)
    return figure
