"""Are the answers of SelectiveClassifier right as often as asked, on unseen families?

    python examples/benchmarks/unknown.py --data virus_hosts --repeats 2
    python examples/benchmarks/unknown.py --data localization
    python examples/benchmarks/unknown.py --model recommended --output results/recommended.json

Holds out clusters of load_virus_hosts and load_localization, fits a SelectiveClassifier around a
stack to the rest, and asks for several precisions. "precision" has the precision on the held-out
clusters and the share of answers. "alarm" has the share of sequences that raise the alarm:
held-out proteins, shuffled proteins, and sequences that are not proteins.

The small stack has the members of examples/benchmarks/stacking.py, and takes five minutes. The
recommended model takes more than an hour. The results are written after each data set, and data
sets that the file has already are left out.
"""

import argparse
import json
import warnings
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from machine import describe_session
from run import save
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_protlstm import (
    GroupStackingClassifier,
    SelectiveClassifier,
    make_kmer_baseline,
    make_length_baseline,
    make_recommended_model,
)
from sklearn_protlstm.datasets import load_localization, load_virus_hosts
from sklearn_protlstm.exceptions import TruncationWarning

MODELS = {
    "small": lambda: GroupStackingClassifier(
        [
            ("k-mers", make_kmer_baseline()),
            ("composition", make_kmer_baseline(k=1)),
            ("length only", make_length_baseline()),
        ],
        random_state=0,
    ),
    "recommended": lambda: make_recommended_model(random_state=0),
}
DATA = {"virus_hosts": load_virus_hosts, "localization": load_localization}
# Seeds 0 and 1 served to compare ways to choose the threshold, so the tables have other folds.
FIRST_SEED = 10
ASKED = (0.6, 0.7, 0.8)
RESIDUES = list("ACDEFGHIKLMNPQRSTVWY")
N_MADE_UP = 500


def main():
    arguments = parse_arguments()
    warnings.simplefilter("ignore", TruncationWarning)
    report = read_report(arguments.output)
    report["sessions"].append(describe_session())
    for name in arguments.data:
        if name in report["precision"]:
            continue
        data, make_model = DATA[name](), MODELS[arguments.model]
        parts = splits(data, arguments.repeats)
        models = [fit_split(make_model(), data, *split) for split in parts]
        report["precision"][name] = precisions(data, models)
        report["alarm"][name] = alarm_shares(data, models)
        print(pd.DataFrame(report["precision"][name]).T.to_string(float_format="{:.3f}".format))
        print(pd.Series(report["alarm"][name]).to_string(float_format="{:.3f}".format))
        save(report, arguments.output)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Precision of a SelectiveClassifier.")
    parser.add_argument("--model", choices=MODELS, default="small")
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--repeats", type=int, default=1, help="repeats of the four folds")
    parser.add_argument("--output", type=Path, default=Path("results/unknown.json"))
    return parser.parse_args()


def read_report(path):
    if path.exists():
        return json.loads(path.read_text())
    return {"sessions": [], "precision": {}, "alarm": {}}


def splits(data, n_repeats):
    for seed in range(FIRST_SEED, FIRST_SEED + n_repeats):
        folds = StratifiedGroupKFold(4, shuffle=True, random_state=seed)
        yield from folds.split(data.data, data.target, data.groups)


def fit_split(stack, data, train, test):
    """Return a model of the training part, and the indices of the test part."""
    X = [data.data[row] for row in train]
    model = SelectiveClassifier(stack, precision=0)
    return model.fit(X, data.target[train], groups=data.groups[train]), test


def precisions(data, models):
    """For each asked precision: shares of right answers, and of answers."""
    results = {asked: [] for asked in ASKED}
    for model, test in models:
        X = [data.data[row] for row in test]
        for asked in ASKED:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "No threshold reaches")
                predictions = model.set_precision(asked).predict(X)
            answered = predictions != model.unknown_
            right = (predictions == data.target[test])[answered]
            results[asked].append((right, answered, data.groups[test][answered]))
        model.set_precision(0)
    return {str(asked): summarise(parts) for asked, parts in results.items()}


def summarise(parts):
    right = np.concatenate([part[0] for part in parts])
    families = np.concatenate([mean_by_family(part[0], part[2]) for part in parts])
    return {
        "right_proteins": right.mean() if len(right) else None,
        "right_families": families.mean() if len(families) else None,
        "answers": np.concatenate([part[1] for part in parts]).mean(),
        "splits": len(parts),
        "splits_without_answer": sum(not part[1].any() for part in parts),
    }


def mean_by_family(values, families):
    if not len(values):
        return np.empty(0)
    numbers = np.unique(families, return_inverse=True)[1]
    return np.bincount(numbers, values) / np.bincount(numbers)


def alarm_shares(data, models):
    """Share of sequences that are unlike the training proteins, by kind."""
    rng = np.random.RandomState(0)
    held_out = [model.alarm_.reasons([data.data[row] for row in test]) for model, test in models]
    model = models[-1][0]
    shares = {"held-out proteins": share_of_alarms(chain.from_iterable(held_out))}
    for kind, sequences in make_up(data, rng).items():
        shares[kind] = share_of_alarms(model.alarm_.reasons(sequences))
    return shares


def share_of_alarms(reasons):
    return np.mean([reason != "" for reason in reasons])


def make_up(data, rng):
    lengths = rng.randint(50, 1000, size=N_MADE_UP)
    chosen = rng.choice(len(data.data), size=N_MADE_UP, replace=False)
    return {
        "shuffled proteins": ["".join(rng.permutation(list(data.data[row]))) for row in chosen],
        "one letter": [str(rng.choice(RESIDUES)) * n for n in lengths],
        "DNA": ["".join(rng.choice(list("ACGT"), size=n)) for n in lengths],
        "two letters": [
            "".join(rng.choice(rng.choice(RESIDUES, 2, replace=False), size=n)) for n in lengths
        ],
        "repeats": [
            "".join(rng.choice(RESIDUES, size=rng.randint(5, 30))) * (n // 5) for n in lengths
        ],
    }


if __name__ == "__main__":
    main()
