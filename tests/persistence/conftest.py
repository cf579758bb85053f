"""A fitted pipeline, the bytes of its file, and a round trip through a file."""

import pytest

pytest.register_assert_rewrite("saved_models")

from saved_models import fitted_pipeline  # noqa: E402

from sklearn_protlstm import load_model, save_model  # noqa: E402


@pytest.fixture(scope="session")
def pipeline():
    return fitted_pipeline()


@pytest.fixture(scope="session")
def content(pipeline, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "host.model"
    save_model(pipeline, path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "host.model"


@pytest.fixture
def save_and_load(path):
    def save_and_load(model):
        save_model(model, path)
        return load_model(path, device="cpu")

    return save_and_load
