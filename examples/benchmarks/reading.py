"""Benchmark inspection: deletion tests, running times, and the plots of the documentation.

python examples/benchmarks/reading.py docs/images
"""

import argparse
from pathlib import Path
from time import perf_counter

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import make_motif_position
from sklearn_protlstm.inspection import (
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)

MOTIF = "AKGDKICL"
RESIDUES = list("ACDEFGHIKLMNPQRSTVWY")
SETTINGS = (
    ("integrated_gradients", "shuffled"),
    ("integrated_gradients", "unknown"),
    ("gradient_x_input", "shuffled"),
    ("occlusion", "unknown"),
)


def random_proteins(lengths, seed):
    rng = np.random.RandomState(seed)
    return ["".join(rng.choice(RESIDUES, length)) for length in lengths]


def fit_two_classes(n_samples=500):
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0))
    return model.fit(*make_motif_position(n_samples, random_state=1))


def fit_three_classes(n_samples=600):
    X, y = make_motif_position(n_samples, random_state=1)
    without = random_proteins([len(protein) for protein in X[: n_samples // 2]], seed=101)
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0))
    return model.fit(X + without, np.append(y, ["neither"] * len(without)))


def share_lost(model, X, y, chosen):
    """Share of proteins whose class falls below 0.5 when the chosen residues become unknown."""
    masked = []
    for protein, residues in zip(X, chosen):
        letters = np.array(list(protein))
        letters[residues] = "X"
        masked.append("".join(letters))
    class_indices = np.searchsorted(model.classes_, y)
    return np.mean(model.predict_proba(masked)[np.arange(len(X)), class_indices] < 0.5)


def print_deletion(name, model, n_samples=300):
    X, y = make_motif_position(n_samples, random_state=2)
    right = model.predict(X) == y
    X, y = [protein for protein, is_right in zip(X, right) if is_right], y[right]
    motifs = [np.arange(8) + protein.index(MOTIF) for protein in X]
    rng = np.random.RandomState(0)
    random = [rng.permutation(len(protein))[:8] for protein in X]
    print(f"\n{name}: {len(X)} of {n_samples} sequences predicted correctly")
    print(f"the motif itself masked: {share_lost(model, X, y, motifs):.2f} lost")
    for label in model.classes_:
        own = np.flatnonzero(y == label)
        if len(own):
            lost = share_lost(model, [X[i] for i in own], y[own], [motifs[i] for i in own])
            print(f"the motif itself masked, {label} only: {lost:.2f} lost")
    print(f"8 random residues masked: {share_lost(model, X, y, random):.2f} lost")
    for method, baseline in SETTINGS:
        result = residue_attribution(model, X, method=method, baseline=baseline)
        top = [np.argsort(-scores)[:8] for scores in result.scores]
        within = np.mean([len(set(a) & set(b)) / 8 for a, b in zip(top, motifs)])
        print(
            f"8 by {method}, {baseline}: {share_lost(model, X, y, top):.2f} lost, "
            f"{within:.2f} of them in the motif"
        )
    windows = top_windows(model, X)
    print("top window:", windows.windows[0], "in", windows.counts[0], "of", len(X))


def print_times():
    X = random_proteins([500] * 100, seed=3)
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    model.fit(X, ["a", "b"] * 50)
    start = perf_counter()
    residue_attribution(model, X, n_steps=32)
    print(f"\nintegrated gradients, 100 proteins of 500: {perf_counter() - start:.1f} s")
    start = perf_counter()
    position_scan(model, MOTIF, X[0][:300])
    print(f"position scan, background of 300: {perf_counter() - start:.2f} s")
    start = perf_counter()
    memory_trace(model, X[0])
    print(f"memory trace, 500 residues: {perf_counter() - start:.2f} s")
    start = perf_counter()
    mutation_scan(model, X[0][:300])
    print(f"mutation scan, 300 residues: {perf_counter() - start:.2f} s")


def save(figure, path):
    figure.savefig(path, dpi=100)
    plt.close(figure)


def save_plots(two_classes, three_classes, folder):
    [background] = random_proteins([40], seed=1)
    protein = background[:16] + MOTIF + background[16:]
    name = f"{MOTIF} in a random protein"
    X, _ = make_motif_position(50, random_state=3)
    scan = position_scan(two_classes, MOTIF, background, name="random protein without the motif")
    track = residue_attribution(three_classes, [protein], names=[name])
    save(scan.plot(), folder / "reading_scan.png")
    save(memory_trace(three_classes, protein, name=name).plot(), folder / "reading_trace.png")
    save(track.plot(), folder / "reading_track.png")
    save(mutation_scan(three_classes, protein, name=name).plot(), folder / "reading_mutations.png")
    save(memory_horizon(three_classes, X).plot(), folder / "reading_horizon.png")
    save(top_windows(three_classes, X).plot(), folder / "reading_logo.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder to write the plots to")
    folder = parser.parse_args().folder
    print_times()
    two_classes, three_classes = fit_two_classes(), fit_three_classes()
    print_deletion("human or dog", two_classes)
    print_deletion("human, dog or neither", three_classes)
    save_plots(two_classes, three_classes, folder)


if __name__ == "__main__":
    main()
