"""Several labels for each sequence: scores beside k-mers, and the cost beside one class.

    python examples/benchmarks/several_labels.py --parts motifs,localization,speed

writes ``results/several_labels.json``. A part that the file has already is measured again.

- ``motifs``: 2,000 generated sequences, in which the order of two motifs decides each of four
  labels (make_motif_labels). Half of them train, half of them test, with three seeds.
- ``localization``: eukaryotic proteins, of which 23 are in two places. Models that learn from
  labels stand beside the same models that learn from one class for each protein. Part "train"
  trains and part "validation" tests. It has all proteins of two places, so no model has seen one.
- ``speed``: residues per second in training, with labels and with classes by turns.

``average_precision``, ``macro_f1``, ``micro_f1`` and ``subset_accuracy`` are those of scikit-learn,
with macro means. ``average_precision_one_place`` leaves out the proteins of two places.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from machine import describe_session
from run import save
from sklearn.metrics import accuracy_score, average_precision_score, f1_score
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import (
    ProtLSTMClassifier,
    SequenceEncoder,
    make_kmer_baseline,
    make_recommended_model,
)
from sklearn_protlstm.datasets import load_localization, make_motif_labels
from sklearn_protlstm.exceptions import TruncationWarning

SEEDS = (0, 1, 2)
# Rounds of the measurement of speed; each trains one epoch in both ways.
ROUNDS = 7


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--output", type=Path, default=Path("results/several_labels.json"))
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"--parts: {sorted(unknown)} not known, choose from {list(PARTS)}")
    warnings.simplefilter("ignore", TruncationWarning)
    report = {"sessions": []}
    if arguments.output.exists():
        report = json.loads(arguments.output.read_text())
    report["sessions"].append(describe_session())
    for part in arguments.parts:
        report[part] = PARTS[part]()
        save(report, arguments.output)


def motifs():
    sequences, y = make_motif_labels(2000, random_state=0)
    train, test = slice(0, 1000), slice(1000, None)
    scores = {"k-mers": [], "lstm": []}
    models = [("k-mers", make_kmer_baseline())]
    models += [("lstm", make_lstm(seed, max_length=None)) for seed in SEEDS]
    for name, model in models:
        model.fit(sequences[train], y[train])
        scores[name].append(f1_score(y[test], model.predict(sequences[test]), average="macro"))
        print(f"motifs, {name}: macro-F1 {scores[name][-1]:.3f}", flush=True)
    return {name: {"macro_f1": np.mean(values)} for name, values in scores.items()}


def localization():
    cell = load_localization(several=True)
    train, test = (np.flatnonzero(cell.part == part) for part in ("train", "validation"))
    places = np.array(cell.target_names)
    one_place = places[cell.target.argmax(axis=1)]
    is_single = cell.target[test].sum(axis=1) == 1
    results = {}
    for name, make_model in MODELS.items():
        for way, y in (("labels", cell.target), ("classes", one_place)):
            model, start = make_model(), time.perf_counter()
            groups = {"groups": cell.groups[train]} if name == "stack" else {}
            model.fit(cell.data[train], y[train], **groups)
            seconds = time.perf_counter() - start
            probabilities = model.predict_proba(cell.data[test])
            predicted = model.predict(cell.data[test])
            if way == "classes":
                predicted = (predicted[:, np.newaxis] == places).astype(int)
            scores = score(cell.target[test], probabilities, predicted, is_single)
            results.setdefault(name, {})[way] = scores | {"fit_seconds": seconds}
            print(f"localization, {name}, {way}: {results[name][way]}", flush=True)
    return results


def score(y, probabilities, predicted, is_single):
    return {
        "average_precision": average_precision_score(y, probabilities, average="macro"),
        "average_precision_one_place": average_precision_score(
            y[is_single], probabilities[is_single], average="macro"
        ),
        "macro_f1": f1_score(y, predicted, average="macro", zero_division=0),
        "micro_f1": f1_score(y, predicted, average="micro", zero_division=0),
        "subset_accuracy": accuracy_score(y, predicted),
    }


def speed():
    cell = load_localization(several=True)
    train = np.flatnonzero(cell.part == "train")
    tokens = SequenceEncoder(max_length=400).fit_transform(cell.data[train])
    labels = cell.target[train]
    ways = {"labels": labels, "classes": labels.argmax(axis=1)}
    names = np.arange(labels.shape[1])
    models = {way: ProtLSTMClassifier(random_state=0) for way in ways}
    seconds = {way: [] for way in ways}
    for number in range(ROUNDS + 1):
        for way, y in ways.items():
            start = time.perf_counter()
            models[way].partial_fit(tokens, y, classes=names)
            if number:  # the first round warms up
                seconds[way].append(time.perf_counter() - start)
    medians = {way: float(np.median(times)) for way, times in seconds.items()}
    result = {
        "residues_per_second": {
            way: np.count_nonzero(tokens) / median for way, median in medians.items()
        },
        "labels_take_times": medians["labels"] / medians["classes"],
    }
    print(f"speed: {result}", flush=True)
    return result


def make_lstm(seed, max_length=400):
    return make_pipeline(
        SequenceEncoder(max_length=max_length), ProtLSTMClassifier(random_state=seed)
    )


MODELS = {
    "k-mers": make_kmer_baseline,
    "lstm": lambda: make_lstm(0),
    "stack": lambda: make_recommended_model(random_state=0),
}

PARTS = {"motifs": motifs, "localization": localization, "speed": speed}


if __name__ == "__main__":
    main()
