"""Protein sequences and an LSTM as scikit-learn estimators, beside a fair k-mer baseline."""

from importlib import import_module

from sklearn_protlstm._version import __version__

# Names are looked up when first used (PEP 562): who only reads a FASTA file or counts k-mers
# does not wait for torch.
_HOMES = {
    "ALPHABETS": "alphabets",
    "Alphabet": "alphabets",
    "GroupStackingClassifier": "stacking",
    "KmerVectorizer": "_encoding.kmers",
    "ModelComparison": "comparison",
    "PropertyVectorizer": "_encoding.properties",
    "ProtLSTMClassifier": "classifier",
    "ResidueLanguageModel": "language_model",
    "SelectiveClassifier": "selective",
    "SequenceEncoder": "_encoding.encoder",
    "compare_models": "comparison",
    "learning_curve": "comparison",
    "load_model": "persistence",
    "load_pretrained": "pretrained",
    "make_kmer_baseline": "baselines",
    "make_length_baseline": "baselines",
    "make_majority_baseline": "baselines",
    "make_property_baseline": "baselines",
    "make_recommended_model": "recommended",
    "save_model": "persistence",
}
_MODULES = (
    "alphabets",
    "baselines",
    "comparison",
    "data_checks",
    "datasets",
    "exceptions",
    "fasta_prediction",
    "homology",
    "inspection",
    "model_selection",
    "paired_tests",
    "persistence",
    "plotting",
    "pretrained",
    "readers",
    "report",
    "selective",
    "significance",
    "splitting",
    "stacking",
    "table_prediction",
    "thresholds",
)

__all__ = [
    "ALPHABETS",
    "Alphabet",
    "GroupStackingClassifier",
    "KmerVectorizer",
    "ModelComparison",
    "PropertyVectorizer",
    "ProtLSTMClassifier",
    "ResidueLanguageModel",
    "SelectiveClassifier",
    "SequenceEncoder",
    "__version__",
    "compare_models",
    "learning_curve",
    "load_model",
    "load_pretrained",
    "make_kmer_baseline",
    "make_length_baseline",
    "make_majority_baseline",
    "make_property_baseline",
    "make_recommended_model",
    "save_model",
]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*__all__, *_MODULES})
