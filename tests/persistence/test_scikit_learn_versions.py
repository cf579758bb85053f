"""A file from another scikit-learn loads with a warning, or says which version it needs."""

import warnings

import pytest
from model_files import change
from saved_models import SEQUENCES, load_bytes
from scikit_learn_models import fitted_model
from sklearn import __version__ as installed

from sklearn_protlstm import load_model, save_model
from sklearn_protlstm.exceptions import InvalidModelContentError, ModelVersionWarning

VERSION = ["versions", "scikit-learn"]
LINEAR = ["model", "steps", 2, 1]
MINOR = ".".join(installed.split(".")[:2])


@pytest.fixture
def kmers(path):
    save_model(fitted_model("kmers"), path)
    return path.read_bytes()


@pytest.mark.parametrize("saved", ["0.24.2", "1.0", "999.0.0", "1.999.dev0+git2025"])
def test_other_minor_version_warns(saved, kmers, path):
    message = (
        f"The file was saved with scikit-learn {saved}, but {installed} is installed. The "
        "attributes of LogisticRegression, Pipeline, TfidfTransformer may have another meaning"
    )
    with pytest.warns(ModelVersionWarning) as caught:
        loaded = load_bytes(path, change(kmers, VERSION, saved))
    assert str(caught[0].message).startswith(message)
    assert (caught[0].message.saved, caught[0].message.installed) == (saved, installed)
    assert (loaded.predict(SEQUENCES) == fitted_model("kmers").predict(SEQUENCES)).all()


def test_warning_points_to_the_call(kmers, path):
    path.write_bytes(change(kmers, VERSION, "1.0"))
    with pytest.warns(ModelVersionWarning) as caught:
        load_model(path)
    assert caught[0].filename == __file__


def test_same_minor_version_does_not_warn(kmers, path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_bytes(path, change(kmers, VERSION, f"{MINOR}.99"))


def test_file_without_fitted_scikit_learn_classes_does_not_warn(content, path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_bytes(path, change(content, VERSION, "0.24.2"))


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        ([*LINEAR, "learned", "intercept_"], ..., "intercept_ of LogisticRegression is missing"),
        ([*LINEAR, "learned", "scale_"], 1, "no fitted attribute 'scale_' that a file can set"),
        ([*LINEAR, "parameters", "new"], 1, "no parameter 'new' that a file can set"),
        ([*LINEAR, "parameters", "solver"], "new", "The 'solver' parameter of LogisticRegression"),
    ],
    ids=["missing attribute", "new attribute", "new parameter", "new value"],
)
def test_attributes_of_another_version_raise(place, value, shown, kmers, path):
    other = change(kmers, place, value)
    hint = (
        f"The file was saved with scikit-learn 999.1.2, but {installed} is installed. Install "
        "scikit-learn 999.1.2 to load the file, or fit the model again"
    )
    with pytest.raises(InvalidModelContentError, match=f"host.model: .*{shown}.*{hint}"):
        load_bytes(path, change(other, VERSION, "999.1.2"))
    with pytest.raises(InvalidModelContentError, match=shown) as caught:
        load_bytes(path, other)
    assert "installed" not in str(caught.value)
