"""Frozen steps at the start of a pipeline: no fold fits them, so they need to run only once."""

from itertools import takewhile

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_protlstm._meta_estimators import is_frozen

__all__ = ["join_steps", "split_steps"]


def split_steps(member):
    """Split a member behind its leading frozen steps.

    Parameters
    ----------
    member : estimator
        Fitted or not.

    Returns
    -------
    frozen : Pipeline or None
        Transforms samples. None if the member does not start with a frozen step.
    rest : estimator
        Takes what `frozen` returns. The member itself if `frozen` is None.
    """
    # A subclass may do more than to run its steps.
    if type(member) is not Pipeline:
        return None, member
    transformers = [step for _, step in member.steps[:-1]]
    n_frozen = sum(1 for _ in takewhile(is_frozen, transformers))
    return (member[:n_frozen], member[n_frozen:]) if n_frozen else (None, member)


def join_steps(frozen, rest):
    """Return the pipeline that ``split_steps`` has split."""
    if frozen is None:
        return rest
    whole = clone(frozen)
    whole.steps = [*frozen.steps, *rest.steps]
    return whole
