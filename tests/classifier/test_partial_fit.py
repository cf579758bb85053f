"""Training batch by batch, and going on after other training."""

import pickle

import numpy as np
import pytest
from tiny_models import assert_same_bits, labelled_rows, tiny_classifier, weights_of

CLASSES = ["bird", "human", "pig"]


def test_learns_over_many_calls():
    X, y = labelled_rows(160)
    classifier = tiny_classifier(lr=0.05)
    for _ in range(6):
        for start in range(0, 120, 40):
            rows = slice(start, start + 40)
            assert classifier.partial_fit(X[rows], y[rows], classes=CLASSES) is classifier
    assert classifier.n_iter_ == 18
    assert classifier.history_[-1]["train_loss"] < 0.5 * classifier.history_[0]["train_loss"]
    assert classifier.score(X[120:], y[120:]) > 0.9


def test_first_batch_may_lack_classes():
    X, y = labelled_rows()
    birds = y == "bird"
    classifier = tiny_classifier().partial_fit(X[birds], y[birds], classes=["pig", "bird", "dog"])
    assert classifier.classes_.tolist() == ["bird", "dog", "pig"]
    assert classifier.predict_proba(X).shape == (60, 3)
    classifier.partial_fit(X[y == "pig"], y[y == "pig"])
    assert classifier.classes_.tolist() == ["bird", "dog", "pig"]


def test_first_call_needs_classes():
    X, y = labelled_rows()
    with pytest.raises(ValueError, match="The first call of partial_fit needs classes"):
        tiny_classifier().partial_fit(X, y)


def test_label_that_was_not_announced():
    X, y = labelled_rows()
    with pytest.raises(ValueError, match=r"'pig', which is not among the classes \['bird', 'hum"):
        tiny_classifier().partial_fit(X, y, classes=["bird", "human"])
    classifier = tiny_classifier().fit(X[y != "pig"], y[y != "pig"])
    with pytest.raises(ValueError, match="'pig', which is not among the classes"):
        classifier.partial_fit(X, y)


def test_other_width():
    X, y = labelled_rows()
    classifier = tiny_classifier().partial_fit(X, y, classes=CLASSES)
    before = weights_of(classifier)
    with pytest.raises(ValueError, match=r"X has 11 features, but .* is expecting 12 features"):
        classifier.partial_fit(X[:, :11], y)
    np.testing.assert_equal(weights_of(classifier), before)


def test_tokens_of_later_batches_read_as_unknown():
    X, y = labelled_rows()
    later, unknown = X.copy(), X.copy()
    later[:, 2], unknown[:, 2] = 99, 1
    one, other = (tiny_classifier().partial_fit(X, y, classes=CLASSES) for _ in range(2))
    assert_same_bits(one.partial_fit(later, y), other.partial_fit(unknown, y), X)
    assert one.vocabulary_.tolist() == [2, 3, 4, 5, 6, 7]


def test_same_seed_gives_the_same_bits():
    X, y = labelled_rows()
    first, again, other = (
        tiny_classifier(random_state=seed, dropout=0.5, token_dropout=0.5) for seed in (0, 0, 1)
    )
    for _ in range(3):
        for classifier in (first, again, other):
            np.random.seed(0)  # must not matter
            classifier.partial_fit(X, y, classes=CLASSES)
    assert_same_bits(first, again, X)
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))


def test_each_call_hides_other_residues():
    row = np.full((1, 200), 4)
    classifier = tiny_classifier(token_dropout=0.5).partial_fit(row, ["pig"], classes=CLASSES)
    seen = []
    classifier.net_.module_.embedding.register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].numpy().copy())
    )
    for _ in range(3):
        classifier.partial_fit(row, ["pig"])
    assert len(seen) == 6  # each direction looks its tokens up
    shares = [np.mean(tokens == 1) for tokens in seen]
    np.testing.assert_allclose(shares, 0.5, atol=0.15)
    assert len({max(tokens.tobytes(), tokens[:, ::-1].tobytes()) for tokens in seen}) == 3


def test_order_of_rows_and_copies_do_not_matter():
    X, y = labelled_rows()
    weights = np.random.RandomState(0).randint(1, 3, size=60)
    weighted = tiny_classifier().partial_fit(X, y, CLASSES, weights)
    rows = np.random.RandomState(1).permutation(np.repeat(np.arange(60), weights))
    assert_same_bits(weighted, tiny_classifier().partial_fit(X[rows], y[rows], CLASSES), X)


def test_class_weight_of_classes_that_a_batch_lacks():
    X, y = labelled_rows()
    rows = y != "bird"
    weighted = tiny_classifier(class_weight={"bird": 2, "human": 3})
    weighted.partial_fit(X[rows], y[rows], classes=CLASSES)
    factor = np.where(y == "human", 3, 1)[rows]
    same = tiny_classifier().partial_fit(X[rows], y[rows], CLASSES, factor)
    np.testing.assert_allclose(weighted.predict_proba(X), same.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_goes_on_after_fit(early_stopping):
    X, y = labelled_rows()
    classifier = tiny_classifier(early_stopping=early_stopping, validation_fraction=0.2)
    classifier.fit(X, y)
    before = weights_of(classifier)
    for _ in range(3):
        classifier.partial_fit(X, y)
    assert classifier.n_iter_ == len(classifier.history_) == 6
    assert any((before[name] != now).any() for name, now in weights_of(classifier).items())


def test_learns_something_new_after_fit():
    X, y = labelled_rows(n_classes=2)
    classifier = tiny_classifier(max_epochs=12, lr=0.1).fit(X, y)
    assert classifier.score(X, y) > 0.9
    swapped = np.where(y == "bird", "human", "bird")
    for _ in range(15):
        classifier.partial_fit(X, swapped)
    assert classifier.score(X, swapped) > 0.9


def test_goes_on_after_pickling():
    X, y = labelled_rows()
    classifier = tiny_classifier(dropout=0.4).partial_fit(X, y, classes=CLASSES)
    copy = pickle.loads(pickle.dumps(classifier))
    assert_same_bits(classifier.partial_fit(X, y), copy.partial_fit(X, y), X)


@pytest.mark.parametrize("fitted_by", ["fit", "partial_fit"])
def test_other_classes_in_a_later_call_are_refused(fitted_by):
    X, y = labelled_rows()
    arguments = (CLASSES,) if fitted_by == "partial_fit" else ()
    classifier = getattr(tiny_classifier(), fitted_by)(X, y, *arguments)
    before = weights_of(classifier)
    with pytest.raises(
        ValueError, match=r"classes=\['bird', 'cat'\] differs from the classes \['b"
    ):
        classifier.partial_fit(X, y, classes=["cat", "bird"])
    np.testing.assert_equal(weights_of(classifier), before)
    classifier.partial_fit(X, y, classes=CLASSES[::-1])  # the same in another order


@pytest.mark.parametrize("classes", [[0, 1, np.nan], [0], [0, 0], ["a", None], [None, "a", "b"]])
def test_classes_that_are_none(classes):
    X, _ = labelled_rows()
    with pytest.raises(
        ValueError, match="partial_fit needs a list of at least two labels, none of them miss"
    ):
        tiny_classifier().partial_fit(X, [classes[0] or 0] * 60, classes=classes)
