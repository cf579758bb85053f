"""Residues or k-mers as tokens, and which embedding: scores on motif positions and viral hosts.

    python examples/benchmarks/tokens_and_embeddings.py

writes ``results/tokens_and_embeddings.json``. Motif positions: trained on 500 sequences, accuracy
on 1,000 others, three seeds. Viral hosts: MCC over five folds of whole clusters; the network reads
200 residues for 10 epochs, as on the page on verdicts.
"""

import argparse
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from machine import describe_session
from run import save
from sklearn.metrics import matthews_corrcoef
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import load_virus_hosts, make_motif_position

TOKENS = {
    "residues": {},
    "2-mers": {"k": 2},
    "3-mers": {"k": 3},
    "3-mers side by side (stride 3)": {"k": 3, "stride": 3},
    "6 groups of residues (Dayhoff)": {"alphabet": "dayhoff6"},
}
EMBEDDINGS = {
    "learned, 32 dimensions": {},
    "one-hot": {"embedding": "onehot"},
    "BLOSUM62": {"embedding": "blosum62"},
    "BLOSUM62, trained on": {"embedding": "blosum62", "freeze_embedding": False},
}
RESIDUES_READ = 200


def score_motifs(encoder, lstm, seed):
    X, y = make_motif_position(1500, random_state=seed)
    model = make_pipeline(
        SequenceEncoder(**encoder), ProtLSTMClassifier(**lstm, random_state=seed)
    ).fit(X[:500], y[:500])
    return model.score(X[500:], y[500:])


def score_virus_hosts(encoder, lstm, fold):
    viruses = load_virus_hosts()
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    train, test = list(folds.split(viruses.data, viruses.target, viruses.groups))[fold]
    # The same residues whatever the tokens.
    stride = encoder.get("stride", 1)
    model = make_pipeline(
        SequenceEncoder(**encoder, max_length=RESIDUES_READ // stride),
        ProtLSTMClassifier(**lstm, max_epochs=10, class_weight="balanced", random_state=0),
    ).fit(viruses.data[train], viruses.target[train])
    return matthews_corrcoef(viruses.target[test], model.predict(viruses.data[test]))


def measure(settings, n_jobs):
    jobs = [
        delayed(score)(encoder, lstm, number)
        for encoder, lstm in settings.values()
        for score, n in ((score_motifs, 3), (score_virus_hosts, 5))
        for number in range(n)
    ]
    scores = np.reshape(Parallel(n_jobs=n_jobs)(jobs), (len(settings), 8))
    return {name: summarise(row[:3], row[3:]) for name, row in zip(settings, scores)}


def summarise(motifs, hosts):
    return {
        "motifs": {"mean": motifs.mean(), "lowest": motifs.min(), "highest": motifs.max()},
        "hosts": {"mean": hosts.mean(), "sd": hosts.std(ddof=1)},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    n_jobs = parser.parse_args().jobs
    report = {"sessions": [describe_session()]}
    for kind, settings in {
        "tokens": {name: (encoder, {}) for name, encoder in TOKENS.items()},
        "embedding": {name: ({}, lstm) for name, lstm in EMBEDDINGS.items()},
    }.items():
        report[kind] = measure(settings, n_jobs)
        print(kind, report[kind], flush=True)
        save(report, Path("results/tokens_and_embeddings.json"))


if __name__ == "__main__":
    main()
