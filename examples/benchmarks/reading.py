"""Benchmark inspection: deletion tests, and the plots of the documentation.

    python examples/benchmarks/reading.py docs/images

writes the plots to the folder and the figures to ``results/reading.json``.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from machine import describe_session
from run import save
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
    lost = model.predict_proba(masked)[np.arange(len(X)), class_indices] < 0.5
    return float(lost.mean())


def deletion(model, n_samples=300):
    """Make eight residues unknown, chosen in several ways, and count the predictions lost.

    Returns
    -------
    figures : dict
        For each way, the number of proteins, how many were predicted correctly before, the share
        of these predictions that are lost, and the share of the residues that are in the motif.
        For the motif itself, the share lost of each class as well.
    """
    X, y = make_motif_position(n_samples, random_state=2)
    right = model.predict(X) == y
    X, y = [protein for protein, is_right in zip(X, right) if is_right], y[right]
    motifs = [np.arange(8) + protein.index(MOTIF) for protein in X]
    rng = np.random.RandomState(0)
    chosen = {
        "motif": motifs,
        "random": [rng.permutation(len(protein))[:8] for protein in X],
    }
    for method, baseline in SETTINGS:
        result = residue_attribution(model, X, method=method, baseline=baseline)
        chosen[f"{method}, {baseline}"] = [np.argsort(-scores)[:8] for scores in result.scores]
    ways = {
        way: {
            "n": n_samples,
            "right": len(X),
            "lost": share_lost(model, X, y, residues),
            "in_motif": overlap(residues, motifs),
        }
        for way, residues in chosen.items()
    }
    for label in np.unique(y):
        own = np.flatnonzero(y == label)
        ways["motif"][f"lost_{label}"] = share_lost(
            model, [X[i] for i in own], y[own], [motifs[i] for i in own]
        )
    return ways


def overlap(chosen, motifs):
    return float(np.mean([len(set(a) & set(b)) / 8 for a, b in zip(chosen, motifs)]))


def write(figure, path):
    figure.savefig(path, dpi=100)
    plt.close(figure)


def save_plots(two_classes, three_classes, folder):
    [background] = random_proteins([40], seed=1)
    protein = background[:16] + MOTIF + background[16:]
    name = f"{MOTIF} in a random protein"
    X, _ = make_motif_position(50, random_state=3)
    scan = position_scan(two_classes, MOTIF, background, name="random protein without the motif")
    track = residue_attribution(three_classes, [protein], names=[name])
    write(scan.plot(), folder / "reading_scan.png")
    write(memory_trace(three_classes, protein, name=name).plot(), folder / "reading_trace.png")
    write(track.plot(), folder / "reading_track.png")
    write(mutation_scan(three_classes, protein, name=name).plot(), folder / "reading_mutations.png")
    write(memory_horizon(three_classes, X).plot(), folder / "reading_horizon.png")
    write(top_windows(three_classes, X).plot(), folder / "reading_logo.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder to write the plots to")
    folder = parser.parse_args().folder
    report = {"sessions": [describe_session()]}
    two_classes, three_classes = fit_two_classes(), fit_three_classes()
    two, three = deletion(two_classes), deletion(three_classes)
    report["deletion"] = {way: {"two": two[way], "three": three[way]} for way in two}
    save(report, Path("results/reading.json"))
    save_plots(two_classes, three_classes, folder)


if __name__ == "__main__":
    main()
