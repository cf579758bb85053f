"""What is lost if label lists are incomplete, and does estimation for such data help?

    python examples/benchmarks/incomplete_labels.py

writes ``results/incomplete_labels.json``. Each protein of load_virus_hosts and load_localization
has one label. A share of the labels is hidden in the training folds, as if nobody had looked: the
protein then lacks it. Test folds keep all labels, and have no relatives of the training folds.
k-mer models without class weights learn in these ways:

- ``complete``: no label is hidden. Each label is predicted from a threshold that
  LabelThresholdClassifier chooses for F1, here and below.
- ``hidden``: hidden labels count as absent.
- ``hidden, 0.5``: the same, but labels are predicted from a probability of 0.5.
- ``unknown``: proteins that have lost their label are NaN, as an expert would mark them.
- ``corrected``: the probabilities are divided by the share of labels that is not hidden, as it is
  estimated from the mean probability of labelled proteins (Elkan and Noto, KDD 2008, 213-220,
  doi:10.1145/1401890.1401920). Labels are predicted from 0.5.

``average_precision`` and ``f1`` are means over labels, test folds and seeds.
"""

from pathlib import Path

import numpy as np
from machine import describe_session
from run import save
from sklearn.metrics import average_precision_score, f1_score

from sklearn_protlstm import make_kmer_baseline
from sklearn_protlstm.datasets import load_localization, load_virus_hosts
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold
from sklearn_protlstm.thresholds import LabelThresholdClassifier

HIDDEN = 0.3
SEEDS = (0, 1)
N_FOLDS = 4


def main():
    report = {"sessions": [describe_session()], "hidden": HIDDEN, "tasks": {}}
    for name, load in (("virus_hosts", load_virus_hosts), ("localization", load_localization)):
        proteins = load()
        report["tasks"][name] = judge(proteins.data, proteins.target, proteins.groups)
        for way, scores in report["tasks"][name].items():
            print(f"{name}, {way}: {scores}", flush=True)
        save(report, Path("results/incomplete_labels.json"))


def judge(sequences, target, groups):
    y = (target[:, np.newaxis] == np.unique(target)).astype(float)
    scores = {}
    for seed in SEEDS:
        folds = MultilabelStratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed)
        for train, test in folds.split(sequences, y, groups):
            predictions = learn(sequences, y, groups, train, test, np.random.RandomState(seed))
            for way, (probabilities, predicted) in predictions.items():
                scores.setdefault(way, []).append(
                    (
                        average_precision_score(y[test], probabilities, average="macro"),
                        f1_score(y[test], predicted, average="macro", zero_division=0),
                    )
                )
    return {
        way: dict(zip(("average_precision", "f1"), np.mean(values, axis=0).tolist()))
        for way, values in scores.items()
    }


def learn(sequences, y, groups, train, test, rng):
    """Probabilities and predictions of the test part by way of learning."""
    complete = y[train]
    hidden = np.where(rng.rand(*complete.shape) < HIDDEN, 0, complete)
    lost = (complete == 1) & (hidden == 0)
    unknown = np.where(lost.any(axis=1)[:, np.newaxis], np.nan, hidden)
    models = {
        way: make_model(seed=rng.randint(2**31)).fit(sequences[train], labels, groups[train])
        for way, labels in (("complete", complete), ("hidden", hidden), ("unknown", unknown))
    }
    predictions = {
        way: (model.predict_proba(sequences[test]), model.predict(sequences[test]))
        for way, model in models.items()
    }
    given = predictions["hidden"][0]
    predictions["hidden, 0.5"] = given, given > 0.5
    corrected = given / mean_of_labelled(models["hidden"].out_of_fold_, hidden)
    predictions["corrected"] = corrected, corrected > 0.5
    return predictions


def make_model(seed):
    kmers = make_kmer_baseline(k=(1, 2), C=10).set_params(logisticregression__class_weight=None)
    return LabelThresholdClassifier(kmers, cv=3, random_state=seed)


def mean_of_labelled(out_of_fold, labels):
    """Mean probability of each label over the proteins that have it: the share not hidden."""
    return (out_of_fold * labels).sum(axis=0) / labels.sum(axis=0)


if __name__ == "__main__":
    main()
