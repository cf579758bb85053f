"""Accuracy on the motif tasks, with the default parameters.

    python examples/benchmarks/motifs.py

prints the figures of README and user guide. Training and test sequences are drawn with different
seeds.
"""

from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder, make_kmer_baseline
from sklearn_protlstm.datasets import make_motif_order, make_motif_position

GAPS = {"gap 3 to 30": ((3, 30), (60, 80)), "gap 100": (100, (130, 150)), "gap 300": (300, 350)}


def main():
    position = [make_motif_position(n, random_state=seed) for n, seed in ((500, 1), (1000, 2))]
    accuracies = [accuracy(lstm(seed), *position) for seed in range(5)]
    report("position, 500 sequences of 23 to 60, five seeds", accuracies, position)
    inside = [
        make_motif_position(2000, length=(40, 80), margin=3, random_state=seed) for seed in (1, 2)
    ]
    report("position, margin 3, 2,000 of 40 to 80", [accuracy(lstm(0), *inside)], inside)
    for name, (gap, length) in GAPS.items():
        order = [
            make_motif_order(2000, gap=gap, length=length, random_state=seed) for seed in (1, 2)
        ]
        report(f"order, 2,000, {name}", [accuracy(lstm(0), *order)], order)


def lstm(seed):
    return make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=seed))


def accuracy(model, train, test):
    return model.fit(*train).score(*test)


def report(name, accuracies, data):
    shown = ", ".join(f"{value:.3f}" for value in accuracies)
    print(f"{name}: LSTM {shown}; k-mers {accuracy(make_kmer_baseline(), *data):.3f}", flush=True)


if __name__ == "__main__":
    main()
