"""The page on bad input quotes errors word for word."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from skorch.callbacks import Callback
from tiny_models import tiny_classifier

from sklearn_protlstm import (
    GroupStackingClassifier,
    KmerVectorizer,
    SelectiveClassifier,
    SequenceEncoder,
    compare_models,
    make_kmer_baseline,
    save_model,
)
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.inspection import position_scan, residue_attribution
from sklearn_protlstm.readers import write_fasta
from sklearn_protlstm.table_prediction import predict_fasta

PAGE = Path(__file__).parents[2] / "docs" / "bad_input.md"
X = ["MNTQAKGD", "AKGDMNTQ", "MNAKGDTQ", "AKMNTQGD"]
Y = ["human", "dog", "human", "dog"]


def encode(*sequences, **params):
    return SequenceEncoder(**params).fit_transform(list(sequences))


def fit(X=X, y=Y, weights=None, groups=None, **params):
    model = make_pipeline(SequenceEncoder(), tiny_classifier(**{"max_epochs": 1, **params}))
    return model.fit(
        X, y, protlstmclassifier__sample_weight=weights, protlstmclassifier__groups=groups
    )


def compare(y=Y, groups=None, n_splits=2):
    return compare_models(
        {"k-mers": make_kmer_baseline()},
        X,
        y,
        cv=StratifiedGroupKFold(n_splits),
        groups=groups,
    )


def stack(member):
    folds = [([0, 2], [1, 3]), ([1, 3], [0, 2])]
    return GroupStackingClassifier([("member", member)], cv=folds)


def predict_file(model, *sequences):
    write_fasta(sequences, "unseen.fasta", ids=list("abc"[: len(sequences)]))
    predict_fasta(model, "unseen.fasta", "predictions.tsv")


class Diverge(Callback):
    """Spoil a weight by hand: an overflow comes earlier on one processor than on another."""

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) == 2:
            with torch.no_grad():
                net.module_.head.bias[0] = torch.nan


CASES = {
    "one sequence instead of a list": lambda: SequenceEncoder().fit_transform(X[0]),
    "no sequences": lambda: SequenceEncoder().fit_transform([]),
    "an empty sequence": lambda: encode(*X, ""),
    "a missing sequence": lambda: encode(*X, None),
    "a number among the sequences": lambda: encode(*X, 7),
    "a gap": lambda: encode(*X, "MN-TQ"),
    "a stop codon inside the protein": lambda: encode("MNTQ", "MN*TQ"),
    "a table of several columns": lambda: SequenceEncoder().fit_transform(np.array([X, X])),
    'too long, with `truncation="error"`': lambda: (
        SequenceEncoder(truncation="error", max_length=8).fit(X).transform(["MNTQAKGDM"])
    ),
    "k out of range": lambda: encode(*X, k=6),
    "k-mers out of range": lambda: KmerVectorizer(k=0).fit(X),
    "strings to the classifier, without an encoder": lambda: tiny_classifier().fit(X, Y),
    "more sequences than labels": lambda: fit(y=Y[:3]),
    "a missing label": lambda: fit(y=["human", None, "human", "dog"]),
    "one class only": lambda: fit(y=["human"] * 4),
    "continuous numbers as labels": lambda: fit(y=[0.1, 0.2, 0.35, 0.4]),
    "more sequences than groups": lambda: fit(groups=[0, 1, 2]),
    "negative weights": lambda: fit(weights=[1, 1, 1, -1]),
    "a parameter out of range": lambda: fit(hidden_size=0),
    "a `window_step` that leaves gaps": lambda: fit(window=4, window_step=5),
    "a classifier as `pretrained`": lambda: fit(pretrained=tiny_classifier()),
    "a training that diverges": lambda: fit(
        lr=2.0, max_epochs=5, callbacks=[("diverge", Diverge())]
    ),
    "predict before fit": lambda: make_pipeline(SequenceEncoder(), tiny_classifier()).predict(X),
    "a gap in a file to predict": lambda: predict_file(fit(), "MNTQ", "MN-TQ"),
    "a member of a stack without probabilities": lambda: stack(LinearSVC()).fit(X, Y),
    "a stack whose classes have one group each": lambda: stack(make_kmer_baseline()).fit(
        X, Y, groups=[0, 1, 0, 1]
    ),
    "a label for unknown samples that is a class": lambda: SelectiveClassifier(
        make_kmer_baseline(), unknown="dog"
    ).fit(X, Y),
    "a device that does not exist": lambda: fit(device="cuda:7"),
    "identity out of range": lambda: cluster_sequences(X, identity=50),
    "fewer groups than folds": lambda: compare(groups=[0, 0, 1, 1], n_splits=3),
    "curves of probabilities that were not kept": lambda: compare(groups=[0, 1, 2, 3]).plot_roc(),
    "a class that the model does not know": lambda: residue_attribution(fit(), X, target="cat"),
    "inspection of another model": lambda: residue_attribution(make_kmer_baseline().fit(X, Y), X),
    "a position outside the background": lambda: position_scan(
        fit(), "AKGD", "MNTQ", positions=[9]
    ),
    "a model that cannot be saved": lambda: save_model(
        make_pipeline(KmerVectorizer(), MultinomialNB()).fit(X, Y), "a.model"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_page_quotes_the_error(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name == "a device that does not exist" and resolve_device("auto").type != "cpu":
        pytest.skip("the page was made where there is a CPU only")
    with pytest.raises(Exception) as error:  # noqa: PT011 - the page names the kind
        CASES[name]()
    message = " ".join(str(error.value).split())
    row = f"| {name} | `{type(error.value).__name__}` | {message} |"
    assert row in PAGE.read_text(encoding="utf-8")


def test_page_has_no_other_rows():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "Error` |" in line]
    assert len(rows) == len(CASES)
