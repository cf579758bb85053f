"""Compare settings of the classifier on whole held-out clusters of the bundled viral proteins.

    python examples/benchmarks/defaults.py

prints the table of the user guide: five folds, one seed, sequences cut to 300 residues.
"""

import argparse

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import balanced_accuracy_score, matthews_corrcoef
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import load_virus_hosts

SETTINGS = {
    "defaults": {},
    "lr=0.01": {"lr": 0.01},
    "max_epochs=8": {"max_epochs": 8},
    "token_dropout=0": {"token_dropout": 0},
    'pooling="last"': {"pooling": "last"},
    'pooling="attention"': {"pooling": "attention"},
    'embedding="blosum62"': {"embedding": "blosum62"},
    'embedding="onehot"': {"embedding": "onehot"},
    'class_weight="balanced"': {"class_weight": "balanced"},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--settings", nargs="*", default=list(SETTINGS), choices=list(SETTINGS))
    arguments = parser.parse_args()
    viruses = load_virus_hosts()
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    splits = list(folds.split(viruses.data, viruses.target, viruses.groups))
    print("| setting | MCC | balanced accuracy |\n| --- | --- | --- |")
    for name in arguments.settings:
        model = make_pipeline(
            SequenceEncoder(max_length=300),
            ProtLSTMClassifier(random_state=0, **SETTINGS[name]),
        )
        scores = np.array(
            Parallel(n_jobs=2)(
                delayed(score_fold)(model, viruses.data, viruses.target, *split) for split in splits
            )
        )
        cells = " | ".join(f"{m:.3f} ± {s:.3f}" for m, s in zip(scores.mean(0), scores.std(0)))
        print(f"| `{name}` | {cells} |", flush=True)


def score_fold(model, sequences, hosts, train, test):
    y_pred = model.fit(sequences[train], hosts[train]).predict(sequences[test])
    true = hosts[test]
    return matthews_corrcoef(true, y_pred), balanced_accuracy_score(true, y_pred)


if __name__ == "__main__":
    main()
