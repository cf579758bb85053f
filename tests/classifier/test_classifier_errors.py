"""What cannot be is refused in words of our own, and Ctrl-C leaves a usable model."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.model_selection import PredefinedSplit
from sklearn.utils._param_validation import InvalidParameterError
from skorch.callbacks import Callback
from tiny_models import StopAt, callback_of, labelled_rows, tiny_classifier, weights_of

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.exceptions import DeviceUnavailableError, NonFiniteLossError

X, Y = labelled_rows()


# Data.


@pytest.mark.parametrize(
    "sequences",
    [
        ["ACD"] * 60,
        np.array(["ACD"] * 60),
        np.array(["ACD"] * 60, dtype=object),
        [["A", "C"]] * 60,
        np.array([["ACD"]] * 60),
    ],
    ids=["list", "array", "object array", "letters", "column"],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "predict_proba"])
def test_strings(sequences, method):
    arguments = {"fit": (Y,), "partial_fit": (Y, np.unique(Y))}.get(method, ())
    classifier = tiny_classifier().fit(X, Y)
    with pytest.raises(TypeError, match=r"got strings.*make_pipeline\(SequenceEncoder\(\), Prot"):
        getattr(classifier, method)(sequences, *arguments)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (Y[:-1], "Found 60 sequences but 59 labels"),
        (None, "target y is None: give one class label for each sequence"),
        (["pig"] * 60, r"y holds one class only \('pig'\)"),
        ([*Y[:7], None, *Y[8:]], r"label of sequence 7 is missing \(None\); 1 label"),
        ([1.0, np.nan] * 30, r"label of sequence 1 is missing \(nan\); 30 label"),
        ([1.0, np.inf] * 30, "Input y contains infinity"),
        (np.linspace(0, 1, 60), "Unknown label type: continuous"),
        (np.column_stack([Y, Y]), "y is not a matrix of numbers with as many columns in each row"),
    ],
)
def test_labels(y, message):
    with pytest.raises(ValueError, match=message):
        tiny_classifier().fit(X, y)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (np.where(X == 3, np.nan, X), "Input X contains NaN"),
        (np.where(X == 3, np.inf, X), "Input X contains infinity"),
        (X[:, 0], "Expected 2D array, got 1D array instead"),
        (X[:0], r"Found array with 0 sample\(s\)"),
        (X[:, :0], r"Found array with 0 feature\(s\)"),
        (X * 1e9, "takes token numbers up to 16777215, got 7000000000"),
        (X + 0.5j, "Complex data not supported"),
    ],
)
def test_tokens(tokens, message):
    with pytest.raises(ValueError, match=message):
        tiny_classifier().fit(tokens, Y[: len(tokens)])


def test_fractions_warn_at_the_place_of_the_call():
    with pytest.warns(DataConversionWarning, match="fractions in X were rounded") as caught:
        tiny_classifier(max_epochs=1).fit(X + 0.25, Y)
    assert caught[0].filename == __file__


def test_other_width_at_predict():
    classifier = tiny_classifier().fit(X, Y)
    with pytest.raises(ValueError, match=r"X has 11 features, but .* expecting 12 features"):
        classifier.predict(X[:, 1:])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (-np.ones(60), "Negative values in data passed to `sample_weight`"),
        (np.full(60, np.nan), "Input sample_weight contains NaN"),
        (np.ones(59), r"sample_weight.shape == \(59,\), expected \(60,\)"),
        (np.zeros(60), "(?i)sample.weight"),
        (np.full(60, 1e308), "sum of sample_weight is larger than .* divide them by their largest"),
    ],
)
def test_sample_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        tiny_classifier().fit(X, Y, sample_weight=weights)


def test_wrong_number_of_groups():
    with pytest.raises(ValueError, match="Found 60 sequences but 59 groups"):
        tiny_classifier().fit(X, Y, groups=np.ones(59))


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_not_fitted(method):
    with pytest.raises(NotFittedError, match="ProtLSTMClassifier instance is not fitted yet"):
        getattr(tiny_classifier(), method)(X)


def test_not_fitted_after_a_fit_that_failed():
    classifier = tiny_classifier()
    with pytest.raises(ValueError, match="one class only"):
        classifier.fit(X, ["pig"] * 60)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        classifier.predict(X)


@pytest.mark.parametrize(
    ("params", "y"),
    [
        ({}, ["cat", "dog"] * 29 + ["cat", None]),
        ({"class_weight": {"cow": 2}}, ["cat", "dog"] * 30),
        (
            {"early_stopping": True, "validation_split": PredefinedSplit([-1] * 60)},
            ["cat", "dog"] * 30,
        ),
        ({"embedding": np.ones((2, 2))}, ["cat", "dog"] * 30),
        ({"net_params": {"criterion__reduction": "mean"}}, ["cat", "dog"] * 30),
    ],
    ids=["labels", "class weights", "validation part", "embedding", "net_params"],
)
def test_failed_refit_does_not_put_new_labels_on_the_old_network(params, y):
    classifier = tiny_classifier().fit(X, np.where(Y == "pig", "bird", Y))
    with pytest.raises(ValueError):  # noqa: PT011 - other tests look at the messages
        classifier.set_params(**params).fit(X, y)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        classifier.predict(X)


# Parameters.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_size", 0),
        ("hidden_size", 8.0),
        ("num_layers", 0),
        ("bidirectional", "yes"),
        ("embedding", "blosum50"),
        ("embedding_dim", -1),
        ("freeze_embedding", "no"),
        ("pooling", "sum"),
        ("pooling", None),
        ("dropout", 1.0),
        ("token_dropout", -0.1),
        ("lr", 0),
        ("lr", np.inf),
        ("weight_decay", -1e-3),
        ("lr_schedule", "linear"),
        ("batch_size", 0),
        ("max_epochs", 0),
        ("max_epochs", 2.5),
        ("early_stopping", None),
        ("validation_fraction", 1.0),
        ("validation_split", 5),
        ("patience", 0),
        ("class_weight", "fair"),
        ("device", 0),
        ("random_state", "seed"),
        ("verbose", -1),
        ("callbacks", "EpochTimer"),
        ("net_params", [1]),
        ("checkpoint_dir", 3),
        ("resume", "always"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_invalid_parameter(method, name, value):
    # __init__ stores, fit judges.
    classifier = tiny_classifier(**{name: value})
    arguments = (np.unique(Y),) if method == "partial_fit" else ()
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of ProtLSTMClass"):
        getattr(classifier, method)(X, Y, *arguments)


@pytest.mark.parametrize("pooling", [(), ("last", "sum"), ("last", "last")])
def test_pooling(pooling):
    with pytest.raises(ValueError, match="is not known: give one of 'last', 'max', 'mean', 'att"):
        tiny_classifier(pooling=pooling).fit(X, Y)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({"pig": -1}, "weights that are not negative"),
        ({"pig": 0, "bird": 0, "human": 0}, "not 0 for every class in y"),
        ({"hog": 2}, r"\['bird', 'human', 'pig'\] are not in class_weight, which has \['hog'\]"),
    ],
)
def test_class_weight(class_weight, message):
    with pytest.raises(ValueError, match=message):
        tiny_classifier(class_weight=class_weight).fit(X, Y)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_reduction_of_the_loss_is_not_a_choice(reduction, method):
    classifier = tiny_classifier(net_params={"criterion__reduction": reduction})
    arguments = (np.unique(Y),) if method == "partial_fit" else ()
    with pytest.raises(ValueError, match="sets criterion__reduction, which would change what samp"):
        getattr(classifier, method)(X, Y, *arguments)


@pytest.mark.parametrize(
    "table",
    [
        np.ones((7, 3)),  # token 7 has no row
        np.ones(8),
        np.ones((8, 0)),
        np.full((8, 3), np.nan),
    ],
)
def test_embedding_that_does_not_fit(table):
    with pytest.raises(ValueError, match=r"expected finite numbers in a matrix .* at least 8 rows"):
        tiny_classifier(embedding=table).fit(X, Y)


def test_blosum62_of_words():
    words = SequenceEncoder(k=2).fit_transform(["ACDWY", "YWWDA"])
    with pytest.raises(ValueError, match=r'embedding="blosum62" needs the residues .* with k=1'):
        tiny_classifier(embedding="blosum62").fit(words, ["dog", "human"])


@pytest.mark.parametrize("device", ["cuda:99", "nonsense", "meta", torch.device("cuda", 99)])
def test_device_that_does_not_exist(device):
    classifier = tiny_classifier(device=device)
    with pytest.raises(
        DeviceUnavailableError, match=r"not available here; there is .*cpu"
    ) as caught:
        classifier.fit(X, Y)
    assert caught.value.device == str(device)
    with pytest.raises(DeviceUnavailableError, match=r"not available here; there is .*cpu"):
        classifier.partial_fit(X, Y, np.unique(Y))
    fitted = tiny_classifier().fit(X, Y).set_params(device=device)
    with pytest.raises(DeviceUnavailableError, match=r"not available here; there is .*cpu"):
        fitted.predict(X)
    # Nothing was broken by the try.
    fitted.set_params(device="cpu").predict(X)


# Divergence.


class BreakAt(Callback):
    """Make the loss of one batch NaN or infinite, by a weight that the step before has spoilt."""

    def __init__(self, epoch, batch, value=torch.nan):
        self.epoch = epoch
        self.batch = batch
        self.value = value

    def on_epoch_begin(self, net, **kwargs):
        self.seen = [*getattr(self, "seen", []), copy_of(net)]

    def on_batch_begin(self, net, training=False, **kwargs):
        if (len(net.history), len(net.history[-1]["batches"])) == (self.epoch, self.batch):
            with torch.no_grad():
                net.module_.head.bias[0] = self.value


def copy_of(net):
    return {name: value.numpy().copy() for name, value in net.module_.state_dict().items()}


@pytest.mark.parametrize(
    ("epoch", "batch", "good"),
    [
        (3, 1, 2),  # the third epoch's start was seen to give a finite loss
        (3, 0, 1),  # here it was not, so the one before it is taken
        (1, 2, 0),
    ],
)
def test_nan_leaves_the_last_good_weights(epoch, batch, good):
    classifier = tiny_classifier(max_epochs=5, callbacks=[("nan", BreakAt(epoch, batch + 1))])
    message = f"loss became infinite or NaN in epoch {epoch}. The classifier keeps the last good"
    with pytest.raises(NonFiniteLossError, match=message):
        classifier.fit(X, Y)
    starts = callback_of(classifier, "nan").seen
    np.testing.assert_equal(weights_of(classifier), starts[good])
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert classifier.n_iter_ == epoch
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.predict_proba(X), classifier.predict_proba(X))
    assert len(pickle.dumps(classifier.net_.callbacks_)) < 20_000
    classifier.partial_fit(X, Y)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_error_of_a_training_that_diverges(value):
    classifier = tiny_classifier(callbacks=[("break", BreakAt(2, 1, value))])
    with pytest.raises(
        NonFiniteLossError, match=r"loss became .* epoch 2.*Try a smaller lr \(now 0\.03\)"
    ) as caught:
        classifier.fit(X, Y)
    assert caught.value.epoch == 2
    assert not isinstance(caught.value, RuntimeError)  # as torch's own errors are


class SpoilAfter(Callback):
    """Make a weight a NaN behind the last batch of an epoch."""

    def on_batch_end(self, net, training=False, **kwargs):
        if training and len(net.history) == 2 and len(net.history[-1]["batches"]) == 4:
            with torch.no_grad():
                net.module_.head.bias[0] = torch.nan


def test_last_step_of_an_epoch_is_looked_at():
    classifier = tiny_classifier(max_epochs=2, callbacks=[("nan", SpoilAfter())])
    with pytest.raises(NonFiniteLossError, match=r"network's weights became .* in epoch 2"):
        classifier.fit(X, Y)
    assert np.isfinite(classifier.predict_proba(X)).all()


def test_validation_loss_is_looked_at():
    classifier = tiny_classifier(
        max_epochs=4,
        early_stopping=True,
        validation_fraction=0.2,
        callbacks=[("nan", SpoilAfter())],
    )
    classifier.set_params(batch_size=12)
    with pytest.raises(NonFiniteLossError, match=r"validation loss became .* in epoch 2"):
        classifier.fit(X, Y)
    assert np.isfinite(classifier.predict_proba(X)).all()
    pickle.dumps(classifier)


def test_nan_with_early_stopping_leaves_the_best_epoch():
    valid = np.arange(0, 60, 4)
    classifier = tiny_classifier(
        max_epochs=9,
        early_stopping=True,
        validation_split=PredefinedSplit(np.where(np.arange(60) % 4, -1, 0)),
        callbacks=[("nan", BreakAt(4, 1))],
    )
    with pytest.raises(NonFiniteLossError, match="in epoch 4"):
        classifier.fit(X, Y)
    losses = [epoch["valid_loss"] for epoch in classifier.history_[:3]]
    starts = callback_of(classifier, "nan").seen
    np.testing.assert_equal(weights_of(classifier), starts[1 + int(np.argmin(losses))])
    assert len(valid) == 15


def test_progress_bar_is_closed_after_a_nan(capsys):
    classifier = tiny_classifier(verbose=1, callbacks=[("nan", BreakAt(2, 1))])
    with pytest.raises(NonFiniteLossError):
        classifier.fit(X, Y)
    assert capsys.readouterr().err.endswith("\n")
    pickle.dumps(classifier)


def test_nan_in_partial_fit():
    classifier = tiny_classifier(callbacks=[("nan", BreakAt(3, 2))])
    for _ in range(2):
        classifier.partial_fit(X, Y, np.unique(Y))
    before = weights_of(classifier)
    with pytest.raises(NonFiniteLossError, match="in epoch 3"):
        classifier.partial_fit(X, Y)
    np.testing.assert_equal(weights_of(classifier), before)


class BadGradient(torch.nn.CrossEntropyLoss):
    """A finite loss whose gradient is infinite."""

    def forward(self, logits, labels):
        logits.register_hook(lambda gradient: gradient * torch.inf)
        return super().forward(logits, labels)


def test_gradient_is_looked_at():
    classifier = tiny_classifier(net_params={"criterion": BadGradient})
    with pytest.raises(NonFiniteLossError, match=r"gradient became .* epoch 1.*embedding values"):
        classifier.fit(X, Y)
    assert np.isfinite(classifier.predict_proba(X)).all()


# Ctrl-C.


@pytest.mark.parametrize("epoch", [1, 2])
def test_interrupted_fit_leaves_a_usable_model(epoch):
    classifier = tiny_classifier(
        max_epochs=10, callbacks=[("stop", StopAt(KeyboardInterrupt(), epoch))]
    )
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, Y)
    assert classifier.n_iter_ == epoch
    answer = classifier.predict_proba(X)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-6)
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.predict_proba(X), answer)


def test_interrupted_fit_keeps_what_was_learned():
    trained, barely = (
        tiny_classifier(
            max_epochs=40,
            lr=0.1,
            lr_schedule="constant",
            callbacks=[("stop", StopAt(KeyboardInterrupt(), epoch))],
        )
        for epoch in (20, 1)
    )
    for classifier in (trained, barely):
        with pytest.raises(KeyboardInterrupt):
            classifier.fit(X, Y)
    assert trained.score(X, Y) > barely.score(X, Y) + 0.2


def test_training_goes_on_after_an_interrupt():
    classifier = tiny_classifier(callbacks=[("stop", StopAt(KeyboardInterrupt(), epoch=2))])
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, Y)
    before = weights_of(classifier)
    classifier.partial_fit(X, Y)
    assert classifier.n_iter_ == 3
    assert any((before[name] != now).any() for name, now in weights_of(classifier).items())


def test_interrupted_partial_fit():
    classifier = tiny_classifier(callbacks=[("stop", StopAt(KeyboardInterrupt(), epoch=2))])
    classifier.partial_fit(X, Y, np.unique(Y))
    with pytest.raises(KeyboardInterrupt):
        classifier.partial_fit(X, Y)
    assert classifier.predict(X).shape == (60,)


def test_progress_bar_is_closed_after_an_interrupt(capsys):
    classifier = tiny_classifier(
        verbose=1, callbacks=[("stop", StopAt(KeyboardInterrupt(), epoch=2))]
    )
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, Y)
    assert capsys.readouterr().err.endswith("\n")
    pickle.dumps(classifier)
