"""A saved model is restored with its parameters, fitted attributes and predictions."""

import pickle
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from saved_models import (
    HOSTS,
    POLARITY,
    SEQUENCES,
    assert_same_parameters,
    fitted_pipeline,
    with_types,
)
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier

from sklearn_protlstm import Alphabet, KmerVectorizer, SequenceEncoder, load_model, save_model

# Files of former formats, and the probabilities that their models predicted when they were saved.
FORMAT_1, FORMAT_2 = (
    Path(__file__).parents[1] / "data" / f"format_{number}.model" for number in (1, 2)
)
PREDICTED_1 = [
    [0.26936626, 0.73063374],
    [0.73125744, 0.26874253],
    [0.67348498, 0.32651508],
    [0.13770062, 0.86229938],
]
PREDICTED_2 = [
    [0.02218871, 0.97781129],
    [0.97431697, 0.02568303],
    [0.98248858, 0.01751142],
    [0.02259049, 0.97740951],
]

TEXT = st.text(st.characters(codec="utf-8"), max_size=4).filter(lambda text: "\0" not in text)
GROUPS = st.permutations("ACDEFGHIKLMNPQRSTVWY").flatmap(
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


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"pooling": "attention", "num_layers": 2},
        {"pooling": ["max", "attention"], "bidirectional": False},
        {"pooling": ("last", "light_attention")},
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
def test_classifier_keeps_weights_parameters_and_history(params, save_and_load):
    X, y = labelled_rows()
    model = tiny_classifier(**params).fit(X, y)
    loaded = save_and_load(model)
    assert_same_bits(model, loaded, X)
    embedding = params.get("embedding")
    if isinstance(embedding, np.ndarray):
        model.embedding = embedding.astype(embedding.dtype.newbyteorder("<"))
    assert_same_parameters(model, loaded)
    np.testing.assert_array_equal(model.predict(X), loaded.predict(X))
    assert loaded.n_iter_ == model.n_iter_
    assert loaded.history_[:, "train_loss"] == model.history_[:, "train_loss"]
    assert loaded.history_[:, "batches"] == [[]] * model.n_iter_


def test_classifier_with_one_column_keeps_its_weights(save_and_load):
    X = np.array([[2], [3], [2], [3]])
    model = tiny_classifier().fit(X, [0, 1, 0, 1])
    assert_same_bits(model, save_and_load(model), X)


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
def test_labels_keep_their_dtype(labels, save_and_load):
    X, y = labelled_rows(n_classes=2)
    model = tiny_classifier(max_epochs=1).fit(X, labels[(y == "bird").astype(int)])
    loaded = save_and_load(model)
    assert with_types(loaded.classes_) == with_types(model.classes_)
    assert with_types(loaded.predict(X)) == with_types(model.predict(X))


def test_numpy_scalars_become_python_numbers(save_and_load):
    X, y = labelled_rows()
    model = tiny_classifier(max_epochs=np.int64(2), lr=np.float32(0.01)).fit(X, y)
    loaded = save_and_load(model)
    assert with_types(loaded.max_epochs) == (int, 2)
    assert with_types(loaded.lr) == (float, float(np.float32(0.01)))


def test_classifier_trained_with_partial_fit_keeps_its_weights(save_and_load):
    X, y = labelled_rows()
    model = tiny_classifier().partial_fit(X, y, classes=["bird", "human", "pig", "yak"])
    assert_same_bits(model, save_and_load(model), X)


def test_feature_names_are_kept(save_and_load):
    X, y = labelled_rows()
    frame = pd.DataFrame(X, columns=[f"token_{i}" for i in range(12)])
    model = tiny_classifier().fit(frame, y)
    loaded = save_and_load(model)
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
def test_transformer_returns_the_same_matrix(encoder, save_and_load):
    encoder = clone(encoder).set_params(handle_unknown="mask").fit(SEQUENCES)
    loaded = save_and_load(encoder)
    assert_same_parameters(encoder, loaded)
    assert loaded.alphabet_ == encoder.alphabet_
    left, right = (model.transform(["MNTQACDX"]) for model in (encoder, loaded))
    if isinstance(encoder, KmerVectorizer):
        left, right = left.toarray(), right.toarray()
    assert with_types(left) == with_types(right)


def test_pipeline_keeps_steps_and_predictions(pipeline, save_and_load):
    loaded = save_and_load(pipeline)
    assert type(loaded) is Pipeline
    assert [name for name, _ in loaded.steps] == ["sequenceencoder", "protlstmclassifier"]
    for one, other in zip(pipeline, loaded):
        assert_same_parameters(one, other)
    np.testing.assert_array_equal(
        pipeline.predict_proba(SEQUENCES), loaded.predict_proba(SEQUENCES)
    )


def test_loaded_pipeline_supports_clone_and_set_output(pipeline, save_and_load):
    loaded = save_and_load(pipeline)
    check_is_fitted(loaded)
    check_is_fitted(loaded[-1])
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(loaded))
    assert clone(loaded).fit(SEQUENCES, HOSTS).score(SEQUENCES, HOSTS) >= 0.5
    loaded.set_output(transform="pandas")
    assert list(loaded[0].transform(["MN"]).columns)[:2] == ["token_1", "token_2"]


@pytest.mark.parametrize("output", ["pandas", "polars", "default"])
def test_set_output_is_kept(output, save_and_load):
    encoder = SequenceEncoder().set_output(transform=output).fit(SEQUENCES)
    assert type(save_and_load(encoder).transform(["MN"])) is type(encoder.transform(["MN"]))


def test_loaded_pipeline_can_be_pickled(pipeline, save_and_load, tmp_path):
    loaded = save_and_load(pipeline)
    joblib.dump(loaded, tmp_path / "host.joblib")
    for again in (pickle.loads(pickle.dumps(loaded)), joblib.load(tmp_path / "host.joblib")):
        np.testing.assert_array_equal(
            pipeline.predict_proba(SEQUENCES), again.predict_proba(SEQUENCES)
        )


def test_partial_fit_continues_from_the_saved_weights(save_and_load):
    X, y = labelled_rows()
    model = tiny_classifier(max_epochs=1).fit(X, y)
    one, other = save_and_load(model), save_and_load(model)
    before = one.predict_proba(X)
    one.partial_fit(X, y)
    assert one.n_iter_ == 2
    assert not np.array_equal(before, one.predict_proba(X))
    assert_same_bits(one, other.partial_fit(X, y), X)
    with pytest.raises(ValueError, match="not among the classes"):
        one.partial_fit(X[:1], ["yak"])
    assert_same_bits(one.fit(X, y), model, X)


def test_net_params_reach_the_optimizer(save_and_load):
    X, y = labelled_rows()
    model = tiny_classifier(net_params={"optimizer__betas": (0.8, 0.9)}).fit(X, y)
    assert save_and_load(model).net_.optimizer_.param_groups[0]["betas"] == (0.8, 0.9)


def test_loading_does_not_change_global_random_states(path):
    save_model(fitted_pipeline(random_state=None), path)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    load_model(path)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


@settings(max_examples=20)
@given(
    groups=GROUPS,
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
def test_any_small_pipeline_is_restored(
    tmp_path_factory, groups, name, labels, k, as_tuple, pooling, **params
):
    path = tmp_path_factory.getbasetemp() / "any.model"
    y = labels[np.arange(12) % len(labels)]
    model = make_pipeline(
        SequenceEncoder(alphabet=Alphabet(name, groups), k=k),
        tiny_classifier(pooling=tuple(pooling) if as_tuple else pooling, max_epochs=1, **params),
    ).fit(SEQUENCES, y)
    save_model(model, path)
    loaded = load_model(path, device="cpu")
    for one, other in zip(model, loaded):
        assert_same_parameters(one, other)
    assert with_types(loaded.classes_) == with_types(model.classes_)
    np.testing.assert_array_equal(loaded.predict_proba(SEQUENCES), model.predict_proba(SEQUENCES))


def test_file_of_format_1_predicts_as_when_it_was_saved():
    model = load_model(FORMAT_1, device="cpu")
    assert [name for name, _ in model.steps] == ["sequenceencoder", "protlstmclassifier"]
    assert model[0].alphabet == Alphabet("polarity", ("AVLIPFWMG", "STCYNQ", "DE", "KRH"), "BJ")
    assert model[0].k == 2
    assert model[-1].pooling == ("last", "attention")
    assert model[-1].class_weight == {"dog": 1, "human": 2.0}
    assert model.classes_.dtype == "<U5"
    assert model[-1].multilabel_ is False
    assert model[-1].n_iter_ == 12
    np.testing.assert_allclose(model.predict_proba(SEQUENCES[:4]), PREDICTED_1, atol=1e-6)
    assert model.predict(SEQUENCES[:4]).tolist() == ["human", "dog", "dog", "human"]


@pytest.mark.filterwarnings("ignore::sklearn_protlstm.exceptions.ModelVersionWarning")
def test_file_of_format_2_predicts_as_when_it_was_saved():
    model = load_model(FORMAT_2, device="cpu")
    assert [name for name, _ in model.estimator_.estimators] == [
        "kmers",
        "length",
        "lstm",
        "majority",
    ]
    linear = model.estimator_.estimators_[0][0][-1]
    assert type(linear) is LogisticRegression
    decisions = model.decide(SEQUENCES[:4])
    np.testing.assert_allclose(decisions.probabilities, PREDICTED_2, atol=1e-6)
    assert decisions.predictions.tolist() == ["human", "dog", "dog", "human"]
