"""Feed altered model files to load_model: only a model or a named error may come out.

    python tests/fuzz/fuzz_load_model.py --executions 100000 --seed 0

With atheris installed its coverage decides what is tried next; without, files are altered at
random. Most alterations would end at the checksum, so by default three of four files get a new one
that is right. Descriptions are altered as JSON and arrays number by number, as well as byte by
byte. A model with trees that loads must also predict: scikit-learn follows the numbers of child
nodes without a check.
"""

import argparse
import collections
import copy
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

try:
    import atheris
except ImportError:
    atheris = None

if atheris:
    # Only what is loaded here is watched: the parts that judge a file.
    with atheris.instrument_imports(include=["sklearn_protlstm.persistence"]):
        import sklearn_protlstm.persistence._forests
        import sklearn_protlstm.persistence._networks  # noqa: F401

import numpy as np
import torch
from model_files import join_file, mend, split_file
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import (
    Alphabet,
    GroupStackingClassifier,
    KmerVectorizer,
    PropertyVectorizer,
    ProtLSTMClassifier,
    SelectiveClassifier,
    SequenceEncoder,
    load_model,
    make_kmer_baseline,
    make_length_baseline,
    make_majority_baseline,
    save_model,
)
from sklearn_protlstm._network import pooling
from sklearn_protlstm.exceptions import ModelFileError, ModelVersionWarning
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold
from sklearn_protlstm.persistence._values import ARRAY_DTYPES
from sklearn_protlstm.thresholds import LabelThresholdClassifier

SEQUENCES = ["MNTQILVF", "MNTQAKGDKI", "ACDEFGHIKLMN", "MKVLAAGIVG"]
LABELS = [["human", "pig"], [], ["pig"], ["human"]]
ODD_VALUES = [
    *(None, True, False, 0, -1, 1, 2, 3, 22, 255, 2**31, 2**63, 2**64, 10**30, 1.5, 1e-300, 1e308),
    *("", "x", "last", "onehot", "blosum62", "learned", "pandas", "\ud800", "a" * 300, "<U1", "|O"),
    *("LogisticRegression", "FrozenEstimator", "StackingClassifier", "_CalibratedClassifier"),
    *("LabelwiseLogisticRegression", "LabelwiseExtraTreesClassifier", "LabelwiseDummyClassifier"),
    *("drop", "prefit", "sigmoid", "isotonic", "predict", "1.6.0", "999.0", 10**6, [0] * 20),
    *({"estimator": {"class": "SequenceLength", "parameters": {}, "learned": {}}}, {"array": []}),
    {"splitter": {"class": "KFold", "parameters": {"n_splits": 2}}},
    *(
        "<i8",
        "SequenceEncoder",
        "KmerVectorizer",
        "PropertyVectorizer",
        "ProtLSTMClassifier",
        "Pipeline",
        "os.system",
    ),
    *([], [[]], [1, 2], ["a", "b"], {}, {"a": 1}, {"tuple": [1, 3]}, {"dict": [["a", 1]]}),
    *({"array": "vocabulary"}, {"alphabet": {"name": "x", "groups": ["A"], "ambiguous": ""}}),
]
ODD_NUMBERS = [-1, 0, 1, 2, 3, 5, -2, -5, 255, 2**31, 2**40, 2**62, 0.5, np.nan, np.inf, -1e308]


def seed_files(folder):
    """Contents of small files of every kind of model."""
    small = {"hidden_size": 2, "embedding_dim": 2, "max_epochs": 1, "device": "cpu"}
    alphabet = Alphabet("polarity", ("AVLIPFWMG", "STCYNQ", "DE", "KRH"))
    labels = ["human", "dog"] * 2
    tokens = SequenceEncoder().fit_transform(SEQUENCES)
    models = [
        make_pipeline(SequenceEncoder(alphabet=alphabet), ProtLSTMClassifier(**small)),
        SequenceEncoder(k=2),
        KmerVectorizer(k=(1, 2), alphabet=alphabet),
        PropertyVectorizer(handle_unknown="mask"),
    ]
    models = [model.fit(SEQUENCES, labels) for model in models]
    attention = ProtLSTMClassifier(
        pooling="attention", embedding=[[0.5]] * 22, class_weight={0: 1, 1: 2}, **small
    )
    models.append(attention.fit(tokens, [0, 1] * 2))
    models.append(ProtLSTMClassifier(pooling="light_attention", **small).fit(tokens, [0, 1] * 2))
    models += [*ensembles(labels, small), *models_of_labels(small), selective_model(labels)]
    for number, model in enumerate(models):
        save_model(model, folder / f"{number}.model")
    return [(folder / f"{number}.model").read_bytes() for number in range(len(models))]


def ensembles(labels, small):
    """Baselines, and scikit-learn's ensembles over pipelines."""
    lstm = make_pipeline(SequenceEncoder(max_length=12), ProtLSTMClassifier(**small))
    kmers, length = make_kmer_baseline(k=1), make_length_baseline()
    length[-1].set_params(n_estimators=2, min_samples_leaf=1)
    pair = [("kmers", kmers), ("length", length)]
    models = [
        kmers,
        length,
        make_majority_baseline(),
        CalibratedClassifierCV(kmers, cv=2, method="isotonic"),
        CalibratedClassifierCV(FrozenEstimator(lstm.fit(SEQUENCES, labels)), cv=2),
        VotingClassifier([("none", "drop"), *pair], voting="soft", weights=[1, 2, 3]),
        StackingClassifier(pair, cv=2),
        GroupStackingClassifier([("none", "drop"), *pair], cv=StratifiedKFold(2)),
    ]
    return [model.fit(SEQUENCES, labels) for model in models]


def models_of_labels(small):
    """Models that predict any number of labels."""
    lstm = make_pipeline(SequenceEncoder(max_length=12), ProtLSTMClassifier(window=4, **small))
    kmers, length = make_kmer_baseline(k=1), make_length_baseline()
    length[-1].set_params(n_estimators=1, min_samples_leaf=1)
    pair = [("kmers", kmers), ("length", length)]
    folds = MultilabelStratifiedGroupKFold(2, shuffle=True, random_state=0)
    models = [lstm, *dict(pair).values(), make_majority_baseline()]
    models.append(GroupStackingClassifier(pair, cv=folds, random_state=0))
    models.append(LabelThresholdClassifier(kmers, cv=folds, random_state=0))
    return [model.fit(SEQUENCES, LABELS) for model in models]


def selective_model(labels):
    model = SelectiveClassifier(make_kmer_baseline(k=1), precision=0, cv=2, random_state=0)
    return model.fit(SEQUENCES, labels, groups=range(4))


def places_in(data, place=()):
    """Paths to every entry of nested lists and dicts."""
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in entries:
        yield (*place, key)
        if isinstance(value, (dict, list)):
            yield from places_in(value, (*place, key))


def alter_json(data, rng):
    """Set, remove, move or repeat one entry in place."""
    place = rng.choice(list(places_in(data)))
    parent = data
    for key in place[:-1]:
        parent = parent[key]
    action = rng.randrange(4)
    if action == 0:
        del parent[place[-1]]
    elif action == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[place[-1]]))
    elif action == 2:
        other = data
        for key in rng.choice(list(places_in(data))):
            other = other[key]
        parent[place[-1]] = copy.deepcopy(other)
    else:
        parent[place[-1]] = copy.deepcopy(rng.choice(ODD_VALUES))


def alter_array(header, data, rng):
    """Set one number of one array to an odd number."""
    entries = [entry for name, entry in header.items() if name != "__metadata__"]
    entry = rng.choice(entries)
    start, stop = entry["data_offsets"]
    numbers = np.frombuffer(data[start:stop], dtype=ARRAY_DTYPES[entry["dtype"]]).copy()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odd = np.array(rng.choice(ODD_NUMBERS)).astype(numbers.dtype)
    numbers[rng.randrange(len(numbers))] = odd
    return data[:start] + numbers.tobytes() + data[stop:]


def alter_bytes(content, rng):
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        place = rng.randrange(len(content) + 1)
        action = rng.randrange(4)
        if action == 0:
            content[place : place + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            content[place : place + rng.randrange(1, 50)] = b""
        elif action == 2:
            content[place:place] = rng.randbytes(rng.randrange(1, 9))
        else:
            start = rng.randrange(len(content) + 1)
            content[place:place] = content[start : start + 16]
    return bytes(content)


def alter(content, rng):
    """One altered file, most of them with a checksum that is right."""
    if rng.random() < 0.8:
        header, description, data = split_file(content)
        if rng.random() < 0.3:
            return join_file(header, description, alter_array(header, data, rng))
        for _ in range(rng.choice([1, 1, 1, 2, 5])):
            alter_json(rng.choice([*[description] * 9, header]), rng)
        if rng.random() < 0.2:
            data = alter_bytes(data, rng)
        if isinstance(header, dict) and isinstance(description, dict):
            return join_file(header, description, data)
    altered = alter_bytes(content, rng)
    return mend(altered) if rng.random() < 0.5 else altered


def predict(model):
    """Predict with a model that may be bad, but must not crash the process."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.predict(SEQUENCES)
    except Exception:  # a bad model may fail in many ways
        return "loaded, but does not predict"
    return "loaded and predicts"


class Trial:
    """Loads what it is given and counts what comes of it."""

    def __init__(self, path):
        self.path = path
        self.counts = collections.Counter()
        self.slowest = 0.0

    def __call__(self, content):
        self.path.write_bytes(content)
        start = time.perf_counter()
        try:
            model = load_model(self.path, device="cpu")
            outcome = "loaded"
            if b"nodes.left_child" in content:
                outcome = predict(model)
        except ModelFileError as error:
            outcome = type(error).__name__
        except BaseException:
            Path("crash.model").write_bytes(content)
            print("not a named error; the file is kept as crash.model", file=sys.stderr)
            raise
        self.slowest = max(self.slowest, time.perf_counter() - start)
        self.counts[outcome] += 1

    def report(self, seconds):
        n_runs = sum(self.counts.values())
        print(f"{n_runs} files in {seconds:.0f} s, the slowest in {self.slowest:.3f} s")
        for outcome, count in self.counts.most_common():
            print(f"{count:9d} {outcome}")


def run_at_random(trial, seeds, executions, seed):
    rng = random.Random(seed)
    start = time.monotonic()
    for _ in range(executions):
        content = rng.choice(seeds)
        for _ in range(rng.choice([1, 1, 2])):
            try:
                content = alter(content, rng)
            except (ValueError, KeyError, TypeError, IndexError):
                break  # altered so that it cannot be taken apart and altered again
        trial(content)
    trial.report(time.monotonic() - start)


def run_with_coverage(trial, seeds, arguments, folder):
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, content in enumerate(seeds):
        (corpus / str(number)).write_bytes(content)

    def mutate(content, max_size, mutation_seed):
        rng = random.Random(mutation_seed)
        try:
            if rng.random() < 0.7:
                return alter(content, rng)[:max_size]
        except (ValueError, KeyError, TypeError, IndexError):
            pass  # no file any more that could be taken apart
        return mend(atheris.Mutate(content, max_size))

    start = time.monotonic()

    def one_input(content):
        trial(content)
        if sum(trial.counts.values()) % 5_000 == 0:
            trial.report(time.monotonic() - start)
            sys.stdout.flush()

    limits = ["-max_len=40000", "-rss_limit_mb=3000", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *limits, *arguments, str(corpus)], one_input, custom_mutator=mutate)
    atheris.Fuzz()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-atheris", action="store_true", help="alter files at random anyway")
    parser.add_argument("libfuzzer", nargs="*", help="arguments for atheris")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pooling._N_FEATURES = 2  # so that files with light attention are small
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ModelVersionWarning)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        seeds = seed_files(folder)
        trial = Trial(folder / "altered.model")
        if atheris is None or options.no_atheris:
            run_at_random(trial, seeds, options.executions, options.seed)
        else:
            arguments = [f"-runs={options.executions}", f"-seed={options.seed}"]
            run_with_coverage(trial, seeds, [*arguments, *options.libfuzzer], folder)


if __name__ == "__main__":
    main()
