"""Every public name, listed by hand: a name that disappears fails a test."""

import importlib
import re
from pathlib import Path

import pytest

import sklearn_protlstm

API_PAGE = Path(__file__).parents[1] / "docs" / "api.rst"

SIGNIFICANCE = {
    "CorrectedTTest",
    "McNemarTest",
    "PosteriorProbabilities",
    "bayesian_correlated_t_test",
    "corrected_t_test",
    "mcnemar_test",
}
TABLE_PREDICTION = {"predict_fasta", "predictions_table"}
DATA_CHECKS = {"DataReport", "Finding", "LabelShortcut", "Shortcut", "check_data"}
HOMOLOGY = {"cluster_sequences", "nearest_proteins"}

# Modules that names moved out of. Old imports keep working.
FORMER_MODULES = {
    "fasta_prediction": TABLE_PREDICTION,
    "paired_tests": SIGNIFICANCE,
    "splitting": DATA_CHECKS - {"LabelShortcut"} | {"cluster_sequences"},
}

PUBLIC_NAMES = {
    "": {
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
    },
    "alphabets": {"ALPHABETS", "Alphabet", "PADDING", "UNKNOWN", "get_alphabet"},
    "baselines": {
        "SequenceLength",
        "make_kmer_baseline",
        "make_length_baseline",
        "make_majority_baseline",
        "make_property_baseline",
    },
    "comparison": {
        "LearningCurve",
        "ModelComparison",
        "PairedComparison",
        "PermutationTest",
        "compare_models",
        "learning_curve",
    },
    "data_checks": DATA_CHECKS,
    "datasets": {
        "fetch_uniprot_hosts",
        "load_localization",
        "load_virus_hosts",
        "make_motif_labels",
        "make_motif_order",
        "make_motif_position",
    },
    "exceptions": {
        "AlteredCacheWarning",
        "BatchMemoryWarning",
        "CheckpointMismatchError",
        "DamagedModelFileError",
        "DataQualityWarning",
        "DeviceMemoryError",
        "DeviceUnavailableError",
        "DownloadError",
        "EmptySequenceError",
        "FileInUseError",
        "ForeignFileError",
        "InvalidCheckpointError",
        "InvalidModelContentError",
        "InvalidResidueError",
        "InvalidSequenceError",
        "MissingModelFileError",
        "ModelFileError",
        "ModelVersionWarning",
        "NewerModelFileError",
        "NonFiniteLossError",
        "ResumeError",
        "SequenceFileError",
        "SequenceFileWarning",
        "TruncationWarning",
        "UnreadableModelFileError",
        "UnsavableModelError",
    },
    "homology": HOMOLOGY,
    "inspection": {
        "MemoryHorizon",
        "MemoryTrace",
        "MutationScan",
        "PositionScan",
        "ResidueAttribution",
        "TopWindows",
        "memory_horizon",
        "memory_trace",
        "mutation_scan",
        "position_scan",
        "residue_attribution",
        "top_windows",
    },
    "model_selection": {"MultilabelStratifiedGroupKFold"},
    "persistence": {"load_model", "save_model"},
    "plotting": {
        "plot_confusion_matrices",
        "plot_precision_recall_curves",
        "plot_reliability_curves",
        "plot_roc_curves",
    },
    "pretrained": {"PRETRAINED_MODELS", "load_pretrained"},
    "readers": {
        "HOST_SYNONYMS",
        "ReadReport",
        "SequenceRecord",
        "SequenceTable",
        "iter_fasta",
        "normalise_hosts",
        "read_fasta",
        "read_genbank",
        "read_swissprot",
        "read_table",
        "write_fasta",
    },
    "report": {"write_report"},
    "selective": {"SelectiveClassifier"},
    "significance": SIGNIFICANCE,
    "stacking": {"GroupStackingClassifier"},
    "table_prediction": TABLE_PREDICTION,
    "thresholds": {"LabelThresholdClassifier"},
    **FORMER_MODULES,
}

# Public names without a page of their own: constants and what they are made with, and the
# transformer inside make_length_baseline.
NOT_IN_THE_REFERENCE = {
    "PRETRAINED_MODELS",
    "ALPHABETS",
    "HOST_SYNONYMS",
    "PADDING",
    "SequenceLength",
    "UNKNOWN",
    "__version__",
    "get_alphabet",
}


def module_named(name):
    return importlib.import_module(f"sklearn_protlstm.{name}".rstrip("."))


@pytest.mark.parametrize("module", PUBLIC_NAMES, ids=lambda name: name or "sklearn_protlstm")
def test_public_names_of_module(module):
    assert set(module_named(module).__all__) == PUBLIC_NAMES[module]


def test_public_modules_of_package():
    assert set(sklearn_protlstm._MODULES) == PUBLIC_NAMES.keys() - {""}


@pytest.mark.parametrize(
    ("former", "name"),
    [(module, name) for module, names in FORMER_MODULES.items() for name in sorted(names)],
)
def test_former_module_gives_the_same_object(former, name):
    homes = [
        module
        for module, names in PUBLIC_NAMES.items()
        if name in names and module not in FORMER_MODULES
    ]
    assert len(homes) == 1
    assert getattr(module_named(former), name) is getattr(module_named(homes[0]), name)


def test_api_reference_lists_every_public_name_once():
    text = API_PAGE.read_text(encoding="utf-8")
    entries = re.findall(r"^   ((?:\w+\.)?\w+)$", text, re.MULTILINE)
    public = set().union(*PUBLIC_NAMES.values()) - NOT_IN_THE_REFERENCE
    assert sorted(entry.rpartition(".")[2] for entry in entries) == sorted(public)
    assert not {entry.partition(".")[0] for entry in entries} & FORMER_MODULES.keys()
    for entry in entries:
        module, _, name = entry.rpartition(".")
        assert name in PUBLIC_NAMES[module]
