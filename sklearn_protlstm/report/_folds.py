"""How the folds of a comparison were made, in words."""

__all__ = ["describe_folds"]

_ON_GROUPS = (
    "Related proteins form groups, and no group is on both sides of a fold. The scores therefore "
    "hold for groups that the models have not seen. With random folds, near-copies of the test "
    "proteins would be in the training part, and a model that memorises them would look good."
)
_ON_RANDOM_FOLDS = (
    "The folds are random. Near-copies of the test proteins may be in the training part, so the "
    "scores say little about new protein families."
)


def describe_folds(comparison):
    """Say how often and into what the sequences were split, and why."""
    n_repeats = comparison.folds[-1].repeat + 1
    repeats = "" if n_repeats == 1 else f" in {n_repeats} repeats"
    return [
        "Each model is trained on the training part of a fold and scored on its test part. There "
        f"are {len(comparison.folds)} folds{repeats}, with "
        f"{_describe_sizes([len(fold.train) for fold in comparison.folds])} training sequences and "
        f"{_describe_sizes([len(fold.test) for fold in comparison.folds])} test sequences.",
        _ON_GROUPS if comparison.grouped else _ON_RANDOM_FOLDS,
    ]


def _describe_sizes(sizes):
    low, high = min(sizes), max(sizes)
    return str(low) if low == high else f"{low} to {high}"
