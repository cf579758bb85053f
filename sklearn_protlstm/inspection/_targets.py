"""The class that an inspection explains, and its log-odds."""

import numpy as np
import torch


def find_class_indices(target, classes, logits):
    """Return the class index to explain for each row of `logits`.

    The same index for all rows if `target` is a label, the predicted class if it is None.
    """
    if target is None:
        return logits.argmax(axis=1)
    try:
        class_index = classes.tolist().index(target)
    except (TypeError, ValueError):  # pandas.NA and arrays do not compare to a bool
        raise ValueError(
            f"target={target!r} is not a class of the model. Use one of {classes.tolist()}, or "
            "None for the predicted class"
        ) from None
    return np.full(len(logits), class_index)


def log_odds(logits, class_indices):
    """Compute log p / (1 - p) of one class for each row of two tensors.

    For two classes this is the difference of their logits. Unlike a single logit, it does not
    change when a constant is added to all logits of a row.
    """
    chosen = torch.nn.functional.one_hot(class_indices, logits.shape[1]).bool()
    others = logits.masked_fill(chosen, -torch.inf)
    return logits[chosen] - torch.logsumexp(others, dim=1)


def log_odds_of_arrays(logits, class_indices):
    """Compute :func:`log_odds` of two arrays, in double precision."""
    return log_odds(torch.from_numpy(logits).double(), torch.from_numpy(class_indices)).numpy()
