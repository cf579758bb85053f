"""One way of ``rivals.py`` in a process of its own; ``workers.TorchWorker`` starts it.

Arguments: name of the way, 1 to flush subnormal numbers to zero, an .npz file with the problem.
"""

import sys

import torch
from workers import serve


def main(name, flushed, path):
    # Before anything computes: torch's threads take the mode of the thread that creates them.
    torch.set_flush_denormal(flushed)
    flushes = product_is_zero()
    import rivals

    ways = {way.name: way for way in rivals.TORCH_WAYS}
    serve(ways[name](rivals.EncodedProblem.load(path)), f"torch {torch.__version__}", flushes)


def product_is_zero():
    """Multiply tiny numbers, enough of them for all threads, and look at the bits."""
    products = torch.full((2**18,), 1e-20) * 1e-19
    return not products.view(torch.int32).any()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "1", sys.argv[3])
