"""The class or label that an inspection explains, and its log-odds."""

import numpy as np
import torch


def find_target_indices(target, classes, logits, multilabel):
    """Return the index of the class or label to explain for each row of `logits`.

    The same index for all rows if `target` is given, otherwise the most probable one.
    """
    if target is None:
        return logits.argmax(axis=1)
    try:
        index = classes.tolist().index(target)
    except (TypeError, ValueError):  # pandas.NA and arrays do not compare to a bool
        kind, default = (
            ("label", "the most probable label") if multilabel else ("class", "the predicted class")
        )
        raise ValueError(
            f"target={target!r} is not a {kind} of the model. Use one of {classes.tolist()}, or "
            f"None for {default}"
        ) from None
    return np.full(len(logits), index)


def log_odds(logits, indices, multilabel):
    """Compute log p / (1 - p) of one class or label for each row of two tensors.

    For a label this is its logit. For two classes it is the difference of their logits. Unlike a
    single logit, that does not change when a constant is added to all logits of a row.
    """
    if multilabel:
        return logits.gather(1, indices[:, None]).squeeze(1)
    chosen = torch.nn.functional.one_hot(indices, logits.shape[1]).bool()
    others = logits.masked_fill(chosen, -torch.inf)
    return logits[chosen] - torch.logsumexp(others, dim=1)


def log_odds_of_arrays(logits, indices, multilabel):
    """Compute :func:`log_odds` of two arrays, in double precision."""
    tensors = torch.from_numpy(logits).double(), torch.from_numpy(indices)
    return log_odds(*tensors, multilabel).numpy()
