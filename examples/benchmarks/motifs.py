"""Accuracy on the motif tasks, with the default parameters.

    python examples/benchmarks/motifs.py

writes ``results/motifs.json``. Training and test sequences are drawn with different seeds.
"""

from pathlib import Path

from machine import describe_session
from run import save
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.datasets import make_motif_order, make_motif_position

# Number of networks, function, training and test sequences, and its other arguments.
TASKS = {
    "position": (5, make_motif_position, 500, 1000, {}),
    "position, margin 3": (1, make_motif_position, 2000, 2000, {"length": (40, 80), "margin": 3}),
    "order, gap 3 to 30": (1, make_motif_order, 2000, 2000, {"gap": (3, 30), "length": (60, 80)}),
    "order, gap 100": (1, make_motif_order, 2000, 2000, {"gap": 100, "length": (130, 150)}),
    "order, gap 300": (1, make_motif_order, 2000, 2000, {"gap": 300, "length": 350}),
}


def main():
    report = {"sessions": [describe_session()], "tasks": {}}
    for name, (n_networks, make, n_train, n_test, parameters) in TASKS.items():
        train = make(n_train, random_state=1, **parameters)
        test = make(n_test, random_state=2, **parameters)
        accuracies = [accuracy(lstm(seed), train, test) for seed in range(n_networks)]
        report["tasks"][name] = {
            "n_train": n_train,
            "n_test": n_test,
            "lstm": {"n": n_networks, "lowest": min(accuracies), "highest": max(accuracies)},
            "k-mers": accuracy(make_kmer_baseline(), train, test),
        }
        print(name, report["tasks"][name], flush=True)
        save(report, Path("results/motifs.json"))


def lstm(seed):
    return make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=seed))


def accuracy(model, train, test):
    return float(model.fit(*train).score(*test))


if __name__ == "__main__":
    main()
