"""Which scores there are for classes and for label matrices."""

from sklearn_protlstm.comparison._label_scores import LABEL_METRICS
from sklearn_protlstm.comparison._scores import METRICS


def list_metrics(multilabel):
    """Return the metrics by name."""
    return LABEL_METRICS if multilabel else METRICS


def check_scoring(scoring, multilabel):
    """Return the names of the scores as a tuple; None means all."""
    metrics = list_metrics(multilabel)
    if scoring is None:
        return tuple(metrics)
    names = (scoring,) if isinstance(scoring, str) else tuple(scoring)
    if not names or len(set(names)) < len(names) or any(name not in metrics for name in names):
        having = " for any number of labels" if multilabel else ""
        raise ValueError(
            f"Invalid scoring={scoring!r}. Pass one or more different names{having} out of "
            f"{', '.join(map(repr, metrics))}"
        )
    return names
