"""Files that describe impossible scikit-learn estimators are rejected, and no file runs code."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from model_files import change, join_file, split_file
from saved_models import load_bytes
from scikit_learn_models import fitted_model

from sklearn_protlstm import load_model, save_model
from sklearn_protlstm.exceptions import InvalidModelContentError, ModelFileError

KMERS = "kmers"
LINEAR = ["model", "steps", 2, 1]
FOREST = ["model", "steps", 1, 1]
LEARNED = ["model", "learned"]
PAIR = [*LEARNED, "calibrated_classifiers_", 0]
NEST = {"class": "Pipeline", "parameters": {}, "steps": []}


def nested_pipelines(n_levels):
    data = NEST
    for _ in range(n_levels):
        data = {**NEST, "steps": [["a", data]]}
    return data


def nested_frozen(n_levels):
    data = {"class": "SequenceLength", "parameters": {}, "learned": {}}
    for _ in range(n_levels):
        frozen = {"parameters": {"estimator": {"estimator": data}}, "learned": {}}
        data = {"class": "FrozenEstimator", **frozen}
    return data


@pytest.fixture
def content_of(path):
    def content_of(name):
        save_model(fitted_model(name), path)
        return path.read_bytes()

    return content_of


@pytest.mark.parametrize(
    ("name", "place", "value", "shown"),
    [
        (KMERS, [*LINEAR, "class"], "os.system", "the class 'os.system' is not one of Sequence"),
        (KMERS, [*LINEAR, "class"], "sklearn.linear_model.SGDClassifier", "is not one of"),
        (KMERS, [*LINEAR, "class"], "SGDClassifier", "the class 'SGDClassifier' is not one of"),
        (KMERS, [*LINEAR, "class"], "LabelEncoder", "the class 'LabelEncoder' is not one of"),
        (KMERS, [*LINEAR, "class"], "_CalibratedClassifier", "is not one of"),
        (KMERS, [*LINEAR, "class"], "__builtins__", "is not one of"),
        (KMERS, [*LINEAR, "class"], "LinearSVC", "LinearSVC has no parameter"),
        (KMERS, [*LINEAR, "learned"], None, "'learned' is None, expected type dict"),
        (KMERS, [*LINEAR, "learned", "__class__"], "os", "no fitted attribute '__class__'"),
        (KMERS, [*LINEAR, "learned", "predict"], 1, "has no fitted attribute 'predict'"),
        (KMERS, [*LINEAR, "learned", "coef_"], ..., "coef_ of LogisticRegression is missing"),
        (KMERS, [*LINEAR, "learned", "coef_"], 3, "coef_ is 3, expected array or transposed"),
        (KMERS, [*LINEAR, "learned", "coef_"], {"pickle": "x"}, "expected array or transposed"),
        (KMERS, [*LINEAR, "learned", "coef_"], {"array": [1]}, r"array \[1\] is missing"),
        (
            KMERS,
            [*LINEAR, "learned", "coef_"],
            {"array": "logisticregression__n_iter_"},
            "coef_ of LogisticRegression is int32, expected an array of float32 or float64",
        ),
        (KMERS, [*LINEAR, "learned", "n_features_in_"], 5, "coef_ .* expected .any, 5"),
        (KMERS, [*LINEAR, "learned", "n_features_in_"], 2**31, "expected a number from 1 to 16777"),
        (KMERS, [*LINEAR, "learned", "n_features_in_"], True, "is True, expected type int"),
        (
            KMERS,
            [*LINEAR, "learned", "classes_", "values"],
            ["a", "b", "c"],
            "coef_ has 1 rows, but there are 3 classes",
        ),
        (KMERS, [*LINEAR, "learned", "classes_"], ["a", "b"], "expected labels"),
        (KMERS, [*LINEAR, "learned", "feature_names_in_"], ["a"], "has 1 names, expected"),
        (KMERS, [*LINEAR, "learned", "feature_names_in_"], "abc", "expected names"),
        (KMERS, [*LINEAR, "parameters", "C"], -1, "'C' parameter of LogisticRegression"),
        (KMERS, [*LINEAR, "parameters", "solver"], "os.system", "'solver' parameter of Logistic"),
        (KMERS, ["model", "steps", 1, 1, "learned", "idf_"], ..., "use_idf=True of TfidfTransf"),
        (KMERS, ["model", "steps", 1, 1, "parameters", "use_idf"], False, "use_idf=False of Tfid"),
        (KMERS, ["versions", "scikit-learn"], ..., "'scikit-learn' is missing, expected type str"),
        (KMERS, ["versions"], [], r"'versions' is \[\], expected type dict"),
        (KMERS, ["versions", "scikit-learn"], "1", "version of scikit-learn is '1', expected"),
        ("length", [*FOREST, "parameters", "n_estimators"], 10**9, "are not 1000000000 integers"),
        ("length", [*FOREST, "learned", "n_nodes"], [10**9] * 20, "have other sizes than 2000000"),
        ("length", [*FOREST, "learned", "n_classes_"], 4, "n_classes_ is 4, but there are 3 cl"),
        ("length", [*FOREST, "learned", "random_states"], [-1] * 20, "random_states of a forest"),
        ("length", [*FOREST, "learned", "max_features"], [2] * 20, "max_features of a forest are"),
        ("length", [*FOREST, "learned", "n_outputs_"], 2, "expected a number from 1 to 1"),
        ("length", [*FOREST, "learned", "n_features_in_"], ..., "cannot be made from its values"),
        ("majority", [*LEARNED, "_strategy"], "os", "_strategy of DummyClassifier is 'os'"),
        ("majority", [*LEARNED, "_strategy"], "prior", "strategy='most_frequent', but .* 'prior'"),
        ("majority", [*LEARNED, "n_classes_"], 7, "n_classes_ is 7, but there are 2 classes"),
        ("sigmoid", [*PAIR, "class"], "LogisticRegression", "expected _CalibratedClassifier"),
        ("sigmoid", [*PAIR, "learned", "calibrators"], [], r"calibrators .* is \[\], expected a l"),
        ("sigmoid", [*PAIR, "learned", "calibrators"], 3, "calibrators is 3, expected a list"),
        ("sigmoid", [*PAIR, "learned", "calibrators", 0], 3, "is 3, expected an estimator"),
        ("sigmoid", [*PAIR, "learned", "method"], "isotonic", "the method 'isotonic' has 3 calib"),
        ("sigmoid", [*PAIR, "learned", "method"], "exec", "method .* is 'exec', expected one of"),
        (
            "sigmoid",
            [*PAIR, "learned", "classes", "values"],
            ["bird", "dog", "horse"],
            "a calibrated classifier has other classes than the model",
        ),
        (
            "sigmoid",
            [*PAIR, "learned", "calibrators", 0, "learned", "a_"],
            {"array": "estimator__vocabulary"},
            "is missing or is used twice",
        ),
        ("sigmoid", ["model", "parameters", "cv"], {"splitter": {"class": "X"}}, "cv is of class"),
        (
            "sigmoid",
            ["model", "parameters", "cv"],
            {"splitter": {"class": "KFold", "parameters": {"n_splits": "a"}}},
            "The number of folds must be of Integral type",
        ),
        ("sigmoid", ["model", "parameters", "estimator"], {"estimator": 1}, "expected one of tup"),
        ("sigmoid", ["model", "parameters", "estimator"], 1, "'estimator' parameter of Calibrated"),
        ("frozen", PAIR, {"class": "_CalibratedClassifier"}, "'learned' is missing"),
        ("voting", ["model", "estimators"], [["a", "drop"]], "are 2 fitted estimators, expected 0"),
        ("voting", ["model", "estimators", 0], ["a", "keep"], r"an estimator is \['a', 'keep'\]"),
        ("voting", ["model", "estimators", 0, 0], "weights", "expected distinct names without"),
        ("voting", ["model", "parameters", "weights"], [1], "1 weights for 3 estimators"),
        ("voting", [*LEARNED, "le_", "class"], "SequenceLength", "expected LabelEncoder"),
        (
            "voting",
            [*LEARNED, "le_", "learned", "classes_", "values"],
            ["bird", "cat", "human"],
            "two parts of the model have different classes",
        ),
        ("stacking", [*LEARNED, "stack_method_"], ["predict_proba"], "do not have 3 entries"),
        ("stacking", [*LEARNED, "stack_method_", 0], "__reduce__", "is '__reduce__', expected one"),
        (
            "stacking",
            [*LEARNED, "stack_method_", 2],
            "decision_function",
            "not have the method dec",
        ),
        ("stacking", [*LEARNED, "_n_feature_outs"], [1, 1, 2], "expects 3 columns, but the other"),
        ("stacking", [*LEARNED, "final_estimator_"], NEST, r"the steps are \[\]"),
        ("stacking", [*LEARNED, "final_estimator_"], {"class": "sys.exit"}, "'sys.exit' is not on"),
        ("stacking", [*LEARNED, "estimators_", 0], [], r"is \[\], expected an estimator"),
        ("majority", ["model"], nested_pipelines(20), "nested deeper than 12 levels"),
        ("majority", ["model"], nested_frozen(20), "nested deeper than 12 levels"),
    ],
    ids=str,
)
def test_impossible_estimator_raises(name, place, value, shown, content_of, path):
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content_of(name), place, value))


def with_array(content, name, values):
    """The file with other values in one of its arrays, of the same size and dtype."""
    header, description, data = split_file(content)
    start, stop = header[name]["data_offsets"]
    assert len(values.tobytes()) == stop - start
    return join_file(header, description, data[:start] + values.tobytes() + data[stop:])


@pytest.fixture
def trees(content_of):
    """The file of a forest, and its nodes by name."""
    content = content_of("length")
    states = [tree.tree_.__getstate__() for tree in fitted_model("length")[-1].estimators_]
    nodes = np.concatenate([state["nodes"] for state in states])
    assert nodes["left_child"][0] == 1
    return content, nodes


@pytest.mark.parametrize(
    ("column", "node", "value", "shown"),
    [
        ("left_child", 0, 2**40, "node 0 of a tree has the children"),
        ("left_child", 0, -5, "node 0 of a tree has the children"),
        ("left_child", 0, 0, "node 0 of a tree has the children"),
        ("right_child", 0, 1, "node 0 of a tree has the children"),
        ("right_child", 1, 0, "node 1 of a tree has the children"),
        ("left_child", 0, -1, "node 0 of a tree has the children"),
        ("feature", 0, 1, "a node of a tree has an illegal feature or value"),
        ("feature", 0, 2**40, "a node of a tree has an illegal feature or value"),
        ("feature", 0, -2, "a node of a tree has an illegal feature or value"),
        ("threshold", 0, np.nan, "a node of a tree has an illegal feature or value"),
        ("impurity", 0, np.inf, "a node of a tree has an illegal feature or value"),
        ("missing_go_to_left", 0, 2, "a node of a tree has an illegal feature or value"),
    ],
)
def test_nodes_that_are_not_a_tree_raise(column, node, value, shown, trees, path):
    content, nodes = trees
    values = np.ascontiguousarray(nodes[column])
    values[node] = value
    altered = with_array(content, f"extratreesclassifier__nodes.{column}", values)
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, altered)


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_values_of_nodes_are_checked(value, trees, path):
    content, nodes = trees
    values = np.full((len(nodes), 3), value)
    altered = with_array(content, "extratreesclassifier__nodes.values", values)
    with pytest.raises(InvalidModelContentError, match="an illegal feature or value"):
        load_bytes(path, altered)


def test_thresholds_that_do_not_increase_raise(content_of, path):
    content = content_of("isotonic")
    header, _, _ = split_file(content)
    name = min(name for name in header if name.endswith("X_thresholds_"))
    values = np.zeros(header[name]["shape"], dtype=np.float32)
    with pytest.raises(InvalidModelContentError, match="IsotonicRegression do not increase"):
        load_bytes(path, with_array(content, name, values))


def test_weights_that_are_not_finite_raise(content_of, path):
    content = content_of(KMERS)
    name = "logisticregression__coef_"
    values = np.full(split_file(content)[0][name]["shape"], np.nan)
    with pytest.raises(InvalidModelContentError, match=r"coef_ .* has values that are not finite"):
        load_bytes(path, with_array(content, name, values))


def test_hostile_sizes_take_little_memory(content_of, path):
    hostile = {
        "trees": ("length", [*FOREST, "parameters", "n_estimators"], 10**12),
        "nodes": ("length", [*FOREST, "learned", "n_nodes"], [2**60] * 20),
        "columns": (KMERS, [*LINEAR, "learned", "n_features_in_"], 2**24),
        "folds": (
            "sigmoid",
            ["model", "parameters", "cv"],
            {"splitter": {"class": "KFold", "parameters": {"n_splits": 10**18, "x": 1}}},
        ),
    }
    for what, (name, place, value) in hostile.items():
        path.write_bytes(change(content_of(name), place, value))
        tracemalloc.start()
        try:
            with pytest.raises(ModelFileError):
                load_model(path, device="cpu")
            assert tracemalloc.get_traced_memory()[1] < 2**20, what
        finally:
            tracemalloc.stop()


RUN_NOTHING = """
import sys
from pathlib import Path

from sklearn_protlstm import load_model
from sklearn_protlstm.exceptions import ModelFileError

load_model(Path(sys.argv[1]) / "valid", device="cpu")  # imports what models need
before = set(sys.modules)
BAD = ("os.system", "subprocess.", "pickle.", "socket.", "ctypes.dlopen", "exec", "compile")
calls = []
sys.addaudithook(lambda event, args: calls.append(event) if event.startswith(BAD) else None)
for path in sorted(Path(sys.argv[1]).glob("*.model")):
    try:
        load_model(path, device="cpu")
    except ModelFileError:
        pass
    else:
        print(path.name, "was loaded")
print(sorted(set(calls)), sorted(set(sys.modules) - before))
"""


@pytest.mark.slow
def test_no_file_runs_or_imports_what_it_names(content_of, tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    content = content_of(KMERS)
    (folder / "valid").write_bytes(content)
    names = ["os.system", "antigravity", "builtins.exec", "this.s", "webbrowser.open", "eval"]
    for number, name in enumerate(names):
        altered = {
            "class": change(content, [*LINEAR, "class"], name),
            "attribute": change(content, [*LINEAR, "learned", name], {"array": name}),
            "parameter": change(content, [*LINEAR, "parameters", name], name),
            "value": change(content, [*LINEAR, "learned", "coef_"], {name: "x"}),
        }
        for kind, bad in altered.items():
            (folder / f"{number} {kind}.model").write_bytes(bad)
    run = [sys.executable, "-c", RUN_NOTHING, str(folder)]
    found = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert found == "[] []\n"
