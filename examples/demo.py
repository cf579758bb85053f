"""Compare an LSTM with k-mer logistic regression on two bundled data sets.

Run it with ``make demo`` or ``python examples/demo.py``. It takes two to three minutes on two
cores. The two parts are independent, so you can copy either of them.
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    matthews_corrcoef,
)
from sklearn.model_selection import StratifiedGroupKFold, train_test_split
from sklearn.pipeline import make_pipeline
from tqdm.auto import tqdm

from sklearn_protlstm import (
    ProtLSTMClassifier,
    SequenceEncoder,
    make_kmer_baseline,
    make_length_baseline,
    make_majority_baseline,
)
from sklearn_protlstm.datasets import load_virus_hosts, make_motif_position
from sklearn_protlstm.plotting import plot_confusion_matrices


def motif_position():
    """Part (a): predict whether a motif is at a terminus (human) or in the middle (dog)."""
    print("(a) Position of AKGDKICL: human at a terminus, dog in the middle\n")
    sequences, hosts = make_motif_position(2000, length=(40, 80), margin=3, random_state=0)
    X_train, X_test, y_train, y_test = train_test_split(
        sequences, hosts, train_size=1000, stratify=hosts, random_state=0
    )
    lstm = make_pipeline(
        SequenceEncoder(), ProtLSTMClassifier(max_epochs=10, random_state=0, verbose=1)
    )
    for name, model in [("LSTM", lstm), ("k-mer logistic regression", make_kmer_baseline())]:
        start = time.perf_counter()
        accuracy = model.fit(X_train, y_train).score(X_test, y_test)
        seconds = time.perf_counter() - start
        print(f"    {name:<27} held-out accuracy {accuracy:.3f}   {seconds:5.1f} s")
    print("\n    k-mer counts do not contain the position of a motif; chance is 0.5.\n")


def virus_hosts(picture):
    """Part (b): predict the host of viral proteins, with whole homology clusters held out."""
    data = load_virus_hosts()
    print(
        f"(b) {len(data.data):,} viral proteins, {len(data.target_names)} hosts; 5 folds, "
        "homologous proteins always in the same fold\n"
    )
    # Truncate to 200 residues, half from each terminus, to keep the demo fast.
    lstm = make_pipeline(
        SequenceEncoder(max_length=200),
        ProtLSTMClassifier(max_epochs=10, class_weight="balanced", random_state=0),
    )
    models = {
        "LSTM": lstm,
        "k-mer logistic regression": make_kmer_baseline(),
        "length only": make_length_baseline(),
        "majority class": make_majority_baseline(),
    }
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    splits = list(folds.split(data.data, data.target, data.groups))
    results = cross_validate_all(models, data.data, data.target, splits)

    print(f"\n    {'':<27}accuracy  balanced  macro-F1      MCC   seconds")
    for name, (predictions, seconds) in results.items():
        scores = mean_scores(data.target, predictions, splits)
        cells = "".join(f"{score:10.3f}" for score in scores)
        print(f"    {name:<26}{cells[1:]}{seconds:10.1f}")
    print("\n    (means over folds; time to fit and predict all folds, one thread each)")

    panels = {name: results[name][0] for name in list(models)[:2]}
    figure = plot_confusion_matrices(data.target, panels)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=150)
    print(f"\n    Confusion matrices: {picture.resolve()}")


def cross_validate_all(models, sequences, hosts, splits):
    """Return out-of-fold predictions and the total time of each model, in seconds."""
    jobs = [(name, test) for name in models for _, test in splits]
    tasks = (
        delayed(fit_predict)(clone(model), sequences, hosts, train, test)
        for model in models.values()
        for train, test in splits
    )
    parallel = Parallel(n_jobs=2, return_as="generator")
    results = {name: (np.empty_like(hosts), 0.0) for name in models}
    for (name, test), (y_pred, seconds) in zip(
        jobs, tqdm(parallel(tasks), total=len(jobs), unit="fit", desc="    cross-validation")
    ):
        predictions, total = results[name]
        predictions[test] = y_pred
        results[name] = predictions, total + seconds
    return results


def fit_predict(model, sequences, hosts, train, test):
    """Return predictions for the test set, and the time of fit and predict in seconds."""
    start = time.perf_counter()
    y_pred = model.fit(sequences[train], hosts[train]).predict(sequences[test])
    return y_pred, time.perf_counter() - start


def mean_scores(y_true, y_pred, splits):
    """Return accuracy, balanced accuracy, macro-F1 and MCC, averaged over the folds."""

    def macro_f1(true, predicted):
        return f1_score(true, predicted, average="macro", zero_division=0)

    metrics = (accuracy_score, balanced_accuracy_score, macro_f1, matthews_corrcoef)
    by_fold = [[metric(y_true[test], y_pred[test]) for metric in metrics] for _, test in splits]
    return np.mean(by_fold, axis=0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--picture",
        type=Path,
        default=Path("results/virus_hosts_confusion.png"),
        help="path of the PNG file to write",
    )
    arguments = parser.parse_args()
    started = time.perf_counter()
    # A model can predict a class that a test fold lacks. The metrics are still defined.
    warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")
    motif_position()
    virus_hosts(arguments.picture)
    print(f"\nDone in {time.perf_counter() - started:.0f} s")
