"""A classifier that starts from a language model: what it takes over, and what it learns."""

import pickle
import re
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from skorch.callbacks import Callback
from tiny_language_models import random_rows, tiny_language_model
from tiny_models import (
    HOSTS,
    assert_same_bits,
    callback_of,
    labelled_rows,
    tiny_classifier,
    weights_of,
)

from sklearn_protlstm import SequenceEncoder, load_model, save_model
from sklearn_protlstm._checkpoints.resume import TrainingCheckpoint
from sklearn_protlstm.exceptions import CheckpointMismatchError

X, Y = labelled_rows()


@pytest.fixture(scope="module")
def language():
    """Fitted on tokens 2 to 7, which are also those of X."""
    return tiny_language_model().fit(random_rows(30, n_residues=6))


class Watch(Callback):
    """Keep the weights before the first step, and the learning rates of each batch."""

    def on_train_begin(self, net, **kwargs):
        state = net.module_.state_dict()
        self.weights = {name: values.numpy().copy() for name, values in state.items()}
        self.rates = []

    def on_batch_begin(self, net, training=False, **kwargs):
        self.rates.append([group["lr"] for group in net.optimizer_.param_groups])


def language_weights(language):
    state = language.net_.module_.state_dict()
    return {name: values.numpy() for name, values in state.items() if "heads" not in name}


# What it starts from.


@pytest.mark.parametrize("kind", ["model", "pipeline", "frozen", "frozen pipeline", "str", "Path"])
def test_a_model_can_be_given_in_several_forms(kind, language, tmp_path):
    pipeline = Pipeline([("encoder", SequenceEncoder()), ("lm", language)])
    save_model(language, tmp_path / "language.model")
    pretrained = {
        "model": language,
        "pipeline": pipeline,
        "frozen": FrozenEstimator(language),
        "frozen pipeline": FrozenEstimator(pipeline),
        "str": str(tmp_path / "language.model"),
        "Path": tmp_path / "language.model",
    }[kind]
    expected = tiny_classifier(pretrained=language).fit(X, Y)
    assert_same_bits(tiny_classifier(pretrained=pretrained).fit(X, Y), expected, X)


def test_training_starts_from_the_weights_of_the_language_model(language):
    before = deepcopy(language_weights(language))
    classifier = tiny_classifier(pretrained=language, callbacks=[("watch", Watch())]).fit(X, Y)
    start = callback_of(classifier, "watch").weights
    end = weights_of(classifier)
    assert len(before) == 9
    for name, values in before.items():
        np.testing.assert_array_equal(start[name], values, err_msg=name)
        assert np.abs(end[name] - values).max() > 1e-4
        # The language model stays as it is.
        np.testing.assert_array_equal(language_weights(language)[name], values)
    np.testing.assert_array_equal(classifier.vocabulary_, language.vocabulary_)


def test_later_training_of_the_language_model_does_not_matter(language):
    language = deepcopy(language)
    classifier = tiny_classifier(pretrained=language).fit(X, Y)
    expected = classifier.predict_proba(X)
    language.partial_fit(random_rows(30, n_residues=6, seed=1))
    np.testing.assert_array_equal(classifier.predict_proba(X), expected)


@pytest.mark.parametrize(
    "params", [{}, {"early_stopping": True}, {"window": 4}, {"num_layers": 2}], ids=str
)
def test_with_a_rate_of_zero_only_the_head_learns(params, language):
    classifier = tiny_classifier(
        pretrained=language, pretrained_lr=0, callbacks=[("watch", Watch())], **params
    ).fit(X, Y)
    end = weights_of(classifier)
    for name, values in language_weights(language).items():
        np.testing.assert_array_equal(end[name], values, err_msg=name)
    start = callback_of(classifier, "watch").weights
    assert np.abs(end["head.weight"] - start["head.weight"]).max() > 0.01


def test_pretrained_weights_have_their_own_learning_rate(language):
    classifier = tiny_classifier(
        pretrained=language, pretrained_lr=0.1, callbacks=[("watch", Watch())]
    ).fit(X, Y)
    rates = np.array(callback_of(classifier, "watch").rates)
    assert rates.shape == (12, 3)
    np.testing.assert_allclose(rates[:, :2], 0.1 * rates[:, 2:].repeat(2, axis=1))
    assert rates[:, 2].max() == pytest.approx(0.03)


def test_steps_are_proportional_to_the_rate(language):
    steps = []
    for share in (0.1, 0.2):
        # One batch: the first step of Adam is proportional to the learning rate.
        classifier = tiny_classifier(
            pretrained=language,
            pretrained_lr=share,
            batch_size=60,
            max_epochs=1,
            lr=0.01,
            lr_schedule="constant",
        ).fit(X, Y)
        end, start = weights_of(classifier), language_weights(language)
        steps.append(np.concatenate([(end[name] - start[name]).ravel() for name in start]))
    np.testing.assert_allclose(steps[1], 2 * steps[0], atol=1e-6)
    assert np.abs(steps[0]).max() == pytest.approx(0.001, rel=0.1)


def test_frozen_vectors_stay_as_they_are(language):
    classifier = tiny_classifier(pretrained=language, freeze_embedding=True).fit(X, Y)
    start, end = language_weights(language), weights_of(classifier)
    np.testing.assert_array_equal(end["embedding.weight"], start["embedding.weight"])
    name = "layers.0.forward_lstm.weight_hh_l0"
    assert np.abs(end[name] - start[name]).max() > 1e-4


def test_sizes_are_those_of_the_language_model(language):
    expected = tiny_classifier(pretrained=language).fit(X, Y)
    other = tiny_classifier(
        pretrained=language,
        hidden_size=50,
        bidirectional=False,
        embedding="onehot",
        embedding_dim=9,
    ).fit(X, Y)
    assert_same_bits(other, expected, X)
    assert weights_of(other)["embedding.weight"].shape == (8, language.embedding_dim)
    lstm = other.net_.module_.layers[0].forward_lstm
    assert (lstm.hidden_size, len(other.net_.module_.layers)) == (language.hidden_size, 1)


def test_further_layers_start_at_random(language):
    classifier = tiny_classifier(
        pretrained=language, num_layers=3, hidden_size=5, callbacks=[("watch", Watch())]
    ).fit(X, Y)
    first, *further = classifier.net_.module_.layers
    assert [layer.forward_lstm.hidden_size for layer in (first, *further)] == [
        language.hidden_size,
        5,
        5,
    ]
    start, end = callback_of(classifier, "watch").weights, weights_of(classifier)
    for name, values in language_weights(language).items():
        np.testing.assert_array_equal(start[name], values, err_msg=name)
    rates = np.array(callback_of(classifier, "watch").rates)
    np.testing.assert_allclose(rates[:, 0], 0.2 * rates[:, 2])
    name = "layers.2.backward_lstm.weight_hh_l0"
    assert np.abs(end[name] - start[name]).max() > 0.01


def test_gradients_do_not_go_back_through_weights_that_stay(language):
    classifier = tiny_classifier(pretrained=language, pretrained_lr=0, num_layers=2).fit(X, Y)
    assert needs_gradient(classifier) == {"layers.1", "head"}
    classifier.set_params(pretrained_lr=0.5).partial_fit(X, Y)
    assert needs_gradient(classifier) == {"embedding", "layers.0", "layers.1", "head"}
    start, end = language_weights(language), weights_of(classifier)
    assert np.abs(end["embedding.weight"] - start["embedding.weight"]).max() > 1e-4


def needs_gradient(classifier):
    parameters = classifier.net_.module_.named_parameters()
    names = {name for name, values in parameters if values.requires_grad}
    return {re.match(r"layers\.\d|\w+", name).group() for name in names}


@pytest.mark.parametrize("pooling", ["last", ("mean", "attention")])
def test_pooling_is_that_of_the_classifier(pooling, language):
    classifier = tiny_classifier(pretrained=language, pooling=pooling).fit(X, Y)
    width = 2 * language.hidden_size * (1 if pooling == "last" else 2)
    assert weights_of(classifier)["head.weight"].shape == (3, width)


# What it refuses.


def test_a_model_that_is_not_fitted_is_refused():
    message = (
        "pretrained is a ResidueLanguageModel that is not fitted. Fit it first. A parameter grid "
        "clones its values, which makes them unfitted: put the model into "
        "sklearn.frozen.FrozenEstimator there, or pass the path of its model file"
    )
    for unfitted in (
        tiny_language_model(),
        make_pipeline(SequenceEncoder(), tiny_language_model()),
    ):
        with pytest.raises(NotFittedError, match=re.escape(message)):
            tiny_classifier(pretrained=unfitted).fit(X, Y)


@pytest.mark.parametrize("kind", ["another estimator", "pipeline", "classifier", "file"])
def test_models_of_another_kind_are_refused(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    classifier = tiny_classifier(max_epochs=1).fit(X, Y)
    save_model(classifier, "a.model")
    pretrained, start = {
        "another estimator": (LogisticRegression(), "pretrained is a LogisticRegression"),
        "pipeline": (
            make_pipeline(SequenceEncoder(), classifier),
            "pretrained ends in a ProtLSTMClassifier",
        ),
        "classifier": (classifier, "pretrained is a ProtLSTMClassifier"),
        "file": (Path("a.model"), "The model in 'a.model' is a ProtLSTMClassifier"),
    }[kind]
    message = f"{start}. Pass a fitted ResidueLanguageModel or the path of its model file"
    with pytest.raises(TypeError) as error:
        tiny_classifier(pretrained=pretrained).fit(X, Y)
    assert str(error.value) == message


def test_values_that_are_no_models_are_refused(language, tmp_path):
    with pytest.raises(
        ValueError, match="The 'pretrained' parameter of ProtLSTMClassifier must be"
    ):
        tiny_classifier(pretrained=5).fit(X, Y)
    with pytest.raises(FileNotFoundError, match=r"missing\.model"):
        tiny_classifier(pretrained=tmp_path / "missing.model").fit(X, Y)
    with pytest.raises(
        ValueError, match="The 'pretrained_lr' parameter of ProtLSTMClassifier must"
    ):
        tiny_classifier(pretrained=language, pretrained_lr=-0.1).fit(X, Y)


@pytest.mark.parametrize(("method", "classes"), [("fit", ()), ("partial_fit", (HOSTS,))])
def test_proteins_of_another_encoding_are_refused(method, classes, language):
    others = np.where(X == 0, 0, X + 20)
    message = (
        "6 of the 6 tokens in X, such as 22, are unknown to the pretrained language model. Encode "
        "the proteins as for its training, with SequenceEncoder(k=1) and the same alphabet"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        getattr(tiny_classifier(pretrained=language), method)(others, Y, *classes)


def test_some_unknown_tokens_read_as_unknown(language):
    rare = np.where(X == 7, 50, X)
    classifier = tiny_classifier(pretrained=language).fit(rare, Y)
    unknown = np.where(X == 7, 1, X)
    np.testing.assert_array_equal(classifier.predict_proba(rare), classifier.predict_proba(unknown))


# scikit-learn's tools.


def test_clones_keep_the_language_model(language):
    classifier = tiny_classifier(pretrained=language)
    copy = clone(classifier)
    assert copy.pretrained is language
    assert copy is not classifier
    assert clone(clone(Pipeline([("lstm", classifier)])))["lstm"].pretrained is language
    assert_same_bits(copy.fit(X, Y), classifier.fit(X, Y), X)
    assert not hasattr(clone(classifier), "net_")


def test_search_over_the_learning_rate(language):
    grid = {"pretrained_lr": [0, 0.5]}
    search = GridSearchCV(tiny_classifier(pretrained=language), grid, cv=2, error_score="raise")
    search.fit(X, Y)
    assert search.best_estimator_.pretrained is language
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    expected = tiny_classifier(pretrained=language, **search.best_params_).fit(X, Y)
    assert_same_bits(search.best_estimator_, expected, X)


def test_search_over_language_models(language):
    grid = {"pretrained": [None, FrozenEstimator(language)]}
    search = GridSearchCV(tiny_classifier(), grid, cv=2, error_score="raise", refit=False)
    scores = search.fit(X, Y).cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    search.set_params(param_grid={"pretrained": [language]})
    with pytest.raises(NotFittedError, match="A parameter grid clones its values"):
        search.fit(X, Y)


@pytest.mark.parametrize(
    "params",
    [
        {"early_stopping": True, "validation_fraction": 0.3, "patience": 1, "lr": 0.3},
        {"window": 4},
        {"window": 4, "early_stopping": True, "validation_fraction": 0.3},
    ],
    ids=str,
)
def test_other_ways_of_training(params, language):
    classifier = tiny_classifier(pretrained=language, **params).fit(X, Y)
    assert_same_bits(clone(classifier).fit(X[::-1], Y[::-1]), classifier, X)
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert_same_bits(pickle.loads(pickle.dumps(classifier)), classifier, X)


def test_partial_fit_starts_from_the_language_model(language):
    start = tiny_classifier(pretrained=language, pretrained_lr=0)
    start.partial_fit(X, Y, classes=HOSTS)
    for name, values in language_weights(language).items():
        np.testing.assert_array_equal(weights_of(start)[name], values, err_msg=name)
    classifier = tiny_classifier(pretrained=language)
    for _ in range(2):
        classifier.partial_fit(X, Y, classes=HOSTS)
    assert classifier.n_iter_ == 2
    name = "embedding.weight"
    assert np.abs(weights_of(classifier)[name] - language_weights(language)[name]).max() > 1e-4


def test_partial_fit_takes_the_present_rate(language):
    classifier = tiny_classifier(pretrained=language).fit(X, Y)
    before = weights_of(classifier)
    classifier.set_params(pretrained_lr=0).partial_fit(X, Y)
    after = weights_of(classifier)
    np.testing.assert_array_equal(after["embedding.weight"], before["embedding.weight"])
    assert np.abs(after["head.weight"] - before["head.weight"]).max() > 1e-4


# Checkpoints and files.


def test_interrupted_training_resumes_to_the_same_bits(language, tmp_path, monkeypatch):
    params = {"pretrained_lr": 0.3, "max_epochs": 4, "dropout": 0.4}
    through = tiny_classifier(pretrained=language, **params).fit(X, Y)
    write = TrainingCheckpoint.on_epoch_end

    def write_and_stop(checkpoint, net, **kwargs):
        write(checkpoint, net, **kwargs)
        if len(net.history) == 2:
            raise KeyboardInterrupt

    folder = tmp_path / "checkpoints"
    kept = tiny_classifier(pretrained=language, checkpoint_dir=folder, resume=True, **params)
    with monkeypatch.context() as patch:
        patch.setattr(TrainingCheckpoint, "on_epoch_end", write_and_stop)
        with pytest.raises(KeyboardInterrupt):
            clone(kept).fit(X, Y)
    # Only the weights count, not where they come from.
    save_model(language, tmp_path / "language.model")
    resumed = kept.set_params(pretrained=tmp_path / "language.model").fit(X, Y)
    assert resumed.n_iter_ == 4
    assert_same_bits(resumed, through, X)
    finished = clone(resumed).fit(X, Y)
    assert_same_bits(finished, through, X)


def test_checkpoints_of_other_weights_are_refused(language, tmp_path):
    params = {"checkpoint_dir": tmp_path, "max_epochs": 1}
    tiny_classifier(pretrained=language, **params).fit(X, Y)
    other = deepcopy(language)
    with torch.no_grad():
        other.net_.module_.embedding.weight[2, 0] += 0.5
    for pretrained, change in ((other, r"\(.* there, .* here\)"), (None, r"\(.* there, nothing h")):
        with pytest.raises(CheckpointMismatchError) as error:
            tiny_classifier(pretrained=pretrained, resume=True, **params).fit(X, Y)
        [difference] = error.value.differences
        assert re.match(f"pretrained weights {change}", difference)
        assert difference in str(error.value)
    with pytest.raises(CheckpointMismatchError, match=r"pretrained_lr \(0.2 there, 0.3 here\)"):
        tiny_classifier(pretrained=language, pretrained_lr=0.3, resume=True, **params).fit(X, Y)


@pytest.mark.parametrize("kind", ["model", "frozen", "pipeline"])
def test_model_files_hold_the_language_model(kind, language, tmp_path):
    encoder = SequenceEncoder(max_length=20).fit(["ACDEFG"])
    pretrained = {
        "model": language,
        "frozen": FrozenEstimator(language),
        "pipeline": Pipeline([("encoder", encoder), ("lm", language)]),
    }[kind]
    classifier = tiny_classifier(pretrained=pretrained).fit(X, Y)
    save_model(classifier, tmp_path / "a.model")
    loaded = load_model(tmp_path / "a.model", device="cpu")
    assert_same_bits(loaded, classifier, X)
    assert type(loaded.pretrained) is type(pretrained)
    assert_same_bits(clone(loaded).fit(X, Y), classifier, X)
    assert_same_bits(deepcopy(loaded).partial_fit(X, Y), loaded.partial_fit(X, Y), X)


def test_model_files_do_not_need_the_file_of_the_language_model(language, tmp_path):
    path = tmp_path / "language.model"
    save_model(language, path)
    classifier = tiny_classifier(pretrained=path, hidden_size=5, num_layers=2).fit(X, Y)
    save_model(classifier, tmp_path / "a.model")
    path.unlink()
    loaded = load_model(tmp_path / "a.model", device="cpu")
    assert loaded.pretrained == str(path)
    assert_same_bits(loaded, classifier, X)
    assert loaded.partial_fit(X, Y).n_iter_ == 4
    with pytest.raises(FileNotFoundError, match=re.escape(path.name)):
        clone(loaded).fit(X, Y)


# When it helps.


def walks(n_rows, seed, n_residues=20, length=40):
    """Each token is followed by the next one, or by the seventh next; one in five is random."""
    rng = np.random.RandomState(seed)
    labels = np.arange(n_rows) % 2
    X = rng.randint(0, n_residues, (n_rows, length))
    for column in range(1, length):
        following = (X[:, column - 1] + np.array([1, 7])[labels]) % n_residues
        X[:, column] = np.where(rng.rand(n_rows) < 0.2, X[:, column], following)
    return 2 + X, labels


@pytest.mark.slow
def test_a_language_model_helps_with_few_labels():
    language = tiny_language_model(hidden_size=16, embedding_dim=8, max_epochs=30, batch_size=16)
    language.fit(walks(300, seed=5)[0])
    X, y = walks(10, seed=0)
    params = {"hidden_size": 16, "embedding_dim": 8, "max_epochs": 20, "batch_size": 4, "lr": 0.01}
    test = walks(200, seed=1)
    assert tiny_classifier(pretrained=language, **params).fit(X, y).score(*test) > 0.9
    assert tiny_classifier(**params).fit(X, y).score(*test) < 0.8


# Any number of labels.


def test_labels_start_from_a_language_model_too(language):
    labels = np.column_stack([X[:, 0] > 4, X[:, 1] > 4, X[:, 2] > 4]).astype(float)
    labels[:10, 2] = np.nan
    watch = Watch()
    frozen = tiny_classifier(pretrained=language, pretrained_lr=0, callbacks=[("watch", watch)])
    frozen.fit(X, labels)
    start = callback_of(frozen, "watch").weights
    for name, values in language_weights(language).items():
        np.testing.assert_array_equal(start[name], values)
        np.testing.assert_array_equal(weights_of(frozen)[name], values)
    assert frozen.predict_proba(X).shape == (60, 3)
    assert weights_of(frozen)["head.weight"].shape[0] == 3
    tuned = tiny_classifier(pretrained=language).fit(X, labels)
    assert not np.array_equal(
        weights_of(tuned)["embedding.weight"], language_weights(language)["embedding.weight"]
    )
