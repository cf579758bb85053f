"""What to do when a batch does not fit into the memory of a device: take fewer rows at once."""

import warnings
from itertools import pairwise

import torch

from sklearn_protlstm.exceptions import BatchMemoryWarning, DeviceMemoryError

__all__ = ["OutOfMemory", "cut_rows", "halve_rows"]

#: What torch raises. Its name differs between versions; this one is in all of them.
OutOfMemory = torch.cuda.OutOfMemoryError


def halve_rows(n_rows, n_residues, device):
    """Take half as many sequences at once from now on, and say so.

    Parameters
    ----------
    n_rows : int
        Sequences that were too many.
    n_residues : int
        Tokens of the longest of them.
    device : str or torch.device
        Whose memory it is; what torch holds of it without need is freed.

    Returns
    -------
    n_rows : int
        At least 1.

    Raises
    ------
    DeviceMemoryError
        If there was one sequence only.

    Warns
    -----
    BatchMemoryWarning
        Otherwise.
    """
    if n_rows == 1:
        raise DeviceMemoryError(
            f"The memory of {device} is too small for one sequence of {n_residues} tokens. Cut "
            "long sequences with SequenceEncoder(max_length=...), take a smaller hidden_size or "
            'num_layers, end other programs on the device, or compute on device="cpu"',
            device=str(device),
            n_residues=n_residues,
        )
    half = -(-n_rows // 2)
    warnings.warn(
        BatchMemoryWarning(
            f"The memory of {device} is too small for {n_rows} sequences of {n_residues} tokens at "
            f"once: {half} go through the network at once from now on. The batch_size that the "
            "optimizer sees stays as it is",
            device=str(device),
            n_rows=half,
        ),
        stacklevel=2,
    )
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()
    return half


def cut_rows(rows, most):
    """Cut a range of rows into parts of about equal size.

    Parameters
    ----------
    rows : slice
        With start and stop.
    most : int or None
        Rows of a part; None sets no bound.

    Returns
    -------
    parts : list of slice
        One behind the other.

    Examples
    --------
    >>> cut_rows(slice(10, 20), 4)
    [slice(10, 13, None), slice(13, 16, None), slice(16, 20, None)]
    """
    n_rows = rows.stop - rows.start
    n_parts = 1 if most is None else -(-n_rows // most)
    ends = [rows.start + n_rows * i // n_parts for i in range(n_parts + 1)]
    return [slice(start, end) for start, end in pairwise(ends)]
