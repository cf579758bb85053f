"""The classifier with any number of labels for each sequence."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_classifier_multioutput
from tiny_models import (
    assert_same_bits,
    callback_of,
    labelled_rows,
    tiny_classifier,
)

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm._network.losses import LabelLosses
from sklearn_protlstm._training.data import make_training_set, weigh_labels
from sklearn_protlstm._training.validation_part import hold_out
from sklearn_protlstm._training.windows import cut_windows, pool_windows
from sklearn_protlstm.model_selection import MultilabelStratifiedGroupKFold

X, HOST = labelled_rows()
LABELS = np.column_stack([X[:, 0] > 4, X[:, 1] > 4, X[:, 2] > 5]).astype(int)
NAMES = np.array(["bird", "human", "pig"])
NAN = float("nan")


def with_nan(rows, columns=slice(None)):
    y = LABELS.astype(float)
    y[rows, columns] = NAN
    return y


# What it learns and predicts.


def test_it_learns_each_label_from_its_own_residue():
    model = tiny_classifier(max_epochs=150, hidden_size=16, lr=0.02, token_dropout=0, dropout=0)
    model.fit(X[:45], LABELS[:45])
    assert model.score(X[:45], LABELS[:45]) > 0.9
    # Labels are independent: the rows do not have a sum of 1.
    assert np.ptp(model.predict_proba(X).sum(axis=1)) > 0.5


def test_outputs_agree():
    model = tiny_classifier().fit(X, LABELS)
    assert model.multilabel_
    logits = model.decision_function(X)
    assert logits.shape == LABELS.shape
    np.testing.assert_array_equal(model.predict_proba(X), expit(logits))
    np.testing.assert_array_equal(model.predict(X), (logits > 0).astype(int))
    assert model.predict(X).dtype == np.int64
    assert not tiny_classifier().fit(X, HOST).multilabel_


def test_lists_frames_and_matrices_train_the_same_network():
    lists = [NAMES[row == 1].tolist() for row in LABELS]
    frame = pd.DataFrame(LABELS, columns=NAMES)
    fitted = [tiny_classifier().fit(X, y) for y in (LABELS, lists, frame)]
    assert [model.classes_.tolist() for model in fitted] == [[0, 1, 2], [*NAMES], [*NAMES]]
    assert_same_bits(fitted[0], fitted[1], X)
    assert_same_bits(fitted[0], fitted[2], X)
    assert fitted[0].score(X, LABELS) == fitted[1].score(X, lists) == fitted[2].score(X, frame)


def test_label_lists_go_through_a_pipeline():
    sequences = ["MNTQILV", "AKGDKIC", "MNTQAKG", "LILVFIA"] * 3
    hosts = [["human", "pig"], ["bird"], [], ["human"]] * 3
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=60)).fit(sequences, hosts)
    assert model.classes_.tolist() == ["bird", "human", "pig"]
    assert model.predict(sequences[:4]).tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert model.score(sequences, hosts) == 1


def test_searches_and_cross_validation_take_a_matrix():
    search = GridSearchCV(tiny_classifier(), {"lr": [0.01, 0.03]}, cv=3, scoring="f1_macro")
    assert search.fit(X, LABELS).best_score_ > 0
    out_of_fold = cross_val_predict(tiny_classifier(), X, LABELS, cv=3, method="predict_proba")
    assert out_of_fold.shape == LABELS.shape


def test_the_check_of_scikit_learn_for_several_outputs():
    check_classifier_multioutput("ProtLSTMClassifier", tiny_classifier())


# Labels that are unknown.


def test_rows_without_a_known_label_are_left_out():
    some = [3, 17, 40]
    kept = np.setdiff1d(np.arange(60), some)
    assert_same_bits(
        tiny_classifier().fit(X, with_nan(some)),
        tiny_classifier().fit(X[kept], LABELS[kept]),
        X,
    )


def test_training_needs_a_known_label_with_a_weight():
    message = "No sequence with a known label has a weight above 0: nothing is left to train on"
    with pytest.raises(ValueError, match=message):
        tiny_classifier().fit(X, with_nan(slice(10)), sample_weight=np.arange(60) < 10)
    with pytest.raises(ValueError, match=message):
        tiny_classifier().fit(X, LABELS).partial_fit(X[:5], np.full((5, 3), NAN))


def test_score_does_not_count_unknown_labels():
    model = tiny_classifier().fit(X, LABELS)
    predicted = model.predict(X).astype(float)
    assert model.score(X, predicted) == 1
    predicted[0, 0] = 1 - predicted[0, 0]
    assert model.score(X, predicted) == pytest.approx(59 / 60)
    assert model.score(X, predicted, sample_weight=np.arange(60)) == 1
    predicted[0, 0] = NAN
    assert model.score(X, predicted) == 1
    predicted[1, 0] = 1 - predicted[1, 0]
    predicted[2:31] = NAN
    assert model.score(X, predicted) == pytest.approx(30 / 31)
    with pytest.raises(ValueError, match="No label is known of any sequence with a weight above"):
        model.score(X, np.full_like(predicted, NAN))


# Weights.


def rows_of(labels, weights=None):
    tokens = np.arange(2, 2 + len(labels), dtype=np.uint8)[:, np.newaxis]
    return make_training_set(tokens, labels, np.ones(len(labels)) if weights is None else weights)


def test_balanced_labels():
    codes = np.array([[1, 0], [0, 0], [0, 1], [0, 2]], dtype=np.uint8)
    factors = weigh_labels(rows_of(codes), "balanced", NAMES[:2]).numpy()
    np.testing.assert_allclose(factors, [[4 / 6, 4 / 2, 0], [3 / 4, 3 / 2, 0]], rtol=1e-6)


def test_balanced_labels_count_weights():
    codes = np.array([[1], [0]], dtype=np.uint8)
    rows = rows_of(codes, np.array([1.0, 3.0]))
    factors = weigh_labels(rows, "balanced", NAMES[:1]).numpy()
    np.testing.assert_allclose(factors, [[4 / 6, 4 / 2, 0]], rtol=1e-6)


def test_given_label_weights():
    codes = np.array([[1, 0], [0, 1]], dtype=np.uint8)
    assert weigh_labels(rows_of(codes), None, NAMES[:2]).tolist() == [[1, 1, 0], [1, 1, 0]]
    weighed = weigh_labels(rows_of(codes), {"human": 5}, NAMES[:2])
    assert weighed.tolist() == [[1, 1, 0], [1, 5, 0]]
    assert weigh_labels(rows_of(np.array([0, 1])), {"human": 5}, NAMES[:2]) is None


@pytest.mark.parametrize("weight", [-1, np.inf, NAN, {0: 1, 1: 5}])
def test_invalid_label_weights(weight):
    lists = [NAMES[row == 1].tolist() for row in LABELS]
    message = "expected finite weights that are not negative, one for each"
    with pytest.raises(ValueError, match=message):
        tiny_classifier(class_weight={"pig": weight}).fit(X, lists)


def test_class_weight_reaches_the_loss():
    plain = tiny_classifier().fit(X, LABELS)
    heavy = tiny_classifier(class_weight={0: 100}).fit(X, LABELS)
    assert heavy.predict_proba(X)[:, 0].mean() > plain.predict_proba(X)[:, 0].mean() + 0.1
    assert isinstance(heavy.net_.criterion_, LabelLosses)


# Rows, windows and the validation part.


def test_equal_rows_are_merged_if_their_labels_are_equal():
    tokens = np.array([[2], [2], [2], [3]], dtype=np.uint8)
    codes = np.array([[0, 1], [0, 1], [1, 1], [0, 1]], dtype=np.uint8)
    rows = make_training_set(tokens, codes, np.ones(4))
    assert rows.labels.tolist() == [[0, 1], [0, 1], [1, 1]]
    assert rows.tokens.ravel().tolist() == [2, 3, 2]
    assert rows.weights.tolist() == [1.5, 0.75, 0.75]


def test_copies_count_as_weights():
    weights = np.where(np.arange(60) < 20, 2, 1)
    once = tiny_classifier().fit(X, LABELS, sample_weight=weights)
    twice = tiny_classifier().fit(np.vstack([X, X[:20]]), np.vstack([LABELS, LABELS[:20]]))
    assert_same_bits(once, twice, X)


def test_windows_are_pooled_by_the_mean_of_the_log_odds():
    windows = cut_windows(np.array([3, 9]), window=4, step=3)
    logits = np.array([[1.0, -2], [0, 3], [4, 5], [2, 1]], dtype=np.float32)
    pooled = pool_windows(logits, windows, multilabel=True)
    assert pooled.tolist() == [[1, -2], [2, 3]]
    model = tiny_classifier(window=4).fit(X, LABELS)
    assert model.predict_proba(X).shape == LABELS.shape


def test_the_validation_part_has_its_share_of_each_label():
    rng = np.random.RandomState(0)
    codes = (rng.rand(400, 4) < [0.5, 0.3, 0.1, 0.05]).astype(np.uint8)
    rows = make_training_set(np.arange(2, 402, dtype=np.uint16)[:, np.newaxis], codes, np.ones(400))
    train, valid = hold_out(rows, None, 0.2, np.random.RandomState(0), np.arange(4))
    shares = (valid.labels == 1).sum(axis=0) / (codes == 1).sum(axis=0)
    np.testing.assert_allclose(shares, 0.2, atol=0.06)
    assert len(valid) == pytest.approx(80, abs=6)
    assert len(train) + len(valid) == 400


def test_the_validation_part_keeps_groups_together():
    groups = np.arange(60) // 4
    tokens = np.arange(2, 62, dtype=np.uint8)[:, np.newaxis]
    rows = make_training_set(tokens, LABELS.astype(np.uint8), np.ones(60), groups)
    train, valid = hold_out(rows, None, 0.25, np.random.RandomState(0), NAMES)
    assert not set(train.groups) & set(valid.groups)
    assert len(valid) > 4


def test_training_keeps_the_only_sequence_of_a_label():
    codes = np.zeros((20, 2), dtype=np.uint8)
    codes[::2, 0], codes[5, 1] = 1, 1
    for seed in range(10):
        train, _ = hold_out(rows_of(codes), None, 0.4, np.random.RandomState(seed), NAMES[:2])
        assert (train.labels[:, 1] == 1).any()


def test_early_stopping_looks_at_the_loss_of_the_labels():
    model = tiny_classifier(early_stopping=True, max_epochs=6).fit(X, LABELS)
    assert all(np.isfinite(epoch["valid_loss"]) for epoch in model.history_)
    assert "valid_acc" not in model.history_[0]
    assert callback_of(model, "schedule") is not None


# partial_fit.


def test_partial_fit_learns_batch_by_batch():
    model = tiny_classifier(class_weight="balanced")
    model.partial_fit(X[:30], LABELS[:30], classes=NAMES)
    first = model.net_.criterion_.weights.clone()
    model.partial_fit(X[30:], LABELS[30:])
    assert model.classes_.tolist() == NAMES.tolist()
    assert model.n_iter_ == 2
    assert not first.equal(model.net_.criterion_.weights)
    fitted = tiny_classifier().fit(X, LABELS)
    fitted.partial_fit(X, LABELS)
    assert fitted.n_iter_ == 4


def test_a_fitted_classifier_does_not_change_the_kind_of_y():
    model = tiny_classifier().fit(X, LABELS)
    with pytest.raises(ValueError, match="y has one class for each sequence, but it had any"):
        model.partial_fit(X, HOST)
    model.fit(X, HOST)
    assert not model.multilabel_


# Copies, checkpoints and errors.


def test_pickles_and_checkpoints_keep_labels(tmp_path):
    model = tiny_classifier(checkpoint_dir=tmp_path, max_epochs=3).fit(X, with_nan([1]))
    assert_same_bits(model, pickle.loads(pickle.dumps(model)), X)
    resumed = tiny_classifier(checkpoint_dir=tmp_path, max_epochs=3, resume=True)
    assert_same_bits(model, resumed.fit(X, with_nan([1])), X)
    other = tiny_classifier(checkpoint_dir=tmp_path, max_epochs=3, resume=True)
    with pytest.raises(ValueError, match=r"differs in .*labels"):
        other.fit(X, with_nan([1], 0))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (LABELS[:-1], "Found 60 sequences but 59 labels"),
        (np.full((60, 2), NAN), "y holds NaN only"),
        (LABELS * [1, 1, 0], "No sequence has the label(s) 2"),
        (["human", *[["pig"]] * 59], "Write ['human']"),
        (np.stack([LABELS, LABELS], axis=2), "y has the shape (60, 3, 2)"),
        (LABELS * 2, "y has the value 2 in row"),
        (
            [["secreted"] if row[0] else [] for row in LABELS],
            "y has one label only ('secreted'). Pass one class for each sequence instead: 1 if",
        ),
    ],
)
def test_bad_labels_leave_the_classifier_unfitted(y, message):
    model = tiny_classifier()
    with pytest.raises(ValueError, match=re.escape(message)):
        model.fit(X, y)
    assert not hasattr(model, "net_")


def test_a_model_of_classes_has_no_score_for_labels():
    message = "has learned one class for each sequence, but y has any number of labels"
    with pytest.raises(ValueError, match=message):
        tiny_classifier().fit(X, HOST).score(X, [["pig"]] * 60)


def test_validation_needs_a_splitter_for_labels():
    model = tiny_classifier(early_stopping=True, validation_split=StratifiedKFold(3))
    message = "StratifiedKFold.* takes one class for each sequence, but y has any number of labels"
    with pytest.raises(ValueError, match=message):
        model.fit(X, LABELS)
    model.set_params(validation_split=MultilabelStratifiedGroupKFold(3)).fit(X, LABELS)


def test_scores_need_the_labels_of_the_fit():
    model = tiny_classifier().fit(X, pd.DataFrame(LABELS, columns=NAMES))
    with pytest.raises(ValueError, match="y has the columns 'emu', 'human', 'pig', but the labels"):
        model.score(X, pd.DataFrame(LABELS, columns=["emu", "human", "pig"]))
    with pytest.raises(ValueError, match="Sequence 0 has the label 'emu', which is not among"):
        model.score(X, [["emu"]] * 60)


# Behaviour.


@pytest.mark.slow
def test_order_decides_each_label():
    """All sequences hold the same motifs; which of two comes first decides a label."""
    rng = np.random.RandomState(0)
    sequences, labels = [], []
    for _ in range(600):
        first = rng.rand(2) < 0.5
        parts = [
            "".join(rng.choice(list("ACDEFGHIKL"), 6)) + pair
            for early, late, is_first in (("WWM", "YYV", first[0]), ("PPN", "QQT", first[1]))
            for pair in ((early, late) if is_first else (late, early))
        ]
        sequences.append("".join(parts))
        labels.append(first.astype(int))
    labels = np.array(labels)
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0, device="cpu"))
    model.fit(sequences[:400], labels[:400])
    assert f1_score(labels[400:], model.predict(sequences[400:]), average="macro") > 0.95
