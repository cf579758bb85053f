"""load_model rejects files with a correct checksum whose content is not a valid model."""

import numpy as np
import pytest
from model_files import change, join_file, split_file
from saved_models import CLASSIFIER, ENCODER, load_bytes

from sklearn_protlstm import KmerVectorizer, save_model
from sklearn_protlstm.exceptions import InvalidModelContentError

TOO_DEEP = [[[[[[[[[1]]]]]]]]]


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        (["model"], None, "the description of the model is missing"),
        (["model", "class"], "os.system", "the class 'os.system' is not one of"),
        (["model", "steps"], 3, "'steps' is 3, expected type list"),
        (["model", "steps"], [], r"the steps are \[\]"),
        (["model", "steps", 0], ["a"], r"a step is \['a'\]"),
        (["model", "steps", 0, 0], "a__b", "expected distinct names without '__'"),
        (["model", "steps", 0, 0], "protlstmclassifier", "missing|distinct names"),
        (["model", "steps", 0, 0], "verbose", "expected distinct names"),
        (["model", "parameters", "verbose"], "x", "'verbose' parameter of Pipeline"),
        (["model", "parameters", "memory"], "/etc", "Pipeline has no parameter 'memory'"),
        (["model", "parameters", "steps"], [], "Pipeline has no parameter 'steps'"),
        ([*ENCODER, "class"], "builtins.exec", "the class 'builtins.exec' is not one of"),
        ([*ENCODER, "class"], ["SequenceEncoder"], "'class' is .*expected type str"),
        ([*ENCODER, "class"], "Pipeline", "'steps' is missing, expected type list"),
        ([*ENCODER, "class"], "ProtLSTMClassifier", "no parameter"),
        ([*ENCODER, "output"], "xml", "the output is 'xml'"),
        ([*ENCODER, "output"], {}, "the output is {}"),
        ([*ENCODER, "learned"], ..., "'learned' is missing, expected type dict"),
        ([*ENCODER, "learned", "max_length"], 10**15, "cannot have 1000000000000000 columns"),
        ([*ENCODER, "learned", "max_length"], 2**31 - 1, "columns, expected 1 to 16777216"),
        ([*ENCODER, "learned", "max_length"], 0, "cannot have 0 columns"),
        ([*ENCODER, "learned", "max_length"], 1.5, "'max_length' is 1.5, expected type int"),
        ([*ENCODER, "learned", "max_length"], 9, "returns 9 columns, but .* expects 12"),
        ([*ENCODER, "parameters", "k"], 6, "'k' parameter of SequenceEncoder"),
        ([*ENCODER, "parameters", "k"], 1e300, "'k' parameter of SequenceEncoder"),
        ([*ENCODER, "parameters", "k"], 10**19, "'k' parameter of SequenceEncoder"),
        ([*ENCODER, "parameters", "k"], TOO_DEEP, "nested deeper than 8 levels"),
        ([*ENCODER, "parameters", "k"], {"pickle": 1}, "expected one of tuple, dict"),
        ([*ENCODER, "parameters", "k"], {}, "expected one of tuple, dict"),
        ([*ENCODER, "parameters", "k"], {"tuple": 1}, "expected one of tuple, dict"),
        ([*ENCODER, "parameters", "k"], {"array": "x"}, "array 'x' is missing"),
        ([*ENCODER, "parameters", "k"], {"array": []}, r"array \[\] is missing"),
        ([*ENCODER, "parameters", "k"], {"dict": [1]}, "expected a key and a value"),
        ([*ENCODER, "parameters", "k"], {"dict": [[1, 1], [1, 2]]}, "the same key twice"),
        ([*ENCODER, "parameters", "__class__"], 1, "no parameter '__class__'"),
        ([*ENCODER, "parameters", "alphabet"], "/etc/passwd", "alphabet='/etc/passwd'"),
        (
            [*ENCODER, "parameters", "alphabet"],
            {"alphabet": {"name": "x", "groups": ["A", "A"], "ambiguous": ""}},
            "A appear",
        ),
        (
            [*ENCODER, "parameters", "alphabet"],
            {"alphabet": {"name": "x", "groups": [1], "ambiguous": ""}},
            "expected strings of at most 26 letters",
        ),
        (
            [*ENCODER, "parameters", "alphabet"],
            {"alphabet": {"name": "x", "groups": ["A" * 10**5], "ambiguous": ""}},
            "expected strings of at most 26 letters",
        ),
        ([*CLASSIFIER, "parameters", "device"], "cuda", "no parameter 'device'"),
        (
            [*CLASSIFIER, "parameters", "hidden_size"],
            10**15,
            "hidden_size=1000000000000000, but the arrays",
        ),
        ([*CLASSIFIER, "parameters", "num_layers"], 10**15, "but the file has"),
        ([*CLASSIFIER, "parameters", "embedding_dim"], 10**15, "embedding.weight has shape"),
        ([*CLASSIFIER, "parameters", "embedding"], [[1], [1, 2]], "embedding is not a matrix"),
        ([*CLASSIFIER, "parameters", "embedding"], {"dict": []}, "embedding is not a matrix"),
        (
            [*CLASSIFIER, "parameters", "embedding"],
            [[1e300]],
            "embedding is not a matrix: overflow",
        ),
        ([*CLASSIFIER, "parameters", "embedding"], [[1] * 4], "at least"),
        ([*CLASSIFIER, "parameters", "pooling"], ["median"], "pooling="),
        ([*CLASSIFIER, "parameters", "pooling"], [[]], "pooling="),
        ([*CLASSIFIER, "parameters", "pooling"], "attention", "has shape|missing"),
        ([*CLASSIFIER, "parameters", "random_state"], -1, "'random_state' parameter"),
        ([*CLASSIFIER, "parameters", "callbacks"], "x", "'callbacks' parameter"),
        ([*CLASSIFIER, "parameters", "callbacks"], ["x"], "the network cannot be built"),
        ([*CLASSIFIER, "parameters", "net_params"], {"dict": [["compile", True]]}, "has 'compile'"),
        (
            [*CLASSIFIER, "parameters", "net_params"],
            {"dict": [["optimizer__x", 1]]},
            "the network cannot be built",
        ),
        ([*CLASSIFIER, "parameters", "class_weight"], 3, "'class_weight' parameter"),
        ([*CLASSIFIER, "learned", "n_features_in"], 0, "n_features_in is 0"),
        ([*CLASSIFIER, "learned", "n_features_in"], 2**24 + 1, "16777217, expected 1 to 16777216"),
        ([*CLASSIFIER, "learned", "n_features_in"], True, "expected type int"),
        ([*CLASSIFIER, "learned", "feature_names_in"], ["a"], "expected 12 names"),
        ([*CLASSIFIER, "learned", "epochs"], [1], "an epoch is 1"),
        ([*CLASSIFIER, "learned", "epochs"], [{"a": {"b": 1}}], "epoch is"),
        ([*CLASSIFIER, "learned", "classes", "dtype"], "O8", "is not a supported dtype of labels"),
        (
            [*CLASSIFIER, "learned", "classes", "dtype"],
            "<M8[s]",
            "is not a supported dtype of labels",
        ),
        ([*CLASSIFIER, "learned", "classes", "dtype"], "<U9999999", "would take more than"),
        ([*CLASSIFIER, "learned", "classes", "dtype"], "<U3", "are not distinct values"),
        ([*CLASSIFIER, "learned", "classes", "dtype"], "<i8", "are not distinct values"),
        (
            [*CLASSIFIER, "learned", "classes"],
            {"dtype": "<i8", "values": [False, True]},
            "are not distinct values",
        ),
        ([*CLASSIFIER, "learned", "classes", "values"], [], "are not distinct values"),
        ([*CLASSIFIER, "learned", "classes", "values"], ["dog"] * 2, "are not distinct values"),
        ([*CLASSIFIER, "learned", "classes", "values"], ["dog", None], "are not distinct values"),
        ([*CLASSIFIER, "learned", "classes", "values"], ["dog", []], "are not distinct values"),
        (
            [*CLASSIFIER, "learned", "classes", "values"],
            ["a", "b", "c"],
            r"\(2, 30\), but .* \(3, 30\)",
        ),
    ],
    ids=str,
)
def test_invalid_content_raises(place, value, shown, path, content):
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, change(content, place, value))


@pytest.mark.parametrize(
    ("name", "values", "shown"),
    [
        ("weights.head.bias", np.float32([np.nan, 1]), "head.bias has values that are not finite"),
        ("weights.head.bias", np.float32([np.inf, 1]), "head.bias has values that are not finite"),
        ("vocabulary", None, "the vocabulary does not hold increasing tokens"),
    ],
)
def test_invalid_weights_raise(name, values, shown, path, content):
    header, description, data = split_file(content)
    start, stop = header[f"protlstmclassifier__{name}"]["data_offsets"]
    new = b"\xff" * (stop - start) if values is None else values.tobytes()
    assert len(new) == stop - start
    content = join_file(header, description, data[:start] + new + data[stop:])
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, content)


@pytest.mark.parametrize(
    ("k", "shown"),
    [
        (1, "the columns are not increasing ranks of k-mers"),
        ([1, 2], "the columns are not increasing ranks of k-mers"),
        ([2, 1], r"k=\[2, 1\]"),
        ([], r"k=\[\]"),
    ],
)
def test_columns_that_do_not_fit_k_raise(k, shown, path):
    save_model(KmerVectorizer(k=2).fit(["ACDE"]), path)
    content = change(path.read_bytes(), ["model", "parameters", "k"], k)
    with pytest.raises(InvalidModelContentError, match=shown):
        load_bytes(path, content)


def test_columns_of_2_mers_are_valid_for_3_mers(path):
    save_model(KmerVectorizer(k=2).fit(["ACDE"]), path)
    load_bytes(path, change(path.read_bytes(), ["model", "parameters", "k"], 3))


@pytest.mark.parametrize(("rank", "legal"), [(0, True), (399, True), (400, False), (-1, False)])
def test_ranks_of_kmers_are_limited_by_k(rank, legal, path):
    save_model(KmerVectorizer(k=2).fit(["YY"]), path)
    header, description, _ = split_file(path.read_bytes())
    content = join_file(header, description, np.int64([rank]).tobytes())
    if legal:
        assert load_bytes(path, content).columns_[0].tolist() == [rank]
        return
    with pytest.raises(
        InvalidModelContentError, match="columns are not increasing ranks of k-mers"
    ):
        load_bytes(path, content)


def test_parameters_missing_from_the_file_have_defaults(path, content):
    loaded = load_bytes(path, change(content, [*CLASSIFIER, "parameters", "patience"], ...))
    assert loaded[-1].patience == 5
