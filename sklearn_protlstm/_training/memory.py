"""What happens when a device runs out of memory: fewer sequences go through the network at once."""

import warnings

import torch

from sklearn_protlstm._training.batches import cut_evenly
from sklearn_protlstm.exceptions import BatchMemoryWarning, DeviceMemoryError

__all__ = ["OutOfMemory", "compute_in_parts", "cut_rows", "halve_rows"]

#: What torch raises. Its name differs between versions; this one is in all of them.
OutOfMemory = torch.cuda.OutOfMemoryError


def compute_in_parts(workers, compute, cut_parts, shape_of, shrink):
    """Compute parts in threads, and try again with smaller ones when they do not fit.

    Parameters
    ----------
    workers : Workers
        The threads.
    compute : callable
        Takes a part. It must not return None.
    cut_parts : callable
        Without arguments; lists the parts still to compute.
    shape_of : callable
        Tells the rows and steps of a part.
    shrink : callable
        Takes the rows and steps of the largest part that did not fit. The next call of
        `cut_parts` makes smaller parts.

    Returns
    -------
    results : list
        One for each part of the last call of `cut_parts`.
    """

    def attempt(part):
        # To keep the error would keep the tensors alive that do not fit.
        try:
            return compute(part)
        except OutOfMemory:
            return None

    while True:
        parts = cut_parts()
        results = list(workers.map(attempt, parts))
        too_large = [shape_of(part) for part, result in zip(parts, results) if result is None]
        if not too_large:
            return results
        # What the other parts hold on the device is needed for the next attempt.
        del results
        shrink(*max(too_large))


def halve_rows(n_rows, n_steps, device):
    """Warn that fewer sequences go through the network at once, and tell how many.

    Raises DeviceMemoryError for a single sequence. Frees the memory of a GPU that torch holds
    without using it.
    """
    if n_rows == 1:
        raise DeviceMemoryError(
            f"The device {device} cannot hold a single sequence of {n_steps} tokens. Cut long "
            "sequences with SequenceEncoder(max_length=...), reduce hidden_size or num_layers, "
            'close other programs that use the device, or compute on device="cpu"',
            device=str(device),
            n_residues=n_steps,
        )
    half = -(-n_rows // 2)
    warnings.warn(
        BatchMemoryWarning(
            f"The device {device} cannot hold {n_rows} sequences of {n_steps} tokens at once. "
            f"From now on, {half} go through the network at once. The optimizer still sees "
            "batches of batch_size",
            device=str(device),
            n_rows=half,
        ),
        stacklevel=2,
    )
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()
    return half


def cut_rows(rows, most):
    """Cut a slice of rows into slices of about equal size.

    Parameters
    ----------
    rows : slice
        With start and stop.
    most : int or None
        Most rows of a part; None sets no limit.

    Returns
    -------
    parts : list of slice
        In order, without gaps.

    Examples
    --------
    >>> cut_rows(slice(10, 20), 4)
    [slice(10, 13, None), slice(13, 16, None), slice(16, 20, None)]
    """
    n_rows = rows.stop - rows.start
    return cut_evenly(rows, 1 if most is None else -(-n_rows // most))
