"""LSTM, k-mers and three models that know less, on random folds and on folds of whole clusters.

    python examples/benchmarks/verdicts.py --proteins coronavirus_hosts.tsv.gz

writes ``results/verdicts.json``. ``--proteins`` takes a table (.tsv, .tsv.gz) with the columns
"sequence", "host" and "cluster"; without it the bundled data are compared alone. Takes some ten
minutes on two cores.
"""

import argparse
import warnings
from pathlib import Path

import pandas as pd
from machine import describe_session
from run import save
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import (
    ProtLSTMClassifier,
    SequenceEncoder,
    compare_models,
    make_kmer_baseline,
)
from sklearn_protlstm.datasets import load_virus_hosts, make_motif_order, make_motif_position

SCORES = ["accuracy", "balanced_accuracy", "f1_macro", "matthews_corrcoef", "log_loss", "roc_auc"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--proteins", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("results/verdicts.json"))
    arguments = parser.parse_args()
    report = {"sessions": [describe_session()], "folds": arguments.folds, "data": {}}
    for name, (X, y, groups, lstm) in problems(arguments.proteins).items():
        for folds in ("random", "cluster"):
            if folds == "random" or groups is not None:
                comparison = compare(X, y, groups, lstm, folds, arguments.folds)
                print(f"\n{name}, {folds} folds\n{comparison}", flush=True)
                paired = comparison.test("LSTM", "k-mers", metric="matthews_corrcoef")
                print(paired, flush=True)
                low, high = paired.interval
                report["data"][f"{name}, {folds} folds"] = {
                    "scores": comparison.summary().set_index("model").to_dict("index"),
                    "difference": {"mcc": paired.t_test.difference, "low": low, "high": high},
                    "verdict": paired.verdict(),
                }
                save(report, arguments.output)


def problems(path):
    """Sequences, labels, groups and the LSTM's pipeline of each data set."""
    viruses = load_virus_hosts()
    data = {
        "motif_position": (
            *make_motif_position(n_samples=2000, length=(40, 80), margin=3, random_state=0),
            None,
            lstm(),
        ),
        "motif_order": (
            *make_motif_order(n_samples=2000, random_state=0),
            None,
            lstm(),
        ),
        "virus_hosts": (viruses.data, viruses.target, viruses.groups, lstm_of_proteins()),
    }
    if path is not None:
        table = pd.read_csv(path, sep="\t")
        # A class must be in every training part, also with whole clusters held out.
        sizes = table.groupby("host")["cluster"].nunique()
        table = table[table["host"].isin(sizes.index[sizes >= 5])]
        data[path.name.partition(".")[0]] = (
            table["sequence"].to_numpy(dtype=object),
            table["host"].to_numpy(dtype=str),
            table["cluster"].to_numpy(),
            lstm_of_proteins(),
        )
    return data


def lstm():
    return make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0))


def lstm_of_proteins():
    # Both ends of long proteins, and fewer epochs, to stay within minutes.
    return make_pipeline(
        SequenceEncoder(max_length=200),
        ProtLSTMClassifier(max_epochs=10, class_weight="balanced", random_state=0),
    )


def compare(X, y, groups, lstm, folds, n_folds):
    splitter = StratifiedKFold if folds == "random" else StratifiedGroupKFold
    models = {
        "LSTM": lstm,
        "k-mers": make_kmer_baseline(),
        "composition": make_kmer_baseline(k=1),
    }
    with warnings.catch_warnings():
        # Logistic regression that needs more iterations is as good as it gets here.
        warnings.simplefilter("ignore")
        return compare_models(
            models,
            X,
            y,
            cv=splitter(n_folds, shuffle=True, random_state=0),
            groups=groups if folds == "cluster" else None,
            scoring=SCORES,
        )


if __name__ == "__main__":
    main()
