"""save_model writes reproducible files and rejects models that it cannot store."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import safetensors
import torch
from model_files import split_file
from saved_models import HOSTS, SEQUENCES, fitted_pipeline
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import PredefinedSplit
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from skorch.callbacks import EpochTimer
from tiny_models import labelled_rows, tiny_classifier

from sklearn_protlstm import (
    KmerVectorizer,
    ProtLSTMClassifier,
    SequenceEncoder,
    load_model,
    save_model,
)
from sklearn_protlstm.exceptions import DeviceUnavailableError, UnsavableModelError


def test_same_model_gives_same_bytes(pipeline, path, content, save_and_load):
    save_model(pipeline, path)
    assert path.read_bytes() == content
    save_model(save_and_load(pipeline), path)
    assert path.read_bytes() == content


def test_file_is_in_safetensors_format(path, content):
    path.write_bytes(content)
    with safetensors.safe_open(path, framework="numpy") as file:
        description = json.loads(file.metadata()["sklearn_protlstm"])
        assert "protlstmclassifier__weights.head.bias" in file.keys()  # noqa: SIM118
    assert description["format"] == 3
    assert description["versions"].keys() >= {"sklearn_protlstm", "numpy", "torch"}


def test_file_does_not_name_the_device(content):
    assert b"device" not in content
    assert b"cpu" not in content.replace(b"+cpu", b"")


def test_file_does_not_depend_on_the_training_device(path, content):
    model = fitted_pipeline()
    model[-1].device, model[-1].net_.device = "cuda:1", "cuda:1"
    save_model(model, path)
    _, description, data = split_file(path.read_bytes())
    _, here, data_here = split_file(content)
    assert data == data_here
    for one in (description, here):
        del one["sha256"], one["model"]["steps"][1][1]["learned"]["epochs"]
    assert description == here


def test_device_is_chosen_on_loading(path, content):
    path.write_bytes(content)
    assert load_model(path)[-1].device == "auto"
    loaded = load_model(path, device=torch.device("cpu"))
    assert loaded[-1].device == torch.device("cpu")
    with pytest.raises(DeviceUnavailableError, match="device='cuda:99' is not available"):
        load_model(path, device="cuda:99")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_model_trained_on_cuda_loads_on_cpu_and_cuda(path):
    model = fitted_pipeline(device="cuda")
    save_model(model, path)
    on_cpu, on_cuda = load_model(path, device="cpu"), load_model(path)
    assert next(on_cpu[-1].net_.module_.parameters()).device.type == "cpu"
    assert next(on_cuda[-1].net_.module_.parameters()).device.type == "cuda"
    expected = model.predict_proba(SEQUENCES)
    np.testing.assert_array_equal(on_cuda.predict_proba(SEQUENCES), expected)
    np.testing.assert_allclose(on_cpu.predict_proba(SEQUENCES), expected, atol=1e-4)
    assert b"cuda" not in path.read_bytes()


@pytest.mark.slow
def test_loading_an_encoder_does_not_import_torch(path):
    save_model(SequenceEncoder().fit(SEQUENCES), path)
    code = (
        "import sys, sklearn_protlstm as p; p.load_model(sys.argv[1]).transform(['MN']); "
        "print({'torch', 'skorch'} & sys.modules.keys())"
    )
    run = [sys.executable, "-c", code, str(path)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "set()\n"


def test_path_can_be_str_or_bytes(pipeline, path):
    for kind in (str, os.fsencode):
        save_model(pipeline, kind(path))
        assert load_model(kind(path)).classes_.tolist() == ["dog", "human"]


@pytest.mark.parametrize(
    ("params", "name", "shown"),
    [
        ({"callbacks": [("timer", EpochTimer())]}, "callbacks", r"callbacks\[0\]\[1\] is <"),
        ({"random_state": np.random.RandomState(0)}, "random_state", "RandomState"),
        ({"validation_split": PredefinedSplit([0, 1])}, "validation_split", "PredefinedSplit"),
        ({"net_params": {"optimizer": torch.optim.SGD}}, "net_params", r"\['optimizer'\] is <"),
        ({"net_params": {"warm_start": True}}, "net_params", "has 'warm_start'"),
        ({"embedding": torch.ones(22, 3)}, "embedding", "of type Tensor"),
        ({"weight_decay": np.inf}, "weight_decay", "is inf of type float"),
    ],
)
def test_object_as_parameter_raises(params, name, shown, path):
    model = fitted_pipeline()
    model[-1].set_params(**params)
    with pytest.raises(UnsavableModelError, match=shown) as caught:
        save_model(model, path)
    assert caught.value.name == f"protlstmclassifier__{name}"
    assert "joblib.dump" in str(caught.value)
    assert not path.exists()


def test_set_params_from_the_error_message_makes_the_model_savable(path, pipeline):
    model = fitted_pipeline(callbacks=[("timer", EpochTimer())])
    match = r"model\.set_params\(protlstmclassifier__callbacks=\.\.\.\)"
    with pytest.raises(UnsavableModelError, match=match):
        save_model(model, path)
    save_model(model.set_params(protlstmclassifier__callbacks=None), path)
    np.testing.assert_array_equal(
        load_model(path, device="cpu").predict_proba(SEQUENCES),
        pipeline.predict_proba(SEQUENCES),
    )


def test_unsupported_step_raises(path):
    model = make_pipeline(KmerVectorizer(), MultinomialNB()).fit(SEQUENCES, HOSTS)
    with pytest.raises(
        UnsavableModelError,
        match=r"The step 'multinomialnb' is of class MultinomialNB, .*KmerVectorizer.*joblib\.dump",
    ) as caught:
        save_model(model, path)
    assert caught.value.name == "multinomialnb"
    with pytest.raises(UnsavableModelError, match="'bayes' is of class MultinomialNB"):
        save_model(Pipeline([("bayes", MultinomialNB())]), path)
    with pytest.raises(UnsavableModelError, match="'nothing' is 'passthrough'"):
        save_model(Pipeline([("nothing", "passthrough")]), path)


def test_unsupported_model_raises(path):
    class Own(SequenceEncoder):
        pass

    with pytest.raises(UnsavableModelError, match="The model is of class Own, but a model"):
        save_model(Own().fit(SEQUENCES), path)
    with pytest.raises(UnsavableModelError, match="The model is of class MultinomialNB"):
        save_model(MultinomialNB(), path)


def test_pipeline_with_cache_raises(path, tmp_path):
    model = fitted_pipeline().set_params(memory=str(tmp_path))
    with pytest.raises(UnsavableModelError, match="is a cache on this machine"):
        save_model(model, path)


@pytest.mark.parametrize("model", [ProtLSTMClassifier(), SequenceEncoder(), KmerVectorizer()])
def test_model_that_is_not_fitted_raises(model, path):
    with pytest.raises(NotFittedError):
        save_model(model, path)
    with pytest.raises(NotFittedError):
        save_model(make_pipeline(model), path)


def test_labels_of_unsupported_dtype_raise(path):
    X, y = labelled_rows()
    model = tiny_classifier(max_epochs=1).fit(X, y)
    model.classes_ = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="M8[D]")
    with pytest.raises(UnsavableModelError, match=r"classes_ has dtype datetime64\[D\]"):
        save_model(model, path)


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"protlstmclassifier__hidden_size": 6}, r"has shape .*\(24, 4\)"),
        ({"protlstmclassifier__pooling": ("max", "last", "mean")}, "the fitted pooling is"),
        ({"protlstmclassifier__embedding": "onehot"}, "embedding.weight has shape"),
        ({"protlstmclassifier__lr": -1}, "'lr' parameter"),
        (
            {"protlstmclassifier__num_layers": 2},
            "num_layers=2, but the file has arrays for at most 1",
        ),
        ({"protlstmclassifier__bidirectional": False}, "has shape"),
        ({"sequenceencoder__k": 2}, "n_tokens_ is 22, but the parameters give 402"),
        ({"sequenceencoder__alphabet": "dayhoff6"}, "alphabet_ is Alphabet"),
        ({"sequenceencoder__max_length": 7}, "max_length=7, but the encoder has 12 columns"),
    ],
)
def test_parameters_changed_after_fitting_raise(changed, shown, path):
    model = fitted_pipeline().set_params(**changed)
    with pytest.raises(UnsavableModelError, match=f"changed since the model was fitted: .*{shown}"):
        save_model(model, path)


def test_missing_folder_or_folder_as_target_raises(pipeline, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"The folder .*nowhere' does not exist"):
        save_model(pipeline, tmp_path / "nowhere" / "host.model")
    with pytest.raises(IsADirectoryError, match=r"is a folder\. Give the name of a file"):
        save_model(pipeline, tmp_path)
    assert os.listdir(tmp_path) == []


def test_crash_while_writing_keeps_the_old_file(pipeline, path, monkeypatch):
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


def test_symbolic_link_is_kept(pipeline, path, tmp_path):
    path.symlink_to(tmp_path / "v3.model")
    save_model(pipeline, path)
    assert path.is_symlink()
    assert (tmp_path / "v3.model").is_file()
