"""Measurements other than the race: encoding, k-mers, grid search, growth, memory, import."""

import json
import subprocess
import sys
import time

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import KmerVectorizer, ProtLSTMClassifier, SequenceEncoder

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


def alternate(calls, repeats=5):
    """Median seconds of each call; the calls take turns, after one round of warming up."""
    seconds = {name: [] for name in calls}
    for repeat in range(repeats + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(times)) for name, times in seconds.items()}


def random_proteins(n_sequences, lengths, seed=0):
    rng = np.random.RandomState(seed)
    lengths = np.broadcast_to(lengths, n_sequences)
    letters = np.array(list(RESIDUES))
    return ["".join(rng.choice(letters, size=length)) for length in lengths]


def gemm_gflops(size=1024):
    a, b = torch.randn(size, size), torch.randn(size, size)
    seconds = alternate({"gemm": lambda: a @ b}, repeats=20)["gemm"]
    return 2 * size**3 / seconds / 1e9


def encoding(proteins, quick):
    sequences = [s for s in proteins[0] if len(s) >= 500] * (1 if quick else 4)
    n_residues = sum(map(len, sequences))
    encoder = SequenceEncoder().fit(sequences)
    matrix = encoder.transform(sequences)
    numbers = {residue: i for i, residue in enumerate(RESIDUES, start=2)}

    def python_loop():
        rows = np.zeros(matrix.shape, dtype=np.uint8)
        for row, sequence in zip(rows, sequences):
            for i, residue in enumerate(sequence):
                row[i] = numbers.get(residue, 1)

    seconds = alternate(
        {
            "encoder": lambda: encoder.transform(sequences),
            "numpy copy of the result": matrix.copy,
        }
    )
    seconds |= alternate({"python loop": python_loop}, repeats=2)
    return {
        "n_residues": n_residues,
        "residues_per_second": n_residues / seconds["encoder"],
        "share_of_copy_rate": seconds["numpy copy of the result"] / seconds["encoder"],
        "faster_than_python_loop": seconds["python loop"] / seconds["encoder"],
    }


def kmer_counting(proteins, quick):
    sequences = list(proteins[0])[: 100 if quick else None]
    ours = KmerVectorizer(k=3).fit(sequences)
    theirs = CountVectorizer(analyzer="char", ngram_range=(3, 3), lowercase=False).fit(sequences)
    seconds = alternate(
        {"ours": lambda: ours.transform(sequences), "theirs": lambda: theirs.transform(sequences)},
        repeats=3,
    )
    return {"faster_than_count_vectorizer": seconds["theirs"] / seconds["ours"], **seconds}


def grid_search(proteins, quick):
    sequences = random_proteins(100 if quick else 1000, 100)
    y = np.arange(len(sequences)) % 2
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=4, random_state=0))
    grid = {"protlstmclassifier__lr": [0.001, 0.002, 0.005, 0.01]}

    def search(n_jobs, n_threads):
        def run():
            before = torch.get_num_threads()
            torch.set_num_threads(n_threads)
            try:
                GridSearchCV(model, grid, cv=2, n_jobs=n_jobs, refit=False).fit(sequences, y)
            finally:
                torch.set_num_threads(before)

        return run

    all_threads = torch.get_num_threads()
    seconds = alternate(
        {
            "n_jobs=2": search(2, all_threads),
            "n_jobs=1": search(1, all_threads),
            "n_jobs=1, one thread": search(1, 1),
        },
        repeats=3,
    )
    return {
        **seconds,
        "n_jobs=2 / n_jobs=1": seconds["n_jobs=2"] / seconds["n_jobs=1"],
        "n_jobs=2 / n_jobs=1 with one thread": seconds["n_jobs=2"]
        / seconds["n_jobs=1, one thread"],
    }


def growth(proteins, quick):
    """Seconds per residue by length and by number of sequences, of an epoch and of predict."""
    lengths = [100, 400] if quick else [100, 500, 2000, 8000]
    numbers = [100, 400] if quick else [1000, 10_000, 100_000]
    n_residues = 32_000 if quick else 512_000
    by_length = {length: _per_residue(n_residues // length, length) for length in lengths}
    by_number = {number: _per_residue(number, 30) for number in numbers}

    def ratio(rates, what):
        values = [rate[what] for rate in rates.values()]
        return max(values) / min(values)

    return {
        "microseconds_per_residue_by_length": by_length,
        "microseconds_per_residue_by_number": by_number,
        "largest_ratio": {
            f"{what} by {name}": ratio(rates, what)
            for what in ("train", "predict")
            for name, rates in (("length", by_length), ("number", by_number))
        },
    }


def _per_residue(n_sequences, length):
    sequences = random_proteins(n_sequences, length)
    y = np.arange(n_sequences) % 2
    tokens = SequenceEncoder().fit_transform(sequences)
    model = ProtLSTMClassifier(max_epochs=2, random_state=0).fit(tokens, y)
    train = model.history_[-1]["dur"]
    seconds = alternate({"predict": lambda: model.predict_proba(tokens)}, repeats=2)["predict"]
    residues = n_sequences * length
    return {"train": 1e6 * train / residues, "predict": 1e6 * seconds / residues}


_MEMORY = """
import json, sys, threading, time
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder

n_sequences, length = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.RandomState(0)
letters = np.frombuffer(b"ACDEFGHIKLMNPQRSTVWY", dtype=np.uint8)
sequences = [letters[rng.randint(20, size=length)].tobytes().decode() for _ in range(n_sequences)]
model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(hidden_size=8, max_epochs=1))
model.fit(sequences[:1000], np.arange(1000) % 2)
model.predict(sequences[:2000])

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

before, peak, running = resident(), 0, True
def watch():
    global peak
    while running:
        peak = max(peak, resident())
        time.sleep(0.002)
thread = threading.Thread(target=watch)
thread.start()
model.predict(sequences)
running = False
thread.join()
print(json.dumps({"peak_bytes": peak - before, "token_matrix_bytes": n_sequences * length}))
"""


def memory(proteins, quick):
    arguments = ["2000", "300"] if quick else ["200000", "300"]
    answer = _python(_MEMORY, *arguments)
    measured = json.loads(answer)
    return {**measured, "ratio": measured["peak_bytes"] / measured["token_matrix_bytes"]}


_IMPORT = """
import sys, time
import sklearn, sklearn.base, sklearn.utils.validation
start = time.perf_counter()
import sklearn_protlstm
print(time.perf_counter() - start, "torch" in sys.modules)
"""


def import_time(proteins, quick):
    answers = [_python(_IMPORT).split() for _ in range(2 if quick else 7)]
    return {
        "seconds_beyond_scikit_learn": float(np.median([float(a[0]) for a in answers])),
        "loads_torch": any(a[1] == "True" for a in answers),
    }


def _python(code, *arguments):
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return result.stdout


ALL = {
    "encoding": encoding,
    "kmer_counting": kmer_counting,
    "grid_search": grid_search,
    "growth": growth,
    "memory": memory,
    "import_time": import_time,
}
