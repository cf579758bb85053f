"""Threads that compute: one for each core, in which subnormal numbers are flushed to zero."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

__all__ = ["Workers", "worker_threads"]


class Workers:
    """Threads that share the work on a CPU. On another device the caller works alone.

    Parameters
    ----------
    pool : concurrent.futures.ThreadPoolExecutor or None
        The threads. None computes in the caller's thread.
    """

    def __init__(self, pool=None):
        self._pool = pool

    def map(self, function, *iterables):
        """Call a function in the threads, like the built-in ``map``."""
        return (self._pool.map if self._pool else map)(function, *iterables)

    def both(self, one, other):
        """Call two functions without arguments, the second in another thread if one is idle.

        A worker may call this. If no thread has started the second function when the first one is
        done, the calling thread runs it: otherwise two workers could wait for each other.
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
    """Start one thread for each core that torch may use, and let torch itself use one core.

    An LSTM is a long chain of small matrix products. Threads within a product wait for each other
    at every residue, which gains little on idle cores and loses much on busy ones. Threads that
    take some rows of the batch each hardly ever wait.

    Gradients fade on their way back through hundreds of residues until they are subnormal, that
    is, below 1.2e-38. Many processors need some 150 cycles to multiply such numbers. The workers
    flush them to zero. This mode belongs to a thread, so the network never runs in the caller's
    thread on a CPU, even if torch may use one core only.

    Parameters
    ----------
    device : torch.device
        On anything but a CPU the caller's thread does the work.

    Yields
    ------
    workers : Workers
        Valid within the ``with`` block. torch's number of threads is restored at its end.
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
