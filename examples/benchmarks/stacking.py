"""Do the probabilities of a stack hold for unseen families?

    python examples/benchmarks/stacking.py

writes ``results/stacking.json``. Compares GroupStackingClassifier with its members, and with
scikit-learn's StackingClassifier, whose random folds put relatives on both sides. The data are
load_virus_hosts, with four folds of held-out clusters. "log_loss_by_way" compares three ways to
predict with the fitted members: the average over the folds, one fold alone, and a fit on all
sequences.
"""

from pathlib import Path

import numpy as np
from machine import describe_session
from run import save
from sklearn.base import clone
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_protlstm import (
    GroupStackingClassifier,
    compare_models,
    make_kmer_baseline,
    make_length_baseline,
)
from sklearn_protlstm.datasets import load_virus_hosts

MEMBERS = {
    "k-mers": make_kmer_baseline(),
    "composition": make_kmer_baseline(k=1),
    "length only": make_length_baseline(),
}
FOLDS = StratifiedGroupKFold(4, shuffle=True, random_state=0)


def main():
    viruses = load_virus_hosts()
    stack = GroupStackingClassifier(list(MEMBERS.items()), random_state=0)
    random_folds = StackingClassifier(
        list(MEMBERS.items()), LogisticRegression(max_iter=1000), stack_method="predict_proba"
    )
    comparison = compare_models(
        {**MEMBERS, "stack": stack, "stack on random folds": random_folds},
        viruses.data,
        viruses.target,
        cv=FOLDS,
        groups=viruses.groups,
        scoring=["log_loss", "accuracy", "matthews_corrcoef"],
        keep_probabilities=True,
    )
    print(comparison)
    print(comparison.verdict("stack", "k-mers", metric="log_loss"))
    scores = comparison.summary().set_index("model").to_dict("index")
    report = {
        "sessions": [describe_session()],
        "models": {name: row | confidence(comparison, name) for name, row in scores.items()},
        "log_loss_by_way": loss_by_way(stack, viruses),
    }
    print(report["log_loss_by_way"])
    save(report, Path("results/stacking.json"))


def confidence(comparison, name):
    """Mean probability of the predicted class, and the share of right predictions."""
    probabilities = comparison.probabilities[comparison.models.index(name), 0]
    right = probabilities.argmax(axis=1) == comparison.codes
    return {"mean_probability": probabilities.max(axis=1).mean(), "right": right.mean()}


def loss_by_way(stack, viruses):
    losses = []
    for train, test in FOLDS.split(viruses.data, viruses.target, viruses.groups):
        X, y = viruses.data[train], viruses.target[train]
        fitted = clone(stack).fit(X, y, groups=viruses.groups[train])
        ways = {
            "average over the folds": fitted.estimators_,
            "first fold alone": [folds[:1] for folds in fitted.estimators_],
            "fitted on all sequences": [[clone(member).fit(X, y)] for member in MEMBERS.values()],
        }
        losses.append([])
        for members in ways.values():
            fitted.estimators_ = members
            probabilities = fitted.predict_proba(viruses.data[test])
            losses[-1].append(log_loss(viruses.target[test], probabilities, labels=fitted.classes_))
    return dict(zip(ways, np.mean(losses, axis=0)))


if __name__ == "__main__":
    main()
