"""Early stopping holds out what it should, stops when it should, and restores the best epoch."""

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupShuffleSplit
from tiny_models import (
    HOSTS,
    Recorder,
    StopAt,
    callback_of,
    labelled_rows,
    tiny_classifier,
)


class HoldOut:
    """Splitter that holds out some groups and keeps what it was asked."""

    def __init__(self, groups):
        self.groups = groups
        self.asked = []

    def split(self, X, y=None, groups=None):
        self.asked.append((len(X), len(y), groups))
        held_out = np.isin(groups, self.groups)
        yield np.flatnonzero(~held_out), np.flatnonzero(held_out)
        raise AssertionError("only the first split is wanted")

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1


def noise(n_samples=60):
    X, _ = labelled_rows(n_samples)
    return X, np.random.RandomState(1).choice(HOSTS, size=n_samples)


def losses(classifier, key="valid_loss"):
    return [epoch[key] for epoch in classifier.history_]


@pytest.mark.parametrize("patience", [2, 5])
def test_stops_on_noise(patience):
    X, y = noise()
    classifier = tiny_classifier(early_stopping=True, patience=patience, max_epochs=100, lr=0.1)
    classifier.fit(X, y)
    assert patience < classifier.n_iter_ < 60
    assert len(classifier.history_) == classifier.n_iter_
    assert np.argmin(losses(classifier)) == classifier.n_iter_ - 1 - patience


def test_does_not_stop_while_the_loss_falls():
    X, y = labelled_rows(120)
    classifier = tiny_classifier(early_stopping=True, patience=2, max_epochs=8).fit(X, y)
    assert classifier.n_iter_ == 8


def test_weights_of_the_best_epoch_are_restored():
    X, y = noise()
    valid = np.arange(0, 60, 4)
    classifier = tiny_classifier(
        early_stopping=True,
        patience=4,
        max_epochs=100,
        lr=0.1,
        validation_split=HoldOut(valid),
    ).fit(X, y, groups=np.arange(60))
    loss = log_loss(y[valid], classifier.predict_proba(X[valid]))
    # skorch takes a fall of less than 0.01 % for none.
    assert loss == pytest.approx(min(losses(classifier)), rel=2e-4)
    assert losses(classifier)[-1] > 1.02 * loss


def test_best_epoch_is_restored_when_the_last_epoch_ends_training():
    X, y = noise()
    valid = np.arange(0, 60, 4)
    classifier = tiny_classifier(
        early_stopping=True, patience=50, max_epochs=12, lr=0.2, validation_split=HoldOut(valid)
    ).fit(X, y, groups=np.arange(60))
    loss = log_loss(y[valid], classifier.predict_proba(X[valid]))
    assert classifier.n_iter_ == 12
    assert loss == pytest.approx(min(losses(classifier)), rel=2e-4)
    assert losses(classifier)[-1] > 1.02 * loss


def test_splitter_is_asked_and_obeyed():
    # Rows of group g are g residues long, so that lengths tell who sits where.
    groups = np.repeat([3, 4, 5, 6, 7], 12)
    tokens = np.random.RandomState(0).randint(2, 8, size=(60, 7))
    X = np.where(np.arange(7) < groups[:, np.newaxis], tokens, 0)
    y = HOSTS[tokens[:, 0] % 2]
    splitter = HoldOut([4, 6])
    classifier = tiny_classifier(
        early_stopping=True, validation_split=splitter, callbacks=[("recorder", Recorder())]
    ).fit(X, y, groups=groups)
    [(n_rows, n_labels, asked_groups)] = splitter.asked
    assert n_rows == n_labels == len(asked_groups) == len(np.unique(X, axis=0))
    recorder = callback_of(classifier, "recorder")
    assert set(recorder.lengths) == {3, 5, 7}
    assert set(recorder.valid_lengths) == {4, 6}


@pytest.mark.parametrize("splitter", [None, GroupShuffleSplit(1, test_size=0.3, random_state=0)])
def test_groups_stay_together(splitter):
    groups = np.repeat(np.arange(3, 13), 8)
    tokens = np.random.RandomState(0).randint(2, 8, size=(80, 12))
    X = np.where(np.arange(12) < groups[:, np.newaxis], tokens, 0)
    y = HOSTS[tokens[:, 0] % 2]
    for seed in range(3):
        classifier = tiny_classifier(
            early_stopping=True,
            validation_split=splitter,
            validation_fraction=0.3,
            random_state=seed,
            max_epochs=1,
            callbacks=[("recorder", Recorder())],
        ).fit(X, y, groups=groups)
        recorder = callback_of(classifier, "recorder")
        lengths, valid_lengths = set(recorder.lengths), set(recorder.valid_lengths)
        assert not lengths & valid_lengths
        assert lengths | valid_lengths == set(range(3, 13))
        assert len(valid_lengths) >= 2


@pytest.mark.parametrize("fraction", [0.1, 0.4])
def test_validation_fraction_counts_distinct_rows(fraction):
    X, y = labelled_rows()
    copies = np.arange(60).repeat(3)
    classifier = tiny_classifier(
        early_stopping=True, validation_fraction=fraction, callbacks=[("recorder", Recorder())]
    ).fit(X[copies], y[copies])
    n_valid = round(60 * fraction)
    assert callback_of(classifier, "recorder").n_rows == [(60 - n_valid, n_valid)] * 3


def test_history_has_the_validation_part():
    X, y = labelled_rows()
    classifier = tiny_classifier(early_stopping=True).fit(X, y)
    assert len(losses(classifier)) == 3
    assert all(0 <= accuracy <= 1 for accuracy in losses(classifier, "valid_acc"))


def test_without_early_stopping_nothing_is_held_out():
    X, y = labelled_rows()
    splitter = HoldOut([0])
    classifier = tiny_classifier(
        validation_split=splitter, callbacks=[("recorder", Recorder())]
    ).fit(X, y, groups=np.arange(60))
    assert splitter.asked == []
    assert callback_of(classifier, "recorder").n_rows == [(60, 0)] * 3


def test_validation_loss_is_weighted():
    # The wrong label weighs next to nothing, in training as in validation.
    X, y = labelled_rows(60, 2)
    wrong = np.where(y == "bird", "human", "bird")
    everything, labels = np.vstack([X, X]), np.append(y, wrong)
    weights = np.repeat([1, 1e-6], 60)
    classifier = tiny_classifier(
        early_stopping=True, max_epochs=12, lr=0.1, validation_fraction=0.25
    ).fit(everything, labels, weights)
    assert min(losses(classifier)) < 0.45


def test_interrupt_is_told_apart_from_early_stopping():
    X, y = noise()
    valid = np.arange(0, 60, 4)
    classifier = tiny_classifier(
        early_stopping=True,
        patience=50,
        max_epochs=40,
        lr=0.2,
        lr_schedule="constant",
        validation_split=HoldOut(valid),
        callbacks=[("stop", StopAt(KeyboardInterrupt(), epoch=15))],
    )
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, y, groups=np.arange(60))
    assert classifier.n_iter_ == 15
    finished = [epoch["valid_loss"] for epoch in classifier.history_[:14]]
    loss = log_loss(y[valid], classifier.predict_proba(X[valid]))
    assert loss == pytest.approx(min(finished), rel=2e-4)


def test_too_few_rows_to_hold_any_out():
    X, y = labelled_rows()
    rows = np.array([np.flatnonzero(y == host)[0] for host in HOSTS])
    copies = np.repeat(rows, 20)
    message = r"training needs the only distinct sequence of the classes \['bird', 'human', 'pig'\]"
    with pytest.raises(ValueError, match=message) as caught:
        tiny_classifier(early_stopping=True).fit(X[copies], y[copies])
    [note] = caught.value.__notes__
    assert "while holding out sequences for early stopping" in note
    assert "early_stopping=False" in note


def test_splitter_that_leaves_nothing():
    X, y = labelled_rows()
    with pytest.raises(ValueError, match="60 sequences to train on and 0 to validate with"):
        tiny_classifier(early_stopping=True, validation_split=HoldOut([])).fit(
            X, y, groups=np.arange(60)
        )


@pytest.mark.parametrize("seed", range(5))
def test_no_class_is_lost_to_training(seed):
    # 20 sequences of a class that is one group, beside 180 in small groups.
    X, _ = labelled_rows(200)
    y = np.repeat(HOSTS, [90, 90, 20])
    groups = np.append(np.arange(180) // 6, np.full(20, 99))
    classifier = tiny_classifier(
        early_stopping=True, max_epochs=1, random_state=seed, callbacks=[("recorder", Recorder())]
    ).fit(X, y, groups=groups)
    n_train, n_valid = callback_of(classifier, "recorder").n_rows[0]
    assert n_train + n_valid == 200
    assert 15 <= n_valid <= 25
    with pytest.raises(
        ValueError, match=r"holds out every sequence of the classes 'pig' \(1 group"
    ):
        tiny_classifier(early_stopping=True, validation_split=HoldOut([99])).fit(
            X, y, groups=groups
        )
