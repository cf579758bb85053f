"""Models on real proteins and on the motif tasks: scores, calibration and seconds.

    python examples/benchmarks/real_proteins.py --output results/real_proteins.json
    python examples/benchmarks/real_proteins.py --tasks virus_hosts --models majority,length,k-mers

``--proteins`` takes a table (.tsv, .tsv.gz) with the columns "sequence", "host" and "cluster" for
the coronavirus tasks, which are left out otherwise. The results are written after every fit. An
interrupted run continues with the same command; fits whose model has changed are repeated.

``mcc``, ``macro_f1``, ``accuracy`` and ``log_loss`` are means over the test parts, and then over
the seeds. The seconds are sums over the test parts for the fastest seed, since other work on the
machine slows a seed down. Two scores need many proteins, and join the test parts of a seed first:

- ``ece`` is the expected calibration error of the highest probability: 15 bins with equal numbers
  of proteins (equal probabilities share a bin), the distance of the mean probability from the
  share of right predictions in each, weighted by the size of the bin.
- ``surest_half`` is the accuracy of the half of the proteins with the highest probabilities. Ties
  at the limit count in part.

Only models whose parameters depend on the seed run more than once. ``lstm`` and ``windows`` have
balanced class weights for hosts, whose classes are few and unequal, and none for the other tasks.
"""

import argparse
import json
import re
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from machine import describe_session
from run import save
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, f1_score, log_loss, matthews_corrcoef
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import has_fit_parameter

from sklearn_protlstm import (
    ProtLSTMClassifier,
    SequenceEncoder,
    make_kmer_baseline,
    make_length_baseline,
    make_property_baseline,
    make_recommended_model,
)
from sklearn_protlstm.datasets import (
    load_localization,
    load_virus_hosts,
    make_motif_order,
    make_motif_position,
)
from sklearn_protlstm.exceptions import TruncationWarning

N_BINS = 15
MEANS = ["mcc", "macro_f1", "accuracy", "log_loss"]
SECONDS = ["fit_seconds", "predict_seconds"]
COLUMNS = [*MEANS, "ece", "surest_half", *SECONDS]


@dataclass
class Task:
    """Sequences with labels, and the train and test rows of each split."""

    X: np.ndarray
    y: np.ndarray
    splits: list
    groups: np.ndarray | None = None
    class_weight: str | None = None
    # Many passes over windows overfit to few proteins. Chosen on inner folds.
    window_epochs: int = 4


def main():
    arguments = parse_arguments()
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.simplefilter("ignore", TruncationWarning)
    report = read_report(arguments.output)
    report["sessions"].append(describe_session())
    for task_name in arguments.tasks:
        task = TASKS[task_name](arguments.proteins)
        for model_name in arguments.models:
            for seed, model in seeded_models(MODELS[model_name], task, arguments.seeds):
                for split in range(len(task.splits)):
                    key = {
                        "task": task_name,
                        "model": model_name,
                        "seed": seed,
                        "split": split,
                        "parameters": describe(model),
                    }
                    run_once(report, key, model, task, arguments.output)
        print_table(task_name, report["summary"].get(task_name, {}))


def parse_arguments():
    def names(text):
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=names, help=f"some of {','.join(TASKS)}")
    parser.add_argument("--models", type=names, default=list(MODELS), help="default: all")
    parser.add_argument("--seeds", type=lambda text: [int(n) for n in names(text)], default=[0])
    parser.add_argument("--proteins", type=Path, help="table of the coronavirus tasks")
    parser.add_argument("--output", type=Path, default=Path("results/real_proteins.json"))
    arguments = parser.parse_args()
    if arguments.tasks is None:
        arguments.tasks = [name for name in TASKS if arguments.proteins or "corona" not in name]
    for option, known in (("tasks", TASKS), ("models", MODELS)):
        unknown = set(getattr(arguments, option)) - set(known)
        if unknown:
            parser.error(f"--{option}: {sorted(unknown)} not known, choose from {list(known)}")
    if arguments.proteins is None and any("corona" in name for name in arguments.tasks):
        parser.error("the coronavirus tasks need --proteins")
    return arguments


# Tasks. Each takes the path of the coronavirus table.


def virus_hosts(path):
    viruses = load_virus_hosts()
    return by_cluster(viruses.data, viruses.target, viruses.groups)


def localization(path):
    cell = load_localization()
    split = np.flatnonzero(cell.part == "train"), np.flatnonzero(cell.part == "validation")
    return Task(cell.data, cell.target, [split], cell.groups)


def coronavirus_hosts(path):
    task = by_cluster(*read_coronaviruses(path))
    task.window_epochs = 12
    return task


def coronavirus_hosts_random(path):
    X, y, _ = read_coronaviruses(path)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return Task(X, y, list(folds.split(X, y)), class_weight="balanced", window_epochs=12)


def motif_position(path):
    return half_and_half(
        *make_motif_position(n_samples=2000, length=(40, 80), margin=3, random_state=0)
    )


def motif_order(path):
    return half_and_half(*make_motif_order(n_samples=2000, random_state=0))


def read_coronaviruses(path):
    """Sequences, hosts and clusters of the hosts that occur in at least five clusters."""
    table = pd.read_csv(path, sep="\t")
    n_clusters = table.groupby("host")["cluster"].nunique()
    # A class must be in every training part, also with whole clusters held out.
    table = table[table["host"].isin(n_clusters.index[n_clusters >= 5])]
    return (
        table["sequence"].to_numpy(dtype=object),
        table["host"].to_numpy(dtype=str),
        table["cluster"].to_numpy(),
    )


def by_cluster(X, y, groups):
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    return Task(X, y, list(folds.split(X, y, groups)), groups, class_weight="balanced")


def half_and_half(sequences, y):
    X = np.array(sequences, dtype=object)
    splitter = StratifiedShuffleSplit(1, test_size=0.5, random_state=0)
    return Task(X, y, list(splitter.split(X, y)))


TASKS = {
    "virus_hosts": virus_hosts,
    "localization": localization,
    "coronavirus_hosts": coronavirus_hosts,
    "coronavirus_hosts_random": coronavirus_hosts_random,
    "motif_position": motif_position,
    "motif_order": motif_order,
}


# Models. Each takes a task and a seed. ``fit`` gets the groups if it has such a parameter.


def lstm(task, seed, max_length=400, **parameters):
    classifier = ProtLSTMClassifier(class_weight=task.class_weight, random_state=seed, **parameters)
    return make_pipeline(SequenceEncoder(max_length=max_length), classifier)


MODELS = {
    # The class frequencies as probabilities, for a log-loss to compare with.
    "majority": lambda task, seed: DummyClassifier(strategy="prior"),
    "length": lambda task, seed: make_length_baseline(),
    "composition": lambda task, seed: make_kmer_baseline(k=1),
    "k-mers": lambda task, seed: make_kmer_baseline(),
    "properties": lambda task, seed: make_property_baseline(random_state=seed),
    "lstm": lstm,
    # Windows read whole proteins.
    "windows": lambda task, seed: lstm(
        task, seed, max_length=None, window=128, max_epochs=task.window_epochs
    ),
    # Logistic regression on the states of the shipped language model.
    "pretrained": lambda task, seed: dict(make_recommended_model().estimators)["pretrained"],
    # The same states, and features of neighbouring residues that learn where to look.
    "light attention": lambda task, seed: lstm(
        task,
        seed,
        max_length=1000,
        pretrained="uniprot-12k",
        pretrained_lr=0,
        pooling=("last", "max", "mean", "light_attention"),
        lr=0.002,
        dropout=0.4,
        max_epochs=12,
    ),
    # The member of the stack, which computes the states once.
    "fast light attention": lambda task, seed: dict(
        make_recommended_model(random_state=seed).estimators
    )["attention"],
    "stack": lambda task, seed: make_recommended_model(random_state=seed),
}


def seeded_models(make_model, task, seeds):
    """List pairs of seed and model: one pair if the seed changes nothing."""
    if describe(make_model(task, 0)) == describe(make_model(task, 1)):
        seeds = seeds[:1]
    return [(seed, make_model(task, seed)) for seed in seeds]


def describe(model):
    """Write out the parameters in which a model differs from the defaults."""
    # On one line, and without addresses in memory, which differ in each session.
    text = " ".join(model.__repr__(N_CHAR_MAX=sys.maxsize).split())
    return re.sub(r" at 0x[0-9a-f]+", "", text)


# Runs and their scores.


def run_once(report, key, model, task, output):
    """Fit and score a model on a split, unless the report has this run already."""
    place = ("task", "model", "seed", "split")
    earlier = [run for run in report["runs"] if all(run[name] == key[name] for name in place)]
    if any(run["parameters"] == key["parameters"] for run in earlier):
        return
    report["runs"] = [run for run in report["runs"] if run not in earlier]
    run = key | {"session": len(report["sessions"]) - 1} | fit_and_score(model, task, key["split"])
    report["runs"].append(run)
    report["summary"] = summarise(report["runs"])
    save(report, output)
    print(
        f"{key['task']}, {key['model']}, seed {key['seed']}, split {key['split']}: MCC "
        f"{run['mcc']:.3f}, {run['fit_seconds']:.1f} s",
        flush=True,
    )


def fit_and_score(model, task, split):
    train, test = task.splits[split]
    use_groups = task.groups is not None and has_fit_parameter(model, "groups")
    fit_parameters = {"groups": task.groups[train]} if use_groups else {}
    start = time.perf_counter()
    model.fit(task.X[train], task.y[train], **fit_parameters)
    fitted = time.perf_counter()
    probabilities = model.predict_proba(task.X[test])
    predicted = time.perf_counter()
    return {
        "n_train": len(train),
        "n_test": len(test),
        **score(task.y, task.y[test], model.classes_, probabilities),
        "fit_seconds": fitted - start,
        "predict_seconds": predicted - fitted,
    }


def score(all_labels, y_true, classes, probabilities):
    y_pred = classes[probabilities.argmax(axis=1)]
    # Classes without a training protein get a probability of zero.
    labels = np.unique(all_labels)
    full = np.zeros((len(y_true), len(labels)))
    full[:, np.searchsorted(labels, classes)] = probabilities
    full /= full.sum(axis=1, keepdims=True)  # to double precision, as log_loss expects
    return {
        "mcc": matthews_corrcoef(y_true, y_pred),
        "macro_f1": f1_score(y_true, y_pred, average="macro", zero_division=0),
        "accuracy": accuracy_score(y_true, y_pred),
        "log_loss": log_loss(y_true, full, labels=labels),
        "top": np.round(full.max(axis=1), 4).tolist(),
        "right": (y_pred == y_true).astype(int).tolist(),
    }


def calibration_error(top, right):
    """Expected calibration error over bins of equal numbers of proteins."""
    edges = np.quantile(top, np.linspace(0, 1, N_BINS + 1)[1:-1])
    bins = np.searchsorted(edges, top)
    gaps = np.bincount(bins, weights=top) - np.bincount(bins, weights=right)
    return np.abs(gaps).sum() / len(top)


def surest_half(top, right):
    """Accuracy of the proteins with the highest probabilities, ties in part."""
    n_half = (len(top) + 1) // 2
    limit = np.sort(top)[-n_half]
    above, tied = top > limit, top == limit
    return (right[above].sum() + right[tied].mean() * (n_half - above.sum())) / n_half


# The report.


def summarise(runs):
    """Scores by task and model: the mean over seeds, and the standard deviation between them."""
    summary = {}
    for (task, model), of_model in pd.DataFrame(runs).groupby(["task", "model"], sort=False):
        by_seed = pd.DataFrame([summarise_seed(of_seed) for _, of_seed in of_model.groupby("seed")])
        deviations = by_seed.std(ddof=1).add_suffix("_sd") if len(by_seed) > 1 else {}
        summary.setdefault(task, {})[model] = {
            "seeds": len(by_seed),
            "runs": len(of_model),
            **by_seed.mean(),
            **by_seed[SECONDS].min(),
            **deviations,
        }
    return summary


def summarise_seed(runs):
    top, right = (np.concatenate([*runs[name]]) for name in ("top", "right"))
    return {
        **runs[MEANS].mean(),
        "ece": calibration_error(top, right),
        "surest_half": surest_half(top, right),
        **runs[SECONDS].sum(),
    }


def print_table(task, models):
    print(f"\n{task}\n{'':<14}{'seeds':>6}" + "".join(f"{name:>17}" for name in COLUMNS))
    for name, row in models.items():
        cells = "".join(f"{row[column]:>17.3f}" for column in COLUMNS)
        print(f"{name:<14}{row['seeds']:>6}{cells}", flush=True)


def read_report(path):
    if path.exists():
        return json.loads(path.read_text())
    return {"sessions": [], "runs": [], "summary": {}}


if __name__ == "__main__":
    main()
