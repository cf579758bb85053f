"""A room imports only from rooms listed before it, and never another room's private modules.

docs/architecture.md has the same list.
"""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import sklearn_protlstm

PACKAGE = Path(sklearn_protlstm.__file__).parent

# A folder is one room.
ORDER = [
    "_version",
    "exceptions",
    "_optional",
    "_atomic_write",
    "_html",
    "alphabets",
    "_validation",
    "_labels",
    "plotting",
    "model_selection",
    "_meta_estimators",
    "_labelwise",
    "_encoding",
    "readers",
    "table_prediction",
    "_network",
    "_training",
    "_checkpoints",
    "datasets",
    "persistence",
    "pretrained",
    "_net_estimator",
    "_net_classifier",
    "language_model",
    "classifier",
    "baselines",
    "homology",
    "stacking",
    "_frozen_stack",
    "thresholds",
    "selective",
    "recommended",
    "data_checks",
    "inspection",
    "significance",
    "comparison",
    "report",
    "command",
    "__main__",
    # Former homes of public names.
    "fasta_prediction",
    "paired_tests",
    "splitting",
]

MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "__init__.py"
}


def imported_names(source):
    """Everything that the source imports, anywhere in it, as dotted names."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def wrong_arrows(module, source):
    """Imports from a room that is listed later, or from private modules of another room."""
    room = module.partition(".")[0]
    earlier = ORDER[: ORDER.index(room)]
    wrong = []
    for name in sorted(imported_names(source)):
        package, _, path = name.partition(".")
        if package == "":
            wrong.append(f"{name} is relative")
        elif package == "sklearn_protlstm":
            target, *inner = path.split(".")
            is_private = any(part.startswith("_") and part[:2] != "__" for part in inner)
            if target != room and (target not in earlier or is_private):
                wrong.append(name)
    return wrong


def test_modules_are_found():
    some = {"exceptions", "_encoding.kmers", "classifier", "datasets", "datasets._generators"}
    assert some <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_module_has_a_place(module):
    assert module.partition(".")[0] in ORDER, "give the new module a place in ORDER"
    assert not {"utils", "base", "common"} & set(module.strip("_").split(".")), "name its purpose"


@pytest.mark.parametrize(("module", "path"), MODULES.items())
def test_imports_come_from_earlier_rooms(module, path):
    assert wrong_arrows(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("classifier", "from sklearn_protlstm._encoding.token_matrix import unique_rows", False),
        ("_encoding.kmers", "from sklearn_protlstm._encoding.tokens import encode_residues", False),
        ("_encoding.encoder", "from sklearn_protlstm.classifier import ProtLSTMClassifier", True),
        ("_encoding.encoder", "def f():\n    import sklearn_protlstm.classifier", True),
        ("_encoding.encoder", "from sklearn_protlstm import baselines", True),
        ("_encoding.encoder", "from sklearn_protlstm import alphabets", False),
        ("baselines", "from sklearn_protlstm import SequenceEncoder", True),
        ("baselines", "import sklearn_protlstm", True),
        ("_encoding.encoder", "from . import alphabets", True),
        ("_encoding.encoder", "from .alphabets import Alphabet", True),
        ("datasets", "from sklearn_protlstm.datasets._generators import make_motif_order", False),
        ("datasets._generators", "from sklearn_protlstm.datasets import _virus_hosts", False),
        ("comparison", "from sklearn_protlstm.datasets import _virus_hosts", True),
        ("comparison", "from sklearn_protlstm.datasets._generators import make_motif_order", True),
        ("comparison", "from sklearn_protlstm.datasets import make_motif_order", False),
        ("_encoding.encoder", "from sklearn_protlstm_extras import kmers", False),
    ],
)
def test_wrong_arrows_are_seen(module, source, wrong):
    assert bool(wrong_arrows(module, source)) == wrong


@pytest.mark.parametrize(("module", "path"), MODULES.items())
def test_private_names_of_scikit_learn_stay_in_one_place(module, path):
    if module == "_validation":
        return
    private = [
        name
        for name in imported_names(path.read_text(encoding="utf-8"))
        if name.startswith("sklearn.") and any(part.startswith("_") for part in name.split("."))
    ]
    assert private == []


@pytest.mark.parametrize(
    "room", sorted({module.partition(".")[0] for module in MODULES if "." in module})
)
def test_room_says_what_is_inside(room):
    first_line = importlib.import_module(f"sklearn_protlstm.{room}").__doc__.splitlines()[0]
    assert first_line.endswith(".")


@pytest.mark.parametrize(("module", "path"), MODULES.items())
def test_module_is_short(module, path):
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    assert n_lines <= 450, f"{module} has {n_lines} lines: something in it wants a room of its own"


USE_WITHOUT_TORCH = """
from sklearn_protlstm import ALPHABETS, Alphabet, datasets, exceptions, plotting, readers
from sklearn_protlstm import KmerVectorizer, SequenceEncoder, make_kmer_baseline
from sklearn_protlstm import make_length_baseline, make_majority_baseline

X = ["MNTQ", "ACDE"]
SequenceEncoder().fit_transform(X)
make_kmer_baseline().fit(X, ["human", "dog"]).predict(X)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("use", "unused"),
    [
        ("import sklearn_protlstm", {"torch", "skorch", "matplotlib", "Bio", "sklearn", "numpy"}),
        (USE_WITHOUT_TORCH, {"torch", "skorch", "matplotlib", "Bio"}),
        ("import sklearn_protlstm.readers", {"torch", "sklearn", "pandas", "scipy", "Bio"}),
    ],
)
def test_nobody_waits_for_what_is_not_used(use, unused):
    code = f"{use}\nimport sys\nprint(*{unused!r} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_public_names():
    public = set(sklearn_protlstm.__all__)
    modules = set(sklearn_protlstm._MODULES)
    assert len(public) == len(sklearn_protlstm.__all__)
    assert set(dir(sklearn_protlstm)) == public | modules
    assert set(sklearn_protlstm._HOMES) == public - {"__version__"}
    for name in public:
        assert getattr(sklearn_protlstm, name) is not None
    for name in modules:
        module = getattr(sklearn_protlstm, name)
        assert module is importlib.import_module(f"sklearn_protlstm.{name}")
        assert module.__all__
    for name, home in sklearn_protlstm._HOMES.items():
        assert name in importlib.import_module(f"sklearn_protlstm.{home}").__all__


@pytest.mark.parametrize("module", ["", *MODULES])
def test_all_is_true(module):
    module = importlib.import_module(f"sklearn_protlstm.{module}".rstrip("."))
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(module, name)] == []


def test_unknown_name():
    message = "module 'sklearn_protlstm' has no attribute 'SequenceDecoder'"
    with pytest.raises(AttributeError, match=message):
        _ = sklearn_protlstm.SequenceDecoder
    with pytest.raises(ImportError, match="cannot import name 'SequenceDecoder'"):
        from sklearn_protlstm import SequenceDecoder  # noqa: F401
