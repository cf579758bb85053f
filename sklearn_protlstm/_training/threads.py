"""Threads that compute: one for each core, in which subnormal numbers are flushed to zero."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

__all__ = ["Workers", "worker_threads"]


class Workers:
    """Threads that share the work on a CPU; on another device, the caller alone.

    Parameters
    ----------
    pool : concurrent.futures.ThreadPoolExecutor or None
        The threads. None computes in the caller's thread.
    """

    def __init__(self, pool=None):
        self._pool = pool

    def map(self, function, *iterables):
        """Call a function in the threads, like the built-in ``map``.

        Parameters
        ----------
        function : callable
            Called once for each set of arguments.
        *iterables : iterable
            The arguments.

        Returns
        -------
        results : iterator
            In the order of the arguments.
        """
        return (self._pool.map if self._pool else map)(function, *iterables)

    def both(self, one, other):
        """Call two functions, the second in another thread if one is idle.

        Workers may call this: a second function that no thread has begun by the time the first is
        done runs in the calling thread, so that no thread waits for itself.

        Parameters
        ----------
        one, other : callable
            Without arguments.

        Returns
        -------
        results : tuple of two
            What the functions returned.
        """
        if self._pool is None:
            return one(), other()
        future = self._pool.submit(other)
        try:
            result = one()
        except BaseException:
            future.cancel()
            raise
        return result, other() if future.cancel() else future.result()


@contextmanager
def worker_threads(device):
    """Give one thread to each core that torch may use, and let torch itself use one core.

    An LSTM is a long chain of small matrix products. Threads inside each product wait for each
    other at every residue, for little gain on idle cores and at a heavy loss on busy ones.
    Threads that each take some rows of the batch hardly wait at all.

    Gradients fade on their way back through hundreds of residues until they are subnormal, below
    1.2e-38. Many processors multiply such numbers in microcode, some 150 cycles each. The workers
    flush them to zero. That mode belongs to a thread, so the computation never runs in the
    caller's thread on a CPU, not even when torch may use one core only.

    Parameters
    ----------
    device : torch.device
        On anything but a CPU the caller's thread does the work.

    Yields
    ------
    workers : Workers
        Valid inside the ``with`` block. torch's number of threads is restored after it.
    """
    if device.type != "cpu":
        yield Workers()
        return
    n_threads = torch.get_num_threads()
    if n_threads > 1:
        torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(n_threads, "protlstm", _prepare_worker) as pool:
            yield Workers(pool)
    finally:
        if n_threads > 1:
            torch.set_num_threads(n_threads)


def _prepare_worker():
    torch.set_num_threads(1)
    # Returns False on a processor without this mode, which then computes as before.
    torch.set_flush_denormal(True)
