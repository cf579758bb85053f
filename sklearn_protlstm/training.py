"""The skorch net that trains on weighted batches of similar length, and its callbacks."""

import math

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback, EarlyStopping
from skorch.utils import to_tensor
from tqdm.auto import tqdm

from sklearn_protlstm.batching import bucket_batches
from sklearn_protlstm.devices import worker_threads
from sklearn_protlstm.exceptions import NonFiniteLossError

__all__ = [
    "SCHEDULES",
    "EpochProgress",
    "GradientClipping",
    "LearningRateSchedule",
    "OrderedBatches",
    "SequenceNet",
    "ShuffledBatches",
    "move_net",
    "net_data",
]

# An LSTM's gradient can explode over many steps; clipping its norm at 1 is customary
# (Pascanu, Mikolov, Bengio, ICML 2013, arXiv:1211.5063).
_MAX_GRADIENT_NORM = 1.0

_WARM_UP = 0.25

# Rows that a worker thread needs to be worth its while.
_MIN_ROWS = 8


def _one_cycle(progress):
    if progress < _WARM_UP:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * progress / _WARM_UP)) / 2
    return _cosine((progress - _WARM_UP) / (1 - _WARM_UP))


def _cosine(progress):
    return (1 + math.cos(math.pi * progress)) / 2


def _constant(progress):
    return 1.0


#: Factor of the learning rate by the share of the training that is done. "onecycle" rises from
#: 4 % over the first quarter and falls to 0 along a cosine (after Smith & Topin, 2019,
#: arXiv:1708.07120).
SCHEDULES = {"onecycle": _one_cycle, "cosine": _cosine, "constant": _constant}


class SequenceNet(NeuralNetClassifier):
    """Skorch classifier whose batches carry lengths and sample weights.

    ``X`` is a dict of "tokens", "lengths" and "weights", and the criterion has
    ``reduction="none"``. On a CPU each worker thread takes a share of the batch through the
    network and back, which uses the cores better than threads inside of each small matrix
    product do. Ctrl-C is told apart from early stopping, which skorch also signals by a
    KeyboardInterrupt.

    Parameters
    ----------
    *args : tuple
        As for skorch's NeuralNetClassifier.
    seed : int
        Of the random numbers of training.
    **kwargs : dict
        As for skorch's NeuralNetClassifier.
    """

    def __init__(self, *args, seed, **kwargs):
        self.seed = seed
        self.workers = None
        self.interrupted = False
        super().__init__(*args, **kwargs)

    def infer(self, x, generator=None, **fit_params):
        """Compute the logits of a batch.

        Parameters
        ----------
        x : dict
            With "tokens" and "lengths".
        generator : torch.Generator or None, default=None
            Source of the random numbers of training.
        **fit_params : dict
            Not used.

        Returns
        -------
        logits : Tensor of shape (n_samples, n_classes)
            Output of the module.
        """
        x = to_tensor(x, device=self.device)
        return self.module_(x["tokens"], x["lengths"], generator)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        """Compute the weighted mean loss of a batch.

        Parameters
        ----------
        y_pred : Tensor of shape (n_samples, n_classes)
            Logits.
        y_true : Tensor of shape (n_samples,)
            Class numbers.
        X : dict
            With "weights", of mean 1 over the training set.
        training : bool, default=False
            Not used.

        Returns
        -------
        loss : Tensor
            A scalar.
        """
        losses = self.criterion_(y_pred, to_tensor(y_true, device=self.device))
        return (losses * to_tensor(X["weights"], device=self.device)).mean()

    def train_step_single(self, batch, **fit_params):
        """Compute loss and gradients of a batch, and stop if the loss is no number.

        Parameters
        ----------
        batch : tuple
            Of X and y.
        **fit_params : dict
            Not used.

        Returns
        -------
        step : dict
            With "loss" and "y_pred".

        Raises
        ------
        NonFiniteLossError
            Before the weights are touched.
        """
        self._set_training(True)
        shares = _share_batch(batch, len(self.workers.generators))
        results = list(self.workers.map(self._learn_share, shares, self.workers.generators))
        n_rows = len(batch[1])
        loss = sum(loss * len(logits) for loss, logits, _ in results) / n_rows
        if not torch.isfinite(loss):
            raise _non_finite_error("loss", self)
        parameters = [p for p in self.module_.parameters() if p.requires_grad]
        for i, parameter in enumerate(parameters):
            parameter.grad = sum(
                gradients[i] * (len(logits) / n_rows) for _, logits, gradients in results
            )
        return {"loss": loss, "y_pred": torch.cat([logits for _, logits, _ in results])}

    def _learn_share(self, share, generator):
        X, y = share
        logits = self.infer(X, generator)
        loss = self.get_loss(logits, y, X=X, training=True)
        parameters = [p for p in self.module_.parameters() if p.requires_grad]
        return loss.detach(), logits.detach(), torch.autograd.grad(loss, parameters)

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        """Train, and note whether the user broke it off.

        Parameters
        ----------
        X : dict
            Training rows.
        y : ndarray of shape (n_samples,), default=None
            Class numbers.
        epochs : int or None, default=None
            None trains `max_epochs`.
        **fit_params : dict
            Handed to skorch.

        Returns
        -------
        self : SequenceNet
            The net.
        """
        self.interrupted = False
        try:
            with worker_threads(torch.device(self.device), self.seed) as self.workers:
                return super().fit_loop(X, y, epochs=epochs, **fit_params)
        except KeyboardInterrupt:
            self.interrupted = not any(
                isinstance(callback, EarlyStopping) and callback.misses_ == callback.patience
                for _, callback in self.callbacks_
            )
            raise
        finally:
            self.workers = None


def _share_batch(batch, n_shares):
    """Deal the rows, sorted by length or not, out to the workers like cards."""
    if n_shares == 1:
        return [batch]
    X, y = batch
    n_shares = min(n_shares, max(1, len(y) // _MIN_ROWS))
    return [
        ({key: values[i::n_shares] for key, values in X.items()}, y[i::n_shares])
        for i in range(n_shares)
    ]


def _non_finite_error(what, net):
    epoch = len(net.history)
    return NonFiniteLossError(
        f"The {what} became infinite or NaN in epoch {epoch}; the weights of the step before are "
        f"kept. Try a smaller lr (now {net.lr}), and look for very large sample weights or "
        "embedding values",
        epoch=epoch,
    )


class ShuffledBatches:
    """Batches of similar length in random order, anew for each epoch.

    Parameters
    ----------
    dataset : skorch.dataset.Dataset
        Whose ``X`` has "tokens", "lengths" and "weights".
    batch_size : int
        Rows of a batch.
    rng : numpy.random.RandomState
        Decides the order; it advances with every epoch.
    """

    def __init__(self, dataset, batch_size, rng):
        self.dataset = dataset
        self.batch_size = batch_size
        self.rng = rng

    def __iter__(self):
        rows = bucket_batches(self.dataset.X["lengths"], self.batch_size, self.rng)
        return (_cut_batch(self.dataset, batch) for batch in rows)

    def __len__(self):
        return math.ceil(len(self.dataset) / self.batch_size)


class OrderedBatches:
    """Batches in the order of the rows.

    Parameters
    ----------
    dataset : skorch.dataset.Dataset
        Whose ``X`` has "tokens", "lengths" and "weights".
    batch_size : int
        Rows of a batch.
    """

    def __init__(self, dataset, batch_size):
        self.dataset = dataset
        self.batch_size = batch_size

    def __iter__(self):
        for start in range(0, len(self.dataset), self.batch_size):
            yield _cut_batch(self.dataset, slice(start, start + self.batch_size))

    def __len__(self):
        return math.ceil(len(self.dataset) / self.batch_size)


def _cut_batch(dataset, rows):
    lengths = dataset.X["lengths"][rows]
    batch = {
        "tokens": torch.from_numpy(dataset.X["tokens"][rows, : lengths.max()].astype(np.int32)),
        "lengths": torch.from_numpy(lengths),
        "weights": torch.from_numpy(dataset.X["weights"][rows]),
    }
    return batch, torch.from_numpy(dataset.y[rows])


class GradientClipping(Callback):
    """Scale the gradient down to a norm of 1, and stop if it is no number."""

    def on_grad_computed(self, net, named_parameters=None, **kwargs):
        """Clip the gradients of one step.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        named_parameters : iterable of (str, Parameter)
            Parameters with gradients.
        **kwargs : dict
            Not used.

        Raises
        ------
        NonFiniteLossError
            Before the weights are touched.
        """
        parameters = [parameter for _, parameter in named_parameters]
        norm = torch.nn.utils.clip_grad_norm_(parameters, _MAX_GRADIENT_NORM)
        if not torch.isfinite(norm):
            raise _non_finite_error("gradient", net)


class LearningRateSchedule(Callback):
    """Set the learning rate before every batch.

    Parameters
    ----------
    schedule : str
        A key of ``SCHEDULES``.
    n_steps : int
        Batches of the whole training.
    """

    def __init__(self, schedule, n_steps):
        self.schedule = schedule
        self.n_steps = n_steps

    def on_train_begin(self, net, **kwargs):
        """Start to count.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.step_ = 0

    def on_batch_begin(self, net, training=False, **kwargs):
        """Set the learning rate of the coming step.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        training : bool, default=False
            Batches of the validation part do not count.
        **kwargs : dict
            Not used.
        """
        if training:
            factor = SCHEDULES[self.schedule](min(1.0, self.step_ / self.n_steps))
            for group in net.optimizer_.param_groups:
                group["lr"] = net.lr * factor
            self.step_ += 1


class EpochProgress(Callback):
    """Progress bar over epochs, with the latest losses beside it."""

    def on_train_begin(self, net, **kwargs):
        """Draw an empty bar.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.bar_ = tqdm(total=net.max_epochs, unit="epoch")

    def on_epoch_end(self, net, **kwargs):
        """Move the bar by one epoch.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        epoch = net.history[-1]
        shown = {key: epoch[key] for key in ("train_loss", "valid_loss") if key in epoch}
        self.bar_.set_postfix(shown, refresh=False)
        self.bar_.update()

    def on_train_end(self, net, **kwargs):
        """Close the bar.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.bar_.close()
        del self.bar_


def net_data(training_set):
    """Shape a training set as skorch takes it.

    Parameters
    ----------
    training_set : TrainingSet
        Weighted rows.

    Returns
    -------
    X : dict of str to ndarray
        With "tokens", "lengths" and "weights".
    y : ndarray of shape (n_rows,), dtype int64
        Class numbers.
    """
    X = {
        "tokens": training_set.tokens,
        "lengths": training_set.lengths,
        "weights": training_set.weights.astype(np.float32),
    }
    return X, training_set.labels


def move_net(net, device):
    """Move a trained net and its optimizer.

    Parameters
    ----------
    net : SequenceNet
        Initialized; changed in place.
    device : torch.device
        Where to.
    """
    if torch.device(net.device) == device:
        return
    net.module_.to(device)
    # Loading its own state makes the optimizer follow its parameters.
    net.optimizer_.load_state_dict(net.optimizer_.state_dict())
    net.device = device
