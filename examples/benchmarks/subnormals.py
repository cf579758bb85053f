"""What gradients do that fade below 1.2e-38: the time they take, and where they begin.

Floats below that are subnormal. Some processors need some 150 cycles to multiply one. A thread may
tell its core to turn them to zero, with ``torch.set_flush_denormal(True)``.
"""

import time

import numpy as np
import torch
from machine import in_own_thread
from measures import random_proteins
from rivals import EMBEDDING_DIM, Library, TextbookLSTM
from torch import nn

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder

LOOP = "PyTorch loop, one thread"
HIDDEN_SIZE, BATCH_SIZE = 64, 32
SMALLEST_NORMAL = torch.finfo(torch.float32).tiny


def by_length(proteins, quick):
    """Training an untrained network from its last states, the same residues in longer sequences.

    Returns
    -------
    figures : dict
        Microseconds per residue of the library on all threads, and of a plain loop on one, and
        the ratio of the dearest to the cheapest length for each.
    """
    lengths = [60, 1000] if quick else [60, 250, 1000, 4000, 8000]
    n_residues = 16_000 if quick else 256_000
    rates = {
        length: _microseconds(n_residues // length, length, repeats=1 if quick else 3)
        for length in lengths
    }
    ratios = {}
    for name in rates[lengths[0]]:
        values = [rate[name] for rate in rates.values()]
        ratios[name] = max(values) / min(values)
    return {
        "n_residues": n_residues,
        "microseconds_per_residue": rates,
        "dearest_to_cheapest": ratios,
    }


def _microseconds(n_sequences, length, repeats):
    """Medians of ways that take turns."""
    tokens = SequenceEncoder().fit_transform(random_proteins(n_sequences, length))
    labels = np.arange(n_sequences) % 2
    ways = {
        Library.name: lambda: _train_library(tokens, labels),
        LOOP: lambda: _train_loop(tokens, labels, False),
        f"{LOOP}, flushed": lambda: _train_loop(tokens, labels, True),
    }
    seconds = {name: [] for name in ways}
    for _ in range(repeats):
        for name, train in ways.items():
            seconds[name].append(train())
    residues = n_sequences * length
    return {name: 1e6 * float(np.median(times)) / residues for name, times in seconds.items()}


def _train_library(tokens, labels):
    # A learning rate this small leaves the network as it was drawn. The second epoch is timed.
    model = ProtLSTMClassifier(
        hidden_size=HIDDEN_SIZE,
        embedding_dim=EMBEDDING_DIM,
        pooling="last",
        dropout=0,
        token_dropout=0,
        batch_size=BATCH_SIZE,
        lr=1e-12,
        max_epochs=2,
        random_state=0,
    )
    return model.fit(tokens, labels).history_[-1]["dur"]


def _train_loop(tokens, labels, flushed):
    """Seconds of forward and backward through a textbook network, in one thread."""
    tokens, labels = torch.from_numpy(tokens.astype(np.int32)), torch.from_numpy(labels)

    def train():
        torch.set_num_threads(1)
        torch.set_flush_denormal(flushed)
        torch.manual_seed(0)
        module = TextbookLSTM(2, HIDDEN_SIZE, packed=False)

        def learn(rows):
            module.zero_grad()
            nn.functional.cross_entropy(module(tokens[rows]), labels[rows]).backward()

        batches = torch.arange(len(tokens)).split(BATCH_SIZE)
        learn(batches[0])
        start = time.perf_counter()
        for rows in batches:
            learn(rows)
        return time.perf_counter() - start

    n_threads = torch.get_num_threads()
    try:
        return in_own_thread(train)
    finally:
        torch.set_num_threads(n_threads)


def fading(proteins, quick):
    """Size of the gradient of the last state, by distance from the end of the sequence.

    Returns
    -------
    figures : dict
        For each distance the median size, and the shares of values that are subnormal and that
        are zero. They do not depend on the processor.
    """
    sizes = in_own_thread(_gradient_sizes)
    below = sizes < SMALLEST_NORMAL
    return {
        "median": [float(f"{size:.3g}") for size in np.median(sizes, 1)],
        "subnormal": (below & (sizes > 0)).mean(1).round(4).tolist(),
        "zero": (sizes == 0).mean(1).round(4).tolist(),
        "mostly_below_normal_from": int(np.argmax(below.mean(1) > 0.5)),
    }


def _gradient_sizes(n_samples=16, n_steps=500):
    """Array of shape (n_steps, n_samples * embedding_dim), the last residue first."""
    torch.set_flush_denormal(False)
    torch.manual_seed(0)
    lstm = nn.LSTM(EMBEDDING_DIM, HIDDEN_SIZE, batch_first=True)
    residues = torch.randint(20, (n_samples, n_steps))
    vectors = nn.Embedding(20, EMBEDDING_DIM)(residues).detach().requires_grad_()
    _, (last, _) = lstm(vectors)
    last.sum().backward()
    # In double precision all of these are normal numbers.
    sizes = vectors.grad.double().abs().flip(1)
    return sizes.transpose(0, 1).flatten(1).numpy()


ALL = {"length": by_length, "fading": fading}
