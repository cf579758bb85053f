"""Models come back from their files as they were, and bad files say what is wrong with them."""

import json
import os
import pickle
import re
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import safetensors
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from model_files import change, join_file, mend, split_file
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted
from skorch.callbacks import EpochTimer
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier

from sklearn_protlstm import (
    Alphabet,
    KmerVectorizer,
    ProtLSTMClassifier,
    SequenceEncoder,
    load_model,
    make_kmer_baseline,
    save_model,
)
from sklearn_protlstm.exceptions import (
    DamagedModelFileError,
    DeviceUnavailableError,
    ForeignFileError,
    InvalidModelContentError,
    MissingModelFileError,
    ModelFileError,
    NewerModelFileError,
    UnreadableModelFileError,
    UnsavableModelError,
)

SEQUENCES = ["MNTQILVF", "MNTQAKGDKI", "ACDEFGHIKLMN", "MKVLAAGIVG"] * 3
HOSTS = ["human", "dog", "dog", "human"] * 3
POLARITY = Alphabet("polarity", ("AVLIPFWMG", "STCYNQ", "DE", "KRH"), "BJ")
PREDICTED = [
    [0.26936626, 0.73063374],
    [0.73125744, 0.26874253],
    [0.67348498, 0.32651508],
    [0.13770062, 0.86229938],
]
COMMITTED = Path(__file__).parents[1] / "data" / "format_1.model"


def fitted_pipeline(**params):
    return make_pipeline(SequenceEncoder(), tiny_classifier(**params)).fit(SEQUENCES, HOSTS)


@pytest.fixture(scope="module")
def pipeline():
    return fitted_pipeline()


@pytest.fixture(scope="module")
def content(pipeline, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "host.model"
    save_model(pipeline, path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "host.model"


@pytest.fixture
def through_file(path):
    def save_and_load(model):
        save_model(model, path)
        return load_model(path, device="cpu")

    return save_and_load


def load_bytes(path, content):
    path.write_bytes(content)
    return load_model(path, device="cpu")


def with_types(value):
    """The value with the type of each of its parts, for a comparison that is exact."""
    if isinstance(value, dict):
        return {with_types(key): with_types(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(with_types, value))
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tolist()
    return type(value), value


def assert_same_parameters(one, other):
    left, right = one.get_params(deep=False), other.get_params(deep=False)
    left.pop("device", None)
    right.pop("device", None)
    assert with_types(left) == with_types(right)
    assert vars(one).keys() == vars(other).keys(), "something that was learned is not in the file"


class TestRoundTrip:
    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"pooling": "attention", "num_layers": 2},
            {"pooling": ["max", "attention"], "bidirectional": False},
            {"embedding": "onehot", "freeze_embedding": False, "embedding_dim": 10**12},
            {"embedding": "blosum62", "random_state": None},
            {"embedding": np.arange(44, dtype=np.float64).reshape(22, 2)},
            {"embedding": np.arange(44, dtype=">i2").reshape(2, 22).T},
            {"embedding": [[0.5, i] for i in range(22)]},
            {"early_stopping": True, "validation_fraction": 0.3},
            {"class_weight": {"bird": 1, "human": 2.5, "pig": 0.1}},
            {"class_weight": "balanced", "callbacks": []},
            {
                "net_params": {
                    "optimizer__betas": (0.8, 0.9),
                    "criterion__label_smoothing": 0.1,
                }
            },
        ],
        ids=str,
    )
    def test_classifier(self, params, through_file):
        X, y = labelled_rows()
        model = tiny_classifier(**params).fit(X, y)
        loaded = through_file(model)
        assert_same_bits(model, loaded, X)
        embedding = params.get("embedding")
        if isinstance(embedding, np.ndarray):
            model.embedding = embedding.astype(embedding.dtype.newbyteorder("<"))
        assert_same_parameters(model, loaded)
        np.testing.assert_array_equal(model.predict(X), loaded.predict(X))
        assert loaded.n_iter_ == model.n_iter_
        assert loaded.history_[:, "train_loss"] == model.history_[:, "train_loss"]
        assert loaded.history_[:, "batches"] == [[]] * model.n_iter_

    def test_a_single_column(self, through_file):
        X = np.array([[2], [3], [2], [3]])
        model = tiny_classifier().fit(X, [0, 1, 0, 1])
        assert_same_bits(model, through_file(model), X)

    @pytest.mark.parametrize(
        "labels",
        [
            np.array(["a", "b"]),
            np.array(["a", "é\n\u2028"], dtype="U20"),
            np.array(["a", "b"], dtype=object),
            np.array([-(2**62), 2**62 + 1]),
            np.array([3, 5], dtype=np.int8),
            np.array([3, 2**64 - 1], dtype=np.uint64),
            np.array([3, 5], dtype=">i4"),
            np.array([False, True]),
            np.array([1.0, 2.0]),
            np.array([1.0, 2.0], dtype=np.float32),
        ],
        ids=repr,
    )
    def test_labels_keep_their_dtype(self, labels, through_file):
        X, y = labelled_rows(n_classes=2)
        model = tiny_classifier(max_epochs=1).fit(X, labels[(y == "bird").astype(int)])
        loaded = through_file(model)
        assert with_types(loaded.classes_) == with_types(model.classes_)
        assert with_types(loaded.predict(X)) == with_types(model.predict(X))

    def test_numbers_of_numpy_become_those_of_python(self, through_file):
        X, y = labelled_rows()
        model = tiny_classifier(max_epochs=np.int64(2), lr=np.float32(0.01)).fit(X, y)
        loaded = through_file(model)
        assert with_types(loaded.max_epochs) == (int, 2)
        assert with_types(loaded.lr) == (float, float(np.float32(0.01)))

    def test_classifier_trained_in_steps(self, through_file):
        X, y = labelled_rows()
        model = tiny_classifier().partial_fit(X, y, classes=["bird", "human", "pig", "yak"])
        assert_same_bits(model, through_file(model), X)

    def test_column_names(self, through_file):
        X, y = labelled_rows()
        frame = pd.DataFrame(X, columns=[f"token_{i}" for i in range(12)])
        model = tiny_classifier().fit(frame, y)
        loaded = through_file(model)
        assert with_types(loaded.feature_names_in_) == with_types(model.feature_names_in_)
        assert_same_bits(model, loaded, frame)
        with pytest.raises(ValueError, match="feature names"):
            loaded.predict(frame[frame.columns[::-1]])

    @pytest.mark.parametrize(
        "encoder",
        [
            SequenceEncoder(),
            SequenceEncoder(k=2, stride=2, alphabet="dayhoff6"),
            SequenceEncoder(alphabet=POLARITY, max_length=5, truncation="left"),
            SequenceEncoder(k=3),
            KmerVectorizer(),
            KmerVectorizer(k=(1, 3), alphabet="murphy10"),
            KmerVectorizer(k=[2, 3], alphabet=POLARITY),
        ],
        ids=repr,
    )
    def test_transformers(self, encoder, through_file):
        encoder = clone(encoder).set_params(handle_unknown="mask").fit(SEQUENCES)
        loaded = through_file(encoder)
        assert_same_parameters(encoder, loaded)
        assert loaded.alphabet_ == encoder.alphabet_
        left, right = (model.transform(["MNTQACDX"]) for model in (encoder, loaded))
        if isinstance(encoder, KmerVectorizer):
            left, right = left.toarray(), right.toarray()
        assert with_types(left) == with_types(right)

    def test_pipeline(self, pipeline, through_file):
        loaded = through_file(pipeline)
        assert type(loaded) is Pipeline
        assert [name for name, _ in loaded.steps] == ["sequenceencoder", "protlstmclassifier"]
        for one, other in zip(pipeline, loaded):
            assert_same_parameters(one, other)
        np.testing.assert_array_equal(
            pipeline.predict_proba(SEQUENCES), loaded.predict_proba(SEQUENCES)
        )

    def test_tools_of_scikit_learn(self, pipeline, through_file):
        loaded = through_file(pipeline)
        check_is_fitted(loaded)
        check_is_fitted(loaded[-1])
        with pytest.raises(NotFittedError):
            check_is_fitted(clone(loaded))
        assert clone(loaded).fit(SEQUENCES, HOSTS).score(SEQUENCES, HOSTS) >= 0.5
        loaded.set_output(transform="pandas")
        assert list(loaded[0].transform(["MN"]).columns)[:2] == ["token_1", "token_2"]

    @pytest.mark.parametrize("output", ["pandas", "polars", "default"])
    def test_output_is_kept(self, output, through_file):
        encoder = SequenceEncoder().set_output(transform=output).fit(SEQUENCES)
        assert type(through_file(encoder).transform(["MN"])) is type(encoder.transform(["MN"]))

    def test_pickle_and_joblib_work_as_before(self, pipeline, through_file, tmp_path):
        loaded = through_file(pipeline)
        joblib.dump(loaded, tmp_path / "host.joblib")
        for again in (pickle.loads(pickle.dumps(loaded)), joblib.load(tmp_path / "host.joblib")):
            np.testing.assert_array_equal(
                pipeline.predict_proba(SEQUENCES), again.predict_proba(SEQUENCES)
            )

    def test_training_goes_on(self, through_file):
        X, y = labelled_rows()
        model = tiny_classifier(max_epochs=1).fit(X, y)
        one, other = through_file(model), through_file(model)
        before = one.predict_proba(X)
        one.partial_fit(X, y)
        assert one.n_iter_ == 2
        assert not np.array_equal(before, one.predict_proba(X))
        assert_same_bits(one, other.partial_fit(X, y), X)
        with pytest.raises(ValueError, match="not among the classes"):
            one.partial_fit(X[:1], ["yak"])
        assert_same_bits(one.fit(X, y), model, X)

    def test_net_params_reach_the_net(self, through_file):
        X, y = labelled_rows()
        model = tiny_classifier(net_params={"optimizer__betas": (0.8, 0.9)}).fit(X, y)
        assert through_file(model).net_.optimizer_.param_groups[0]["betas"] == (0.8, 0.9)

    def test_random_numbers_of_others_are_left_alone(self, path):
        save_model(fitted_pipeline(random_state=None), path)
        before = torch.get_rng_state(), np.random.get_state()[1].copy()
        load_model(path)
        assert torch.equal(torch.get_rng_state(), before[0])
        np.testing.assert_array_equal(np.random.get_state()[1], before[1])


class TestFile:
    def test_same_model_same_bytes(self, pipeline, path, content, through_file):
        save_model(pipeline, path)
        assert path.read_bytes() == content
        save_model(through_file(pipeline), path)
        assert path.read_bytes() == content

    def test_is_a_safetensors_file(self, path, content):
        path.write_bytes(content)
        with safetensors.safe_open(path, framework="numpy") as file:
            description = json.loads(file.metadata()["sklearn_protlstm"])
            assert "protlstmclassifier__weights.head.bias" in file.keys()  # noqa: SIM118
        assert description["format"] == 1
        assert description["versions"].keys() >= {"sklearn_protlstm", "numpy", "torch"}

    def test_holds_no_device(self, content):
        assert b"device" not in content
        assert b"cpu" not in content.replace(b"+cpu", b"")

    def test_says_nothing_of_where_it_was_trained(self, path, content):
        model = fitted_pipeline()
        model[-1].device, model[-1].net_.device = "cuda:1", "cuda:1"
        save_model(model, path)
        _, description, data = split_file(path.read_bytes())
        _, here, data_here = split_file(content)
        assert data == data_here
        for one in (description, here):
            del one["sha256"], one["model"]["steps"][1][1]["learned"]["epochs"]
        assert description == here

    def test_device_is_chosen_when_it_is_loaded(self, path, content):
        path.write_bytes(content)
        assert load_model(path)[-1].device == "auto"
        loaded = load_model(path, device=torch.device("cpu"))
        assert loaded[-1].device == torch.device("cpu")
        with pytest.raises(DeviceUnavailableError, match="device='cuda:99' is not available"):
            load_model(path, device="cuda:99")

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
    def test_from_and_to_cuda(self, path):
        model = fitted_pipeline(device="cuda")
        save_model(model, path)
        on_cpu, on_cuda = load_model(path, device="cpu"), load_model(path)
        assert next(on_cpu[-1].net_.module_.parameters()).device.type == "cpu"
        assert next(on_cuda[-1].net_.module_.parameters()).device.type == "cuda"
        expected = model.predict_proba(SEQUENCES)
        np.testing.assert_array_equal(on_cuda.predict_proba(SEQUENCES), expected)
        np.testing.assert_allclose(on_cpu.predict_proba(SEQUENCES), expected, atol=1e-4)
        assert b"cuda" not in path.read_bytes()

    def test_transformers_do_not_wait_for_torch(self, path):
        save_model(SequenceEncoder().fit(SEQUENCES), path)
        code = (
            "import sys, sklearn_protlstm as p; p.load_model(sys.argv[1]).transform(['MN']); "
            "print({'torch', 'skorch'} & sys.modules.keys())"
        )
        run = [sys.executable, "-c", code, str(path)]
        assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "set()\n"

    def test_path_may_be_text_or_bytes(self, pipeline, path):
        for kind in (str, os.fsencode):
            save_model(pipeline, kind(path))
            assert load_model(kind(path)).classes_.tolist() == ["dog", "human"]


class TestSaving:
    @pytest.mark.parametrize(
        ("params", "name", "shown"),
        [
            ({"callbacks": [("timer", EpochTimer())]}, "callbacks", r"callbacks\[0\]\[1\] is <"),
            ({"random_state": np.random.RandomState(0)}, "random_state", "RandomState"),
            ({"validation_split": GroupShuffleSplit(1)}, "validation_split", "GroupShuffleSplit"),
            ({"net_params": {"optimizer": torch.optim.SGD}}, "net_params", r"\['optimizer'\] is <"),
            ({"net_params": {"warm_start": True}}, "net_params", "has 'warm_start'"),
            ({"embedding": torch.ones(22, 3)}, "embedding", "of type Tensor"),
            ({"weight_decay": np.inf}, "weight_decay", "is inf of type float"),
        ],
    )
    def test_objects_among_the_parameters(self, params, name, shown, path):
        model = fitted_pipeline()
        model[-1].set_params(**params)
        with pytest.raises(UnsavableModelError, match=shown) as caught:
            save_model(model, path)
        assert caught.value.name == f"protlstmclassifier__{name}"
        assert "joblib.dump" in str(caught.value)
        assert not path.exists()

    def test_the_way_out_that_the_error_names(self, path, pipeline):
        model = fitted_pipeline(callbacks=[("timer", EpochTimer())])
        match = r"model\.set_params\(protlstmclassifier__callbacks=\.\.\.\)"
        with pytest.raises(UnsavableModelError, match=match):
            save_model(model, path)
        save_model(model.set_params(protlstmclassifier__callbacks=None), path)
        np.testing.assert_array_equal(
            load_model(path, device="cpu").predict_proba(SEQUENCES),
            pipeline.predict_proba(SEQUENCES),
        )

    def test_step_of_another_kind(self, path):
        model = make_kmer_baseline().fit(SEQUENCES, HOSTS)
        with pytest.raises(
            UnsavableModelError,
            match=r"The step 'tfidf' is of class TfidfTransformer; .*SequenceEncoder.*joblib\.dump",
        ) as caught:
            save_model(model, path)
        assert caught.value.name == "tfidf"
        with pytest.raises(UnsavableModelError, match="'logreg' is of class LogisticRegression"):
            save_model(Pipeline([("logreg", LogisticRegression())]), path)
        with pytest.raises(UnsavableModelError, match="'nothing' is 'passthrough'"):
            save_model(Pipeline([("nothing", "passthrough")]), path)

    def test_model_of_another_kind(self, path):
        class Own(SequenceEncoder):
            pass

        with pytest.raises(UnsavableModelError, match="The model is of class Own; a model"):
            save_model(Own().fit(SEQUENCES), path)
        with pytest.raises(UnsavableModelError, match="The model is of class LogisticRegression"):
            save_model(LogisticRegression(), path)

    def test_cache_of_a_pipeline(self, path, tmp_path):
        model = fitted_pipeline().set_params(memory=str(tmp_path))
        with pytest.raises(UnsavableModelError, match="is a place on this machine"):
            save_model(model, path)

    @pytest.mark.parametrize("model", [ProtLSTMClassifier(), SequenceEncoder(), KmerVectorizer()])
    def test_not_fitted(self, model, path):
        with pytest.raises(NotFittedError):
            save_model(model, path)
        with pytest.raises(NotFittedError):
            save_model(make_pipeline(model), path)

    def test_labels_of_another_kind(self, path):
        X, y = labelled_rows()
        model = tiny_classifier(max_epochs=1).fit(X, y)
        model.classes_ = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="M8[D]")
        with pytest.raises(UnsavableModelError, match=r"classes_ has dtype datetime64\[D\]"):
            save_model(model, path)

    @pytest.mark.parametrize(
        ("changed", "shown"),
        [
            ({"protlstmclassifier__hidden_size": 6}, r"has shape .*\(24, 4\)"),
            ({"protlstmclassifier__pooling": ("max", "last", "mean")}, "the network pools"),
            ({"protlstmclassifier__embedding": "onehot"}, "embedding.weight has shape"),
            ({"protlstmclassifier__lr": -1}, "'lr' parameter"),
            ({"protlstmclassifier__num_layers": 2}, "is missing or used"),
            ({"protlstmclassifier__bidirectional": False}, "has shape"),
            ({"sequenceencoder__k": 2}, "n_tokens_ is 22, not 402"),
            ({"sequenceencoder__alphabet": "dayhoff6"}, "alphabet_ is Alphabet"),
            ({"sequenceencoder__max_length": 7}, "max_length=7, but the encoder has 12 columns"),
        ],
    )
    def test_parameters_changed_after_fitting(self, changed, shown, path):
        model = fitted_pipeline().set_params(**changed)
        with pytest.raises(UnsavableModelError, match=f"changed after fitting.*{shown}"):
            save_model(model, path)

    def test_folder_that_is_missing(self, pipeline, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"The folder .*nowhere' does not exist"):
            save_model(pipeline, tmp_path / "nowhere" / "host.model")
        with pytest.raises(IsADirectoryError, match=r"is a folder\. Give the model file a name"):
            save_model(pipeline, tmp_path)
        assert os.listdir(tmp_path) == []

    def test_file_is_replaced_in_one_step(self, pipeline, path, monkeypatch):
        path.write_text("old")

        def crash(*args):
            assert path.read_text() == "old"
            raise OSError("disk full")

        for step in ("fsync", "replace"):
            with monkeypatch.context() as patched:
                patched.setattr(os, step, crash)
                with pytest.raises(OSError, match="disk full"):
                    save_model(pipeline, path)
            assert path.read_text() == "old"
            assert os.listdir(path.parent) == ["host.model"]
        save_model(pipeline, path)
        assert load_model(path).classes_.tolist() == ["dog", "human"]
        assert os.listdir(path.parent) == ["host.model"]

    def test_link_stays_a_link(self, pipeline, path, tmp_path):
        path.symlink_to(tmp_path / "v3.model")
        save_model(pipeline, path)
        assert path.is_symlink()
        assert (tmp_path / "v3.model").is_file()


class TestBadFiles:
    def test_missing(self, path):
        with pytest.raises(MissingModelFileError, match=r"host\.model: there is no such file") as e:
            load_model(path)
        assert isinstance(e.value, FileNotFoundError)
        assert e.value.path == str(path)

    def test_what_is_no_file(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        for place in (tmp_path, tmp_path / "pipe", "/dev/zero"):
            with pytest.raises(UnreadableModelFileError, match="this is a folder or a device"):
                load_model(place)
        with pytest.raises(UnreadableModelFileError, match="cannot be opened: embedded null byte"):
            load_model("host\0.model")
        with pytest.raises(TypeError, match="int"):
            load_model(0)

    @pytest.mark.parametrize(
        ("make", "shown"),
        [
            (lambda path: path.touch(), "the file is empty"),
            (lambda path: path.write_text("ACDEFGHIKL"), r"starts with b'ACDEFGHIK'"),
            (lambda path: path.write_text("{}"), "starts with b'{}'"),
            (lambda path: joblib.dump([1], path), r"a Python pickle.*joblib\.load.*run any code"),
            (lambda path: torch.save(torch.ones(2), path), r"a zip archive, as torch\.save"),
            (lambda path: joblib.dump([1], path, compress=("gzip", 1)), "a gzip archive"),
            (
                lambda path: safetensors.numpy.save_file({"a": np.ones(3)}, path),
                "a safetensors file, but not from save_model",
            ),
        ],
    )
    def test_foreign(self, make, shown, path):
        make(path)
        with pytest.raises(ForeignFileError, match=shown):
            load_model(path)

    def test_zip_archive_of_a_model(self, path, content):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("host.model", content)
        with pytest.raises(ForeignFileError, match="a zip archive"):
            load_model(path)

    def test_newer_format(self, path, content):
        with pytest.raises(
            NewerModelFileError, match=r"has format 2, and this version .* reads 1 to 1\. Update"
        ):
            load_bytes(path, change(content, ["format"], 2))

    def test_truncated_anywhere(self, path, content):
        for length in [0, 1, 7, 8, 9, 20, *range(100, len(content), 101), len(content) - 1]:
            with pytest.raises((DamagedModelFileError, ForeignFileError)):
                load_bytes(path, content[:length])
        with pytest.raises(DamagedModelFileError, match=r"the file has \d+ bytes, expected \d+"):
            load_bytes(path, content[:-1])
        with pytest.raises(DamagedModelFileError, match="the end is missing"):
            load_bytes(path, content[:500])
        with pytest.raises(DamagedModelFileError, match=r"the file has \d+ bytes, expected \d+"):
            load_bytes(path, content + b"\0")

    def test_any_altered_byte(self, path, content):
        for place in range(0, len(content), 7):
            altered = bytearray(content)
            altered[place] ^= 1
            with pytest.raises(ModelFileError) as caught:
                load_bytes(path, bytes(altered))
            assert type(caught.value) is not InvalidModelContentError

    def test_altered_weight(self, path, content):
        with pytest.raises(DamagedModelFileError, match=r"checksum is .*: the file was altered"):
            load_bytes(path, content[:-1] + bytes([content[-1] ^ 1]))

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ('{"sha256":', "the description is not sound"),
            ('{"format":1,"format":1}', "one key comes twice"),
            ('{"format":NaN}', "NaN is no number"),
            ('{"format":1e999}', "'1e999' is no number"),
            ('{"format":' + "9" * 5000 + "}", "is no number"),
            ('{"format":' + "[" * 200_000, "recursion"),
            ('{"format":true}', "format number is True"),
            ('{"format":0}', "format number is 0"),
            ('{"format":1,"sha256":"\\ud800"}', r"checksum is '\\ud800', expected 64"),
            ("[]", r"the description is \[\]"),
        ],
        ids=lambda value: value[:30],
    )
    def test_description_that_is_none(self, text, shown, path, content):
        header, _, data = split_file(content)
        with pytest.raises(DamagedModelFileError, match=shown):
            load_bytes(path, join_file(header, text, data))

    @pytest.mark.parametrize(
        ("header", "shown"),
        [
            (b"{" + b"x" * 9, "the header is not sound"),
            (b"{\xff}", "the header is not sound"),
            (b'{"a":' + b"[" * 100_000, "the header is not sound"),
            (b"{}", "not from save_model"),
            (b'{"__metadata__":[]}', "not from save_model"),
        ],
        ids=lambda value: repr(value[:20]),
    )
    def test_header_that_is_none(self, header, shown, path):
        with pytest.raises(ModelFileError, match=shown):
            load_bytes(path, join_file(header, "", b""))

    @pytest.mark.parametrize(
        ("entry", "kind", "shown"),
        [
            ({"dtype": "F99"}, DamagedModelFileError, "expected dtype"),
            ({"shape": [2**62, 2**62]}, DamagedModelFileError, r"the file has \d+ bytes, expected"),
            ({"shape": [-1, -2]}, DamagedModelFileError, "expected dtype"),
            ({"shape": [1] * 100}, DamagedModelFileError, "expected dtype"),
            ({"shape": "2"}, DamagedModelFileError, "expected dtype"),
            ({"data_offsets": [0, 8]}, InvalidModelContentError, "the arrays are not sound"),
            ({"data_offsets": [-8, 0]}, InvalidModelContentError, "the arrays are not sound"),
            ({"data_offsets": [2**70, 2**70]}, DamagedModelFileError, "the header is not sound"),
            ({"data_offsets": None}, InvalidModelContentError, "the arrays are not sound"),
            ({"dtype": "I32"}, InvalidModelContentError, "dtype int32 and 1 dimensions, expected"),
        ],
        ids=str,
    )
    def test_entry_of_an_array(self, entry, kind, shown, path, content):
        header, description, data = split_file(content)
        header["protlstmclassifier__weights.head.bias"] |= entry
        with pytest.raises(kind, match=shown):
            load_bytes(path, join_file(header, description, data))

    def test_arrays_that_overlap(self, path, content):
        header, description, data = split_file(content)
        header["copy"] = header["protlstmclassifier__weights.head.bias"]
        with pytest.raises(InvalidModelContentError, match="the arrays are not sound"):
            load_bytes(path, join_file(header, description, data + bytes(8)))

    def test_arrays_twice_or_never_used(self, path, content):
        header, description, data = split_file(content)
        offsets = [len(data), len(data) + 8]
        header["../../etc/passwd"] = {"dtype": "F32", "shape": [2], "data_offsets": offsets}
        with pytest.raises(InvalidModelContentError, match=r"nothing uses .*'\.\./\.\./etc/passwd"):
            load_bytes(path, join_file(header, description, data + bytes(8)))
        text = json.dumps(header).encode()[:-1] + b', "a": 1, "a": 1}'
        with pytest.raises(DamagedModelFileError, match="one key comes twice"):
            load_bytes(path, join_file(text, "", data))

    ENCODER = ["model", "steps", 0, 1]
    LSTM = ["model", "steps", 1, 1]
    DEEP = [[[[[[[[[1]]]]]]]]]

    @pytest.mark.parametrize(
        ("place", "value", "shown"),
        [
            (["model"], None, "there is no description of a model"),
            (["model", "class"], "os.system", "the class 'os.system' is not one of"),
            (["model", "steps"], 3, "'steps' is 3, expected a list"),
            (["model", "steps"], [], r"the steps are \[\]"),
            (["model", "steps", 0], ["a"], r"a step is \['a'\]"),
            (["model", "steps", 0, 0], "a__b", "expected distinct names without '__'"),
            (["model", "steps", 0, 0], "protlstmclassifier", "missing|distinct names"),
            (["model", "steps", 0, 0], "verbose", "expected distinct names"),
            (["model", "parameters", "verbose"], "x", "'verbose' parameter of Pipeline"),
            (["model", "parameters", "memory"], "/etc", "Pipeline has no parameter 'memory'"),
            (["model", "parameters", "steps"], [], "Pipeline has no parameter 'steps'"),
            ([*ENCODER, "class"], "builtins.exec", "the class 'builtins.exec' is not one of"),
            ([*ENCODER, "class"], ["SequenceEncoder"], "'class' is .*expected a str"),
            ([*ENCODER, "class"], "Pipeline", "the class 'Pipeline' is not one of"),
            ([*ENCODER, "class"], "ProtLSTMClassifier", "no parameter"),
            ([*ENCODER, "output"], "xml", "the output is 'xml'"),
            ([*ENCODER, "output"], {}, "the output is {}"),
            ([*ENCODER, "learned"], ..., "'learned' is missing, expected a dict"),
            ([*ENCODER, "learned", "max_length"], 10**15, "cannot have 1000000000000000 columns"),
            ([*ENCODER, "learned", "max_length"], 0, "cannot have 0 columns"),
            ([*ENCODER, "learned", "max_length"], 1.5, "'max_length' is 1.5, expected a int"),
            ([*ENCODER, "learned", "max_length"], 9, "makes 9 columns, but .* takes 12"),
            ([*ENCODER, "parameters", "k"], 6, "'k' parameter of SequenceEncoder"),
            ([*ENCODER, "parameters", "k"], 1e300, "'k' parameter of SequenceEncoder"),
            ([*ENCODER, "parameters", "k"], 10**19, "'k' parameter of SequenceEncoder"),
            ([*ENCODER, "parameters", "k"], DEEP, "nested deeper than 8 levels"),
            ([*ENCODER, "parameters", "k"], {"pickle": 1}, "expected one of tuple, dict"),
            ([*ENCODER, "parameters", "k"], {}, "expected one of tuple, dict"),
            ([*ENCODER, "parameters", "k"], {"tuple": 1}, "expected one of tuple, dict"),
            ([*ENCODER, "parameters", "k"], {"array": "x"}, "array 'x' is missing"),
            ([*ENCODER, "parameters", "k"], {"array": []}, r"array \[\] is missing"),
            ([*ENCODER, "parameters", "k"], {"dict": [1]}, "expected a key and a value"),
            ([*ENCODER, "parameters", "k"], {"dict": [[1, 1], [1, 2]]}, "one key twice"),
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
            ([*LSTM, "parameters", "device"], "cuda", "no parameter 'device'"),
            ([*LSTM, "parameters", "hidden_size"], 10**15, "has shape .*expected"),
            ([*LSTM, "parameters", "num_layers"], 10**15, "but the file has"),
            ([*LSTM, "parameters", "embedding_dim"], 10**15, "embedding.weight has shape"),
            ([*LSTM, "parameters", "embedding"], [[1], [1, 2]], "embedding is no matrix"),
            ([*LSTM, "parameters", "embedding"], {"dict": []}, "embedding is no matrix"),
            ([*LSTM, "parameters", "embedding"], [[1e300]], "embedding is no matrix: overflow"),
            ([*LSTM, "parameters", "embedding"], [[1] * 4], "at least"),
            ([*LSTM, "parameters", "pooling"], ["median"], "pooling="),
            ([*LSTM, "parameters", "pooling"], [[]], "pooling="),
            ([*LSTM, "parameters", "pooling"], "attention", "has shape|missing"),
            ([*LSTM, "parameters", "random_state"], -1, "'random_state' parameter"),
            ([*LSTM, "parameters", "callbacks"], "x", "'callbacks' parameter"),
            ([*LSTM, "parameters", "callbacks"], ["x"], "the network cannot be built"),
            ([*LSTM, "parameters", "net_params"], {"dict": [["compile", True]]}, "has 'compile'"),
            (
                [*LSTM, "parameters", "net_params"],
                {"dict": [["optimizer__x", 1]]},
                "the network cannot be built",
            ),
            ([*LSTM, "parameters", "class_weight"], 3, "'class_weight' parameter"),
            ([*LSTM, "learned", "n_features_in"], 0, "n_features_in is 0"),
            ([*LSTM, "learned", "n_features_in"], True, "expected a int"),
            ([*LSTM, "learned", "feature_names_in"], ["a"], "expected 12 names"),
            ([*LSTM, "learned", "epochs"], [1], "an epoch is 1"),
            ([*LSTM, "learned", "epochs"], [{"a": {"b": 1}}], "epoch is"),
            ([*LSTM, "learned", "classes", "dtype"], "O8", "is not for labels"),
            ([*LSTM, "learned", "classes", "dtype"], "<M8[s]", "is not for labels"),
            ([*LSTM, "learned", "classes", "dtype"], "<U9999999", "would take more than"),
            ([*LSTM, "learned", "classes", "dtype"], "<U3", "are not distinct values"),
            ([*LSTM, "learned", "classes", "dtype"], "<i8", "are not distinct values"),
            (
                [*LSTM, "learned", "classes"],
                {"dtype": "<i8", "values": [False, True]},
                "are not distinct values",
            ),
            ([*LSTM, "learned", "classes", "values"], [], "are not distinct values"),
            ([*LSTM, "learned", "classes", "values"], ["dog"] * 2, "are not distinct values"),
            ([*LSTM, "learned", "classes", "values"], ["dog", None], "are not distinct values"),
            ([*LSTM, "learned", "classes", "values"], ["dog", []], "are not distinct values"),
            ([*LSTM, "learned", "classes", "values"], ["a", "b", "c"], r"\(2, 30\), expected"),
        ],
        ids=str,
    )
    def test_content_that_is_no_model(self, place, value, shown, path, content):
        with pytest.raises(InvalidModelContentError, match=shown):
            load_bytes(path, change(content, place, value))

    @pytest.mark.parametrize(
        ("name", "values", "shown"),
        [
            ("weights.head.bias", np.float32([np.nan, 1]), "head.bias holds numbers that are not"),
            ("weights.head.bias", np.float32([np.inf, 1]), "head.bias holds numbers that are not"),
            ("vocabulary", None, "the vocabulary is not a list of tokens in rising order"),
        ],
    )
    def test_weights_that_are_none(self, name, values, shown, path, content):
        header, description, data = split_file(content)
        start, stop = header[f"protlstmclassifier__{name}"]["data_offsets"]
        new = b"\xff" * (stop - start) if values is None else values.tobytes()
        assert len(new) == stop - start
        content = join_file(header, description, data[:start] + new + data[stop:])
        with pytest.raises(InvalidModelContentError, match=shown):
            load_bytes(path, content)

    def test_columns_that_are_none(self, path):
        save_model(KmerVectorizer(k=2).fit(["ACDE"]), path)
        good = path.read_bytes()
        for place, value in [(["k"], 3), (["k"], [1, 2]), (["k"], [2, 1]), (["k"], [])]:
            bad = change(good, ["model", "parameters", *place], value)
            if value == 3:
                load_bytes(path, bad)  # ranks of pairs are ranks of triplets as well
                continue
            with pytest.raises(InvalidModelContentError, match=r"columns are not ranks|no range"):
                load_bytes(path, bad)
        with pytest.raises(InvalidModelContentError, match="columns are not ranks"):
            load_bytes(path, change(good, ["model", "parameters", "k"], 1))

    @pytest.mark.parametrize(("rank", "legal"), [(0, True), (399, True), (400, False), (-1, False)])
    def test_ranks_of_kmers(self, rank, legal, path):
        save_model(KmerVectorizer(k=2).fit(["YY"]), path)
        header, description, _ = split_file(path.read_bytes())
        content = join_file(header, description, np.int64([rank]).tobytes())
        if legal:
            assert load_bytes(path, content).columns_[0].tolist() == [rank]
            return
        with pytest.raises(InvalidModelContentError, match="columns are not ranks of k-mers"):
            load_bytes(path, content)

    def test_new_parameters_have_their_defaults(self, path, content):
        loaded = load_bytes(path, change(content, [*self.LSTM, "parameters", "patience"], ...))
        assert loaded[-1].patience == 5

    def test_messages_stay_short(self, path, content):
        for place in (["model", "class"], [*self.LSTM, "parameters", "lr"], ["model", "steps"]):
            with pytest.raises(ModelFileError) as caught:
                load_bytes(path, change(content, place, "x" * 10**6))
            assert len(str(caught.value)) < 1500

    def test_little_memory(self, path, content):
        _, description, data = split_file(content)
        offsets = {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}
        hostile = {
            "header of many bytes": (2**62).to_bytes(8, "little") + b"{" + bytes(1000),
            "header above the limit": (2**22 + 1).to_bytes(8, "little") + b"{" + bytes(2**22),
            "array of many bytes": join_file({"a": offsets}, description, data),
            "wide layers": change(content, [*self.LSTM, "parameters", "hidden_size"], 10**12),
            "many layers": change(content, [*self.LSTM, "parameters", "num_layers"], 10**12),
            "wide labels": change(
                content, [*self.LSTM, "learned", "classes", "dtype"], "<U9999999"
            ),
        }
        for name, bad in hostile.items():
            path.write_bytes(bad)
            del bad
            tracemalloc.start()
            with pytest.raises(ModelFileError):
                load_model(path)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < 2**20, name

    def test_memory_for_the_worst_header(self, path):
        text = b'{"a":[' + b"[]," * 100_000 + b"[]]}"
        path.write_bytes(len(text).to_bytes(8, "little") + text)
        tracemalloc.start()
        with pytest.raises(ForeignFileError):
            load_model(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 40 * len(text)

    def test_large_foreign_file_is_not_read(self, path):
        safetensors.numpy.save_file({"a": np.ones(3)}, path)
        os.truncate(path, 2**40)
        tracemalloc.start()
        with pytest.raises(ForeignFileError):
            load_model(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2**20


TEXT = st.text(st.characters(codec="utf-8"), max_size=4).filter(lambda text: "\0" not in text)
LETTERS = st.permutations("ACDEFGHIKLMNPQRSTVWY").flatmap(
    lambda letters: st.lists(st.integers(1, 19), max_size=6).map(
        lambda cuts: tuple(
            "".join(letters[start:stop])
            for start, stop in zip(sorted({0, *cuts}), [*sorted({0, *cuts})[1:], 20])
        )
    )
)
LABELS = st.one_of(
    st.lists(TEXT, min_size=2, max_size=4, unique=True).map(np.array),
    st.lists(TEXT, min_size=2, max_size=4, unique=True).map(lambda t: np.array(t, dtype=object)),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=4, unique=True).map(np.array),
    st.just(np.array([False, True])),
)


class TestPage:
    """The table of errors in docs/model_files.md is what is really printed."""

    TABLE = re.compile(r"^\| (.+?) \| `(\w+Error)` \| (.+) \|$", re.MULTILINE)

    @pytest.fixture
    def told(self):
        page = Path(__file__).parents[2] / "docs" / "model_files.md"
        rows = self.TABLE.findall(page.read_text(encoding="utf-8"))
        return {file: (kind, text.replace("\\|", "|")) for file, kind, text in rows}

    def test_table(self, told, content, pipeline, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        path = Path("hosts.model")
        lstm = ["model", "steps", 1, 1, "parameters", "hidden_size"]
        make = {
            "not there": lambda: None,
            "a folder": path.mkdir,
            "empty": path.touch,
            "from `joblib.dump`": lambda: joblib.dump(pipeline, path),
            "from `torch.save`": lambda: torch.save({}, path),
            "FASTA": lambda: path.write_text(">sp|P0DTC2|SPIKE_SARS2"),
            "other safetensors": lambda: safetensors.numpy.save_file({"a": np.ones(2)}, path),
            "half a download": lambda: path.write_bytes(content[:-9]),
            "one bit flipped": lambda: path.write_bytes(content[:-1] + b"?"),
            "from the future": lambda: path.write_bytes(change(content, ["format"], 2)),
            "hostile: a class of its own": lambda: path.write_bytes(
                change(content, ["model", "steps", 0, 1, "class"], "os.system")
            ),
            "hostile: a giant layer": lambda: path.write_bytes(change(content, lstm, 10**12)),
        }
        assert make.keys() == told.keys()
        for file, write in make.items():
            write()
            with pytest.raises(ModelFileError) as caught:
                load_model(path)
            kind, text = told[file]
            assert type(caught.value).__name__ == kind
            # Sizes, sums and the folder are those of one day.
            changing = re.compile(r"'/[^']*'|\b[0-9a-f]{12}\b|\d+")
            assert changing.sub("#", str(caught.value)) == changing.sub("#", text), file
            if path.is_dir():
                path.rmdir()


class TestProperties:
    @settings(max_examples=20)
    @given(
        groups=LETTERS,
        name=TEXT,
        labels=LABELS,
        k=st.integers(1, 2),
        hidden_size=st.integers(1, 3),
        pooling=st.lists(
            st.sampled_from(["last", "max", "mean", "attention"]), min_size=1, unique=True
        ),
        as_tuple=st.booleans(),
        bidirectional=st.booleans(),
        num_layers=st.integers(1, 2),
    )
    def test_any_small_model_comes_back(
        self, tmp_path_factory, groups, name, labels, k, as_tuple, pooling, **params
    ):
        path = tmp_path_factory.getbasetemp() / "any.model"
        y = labels[np.arange(12) % len(labels)]
        model = make_pipeline(
            SequenceEncoder(alphabet=Alphabet(name, groups), k=k),
            tiny_classifier(
                pooling=tuple(pooling) if as_tuple else pooling, max_epochs=1, **params
            ),
        ).fit(SEQUENCES, y)
        save_model(model, path)
        loaded = load_model(path, device="cpu")
        for one, other in zip(model, loaded):
            assert_same_parameters(one, other)
        assert with_types(loaded.classes_) == with_types(model.classes_)
        np.testing.assert_array_equal(
            loaded.predict_proba(SEQUENCES), model.predict_proba(SEQUENCES)
        )

    @given(
        changes=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4),
        mended=st.booleans(),
    )
    def test_any_changed_byte_is_told(self, changes, mended, content, pipeline, tmp_path_factory):
        altered = bytearray(content)
        for place, byte in changes:
            altered[place % len(content)] = byte
        altered = mend(bytes(altered)) if mended else bytes(altered)
        try:
            loaded = load_bytes(tmp_path_factory.getbasetemp() / "altered.model", altered)
        except ModelFileError as error:
            assert re.search(r"altered\.model: .", str(error))  # noqa: PT017
        else:
            # With a checksum of its own it is another model; without, it is the same.
            assert mended or altered == content
            assert loaded.predict_proba(SEQUENCES).shape == (12, 2)


class TestOldFiles:
    """Saved once and committed; every later version has to read it and to predict the same."""

    def test_first_format(self):
        model = load_model(COMMITTED, device="cpu")
        assert [name for name, _ in model.steps] == ["sequenceencoder", "protlstmclassifier"]
        assert model[0].alphabet == Alphabet("polarity", ("AVLIPFWMG", "STCYNQ", "DE", "KRH"), "BJ")
        assert model[0].k == 2
        assert model[-1].pooling == ("last", "attention")
        assert model[-1].class_weight == {"dog": 1, "human": 2.0}
        assert model.classes_.dtype == "<U5"
        assert model[-1].n_iter_ == 12
        np.testing.assert_allclose(model.predict_proba(SEQUENCES[:4]), PREDICTED, atol=1e-6)
        assert model.predict(SEQUENCES[:4]).tolist() == ["human", "dog", "dog", "human"]
