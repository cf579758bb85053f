"""The skorch net that trains on weighted batches of similar length, and their order."""

import math
from functools import partial

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import EarlyStopping
from skorch.utils import to_tensor

from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training.batches import cut_shares
from sklearn_protlstm._training.callbacks import non_finite_error
from sklearn_protlstm._training.memory import OutOfMemory, cut_rows, halve_rows
from sklearn_protlstm._training.threads import worker_threads

__all__ = [
    "SequenceNet",
    "move_net",
    "net_data",
]


class SequenceNet(NeuralNetClassifier):
    """Skorch classifier whose batches carry lengths and sample weights.

    ``X`` is a dict of "tokens", "lengths" and "weights", and the criterion has
    ``reduction="none"``. On a CPU threads take shares of the batch through the network and
    back, which uses cores and caches better than threads inside of each small matrix product do.
    Shares that the memory of the device is too small for are halved; what the optimizer sees is
    the whole batch in any case. Ctrl-C is told apart from early stopping, which skorch also
    signals by a KeyboardInterrupt.

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
        self.interrupted = False
        self.most_rows = None
        self.epochs_done = 0
        self.generator_states = []
        super().__init__(*args, **kwargs)

    def infer(self, x, generator=None, **module_params):
        """Compute the logits of a batch.

        Parameters
        ----------
        x : dict
            With "tokens" and "lengths".
        generator : torch.Generator or None, default=None
            Source of the random numbers of training.
        **module_params : dict
            Further arguments of the module.

        Returns
        -------
        logits : Tensor of shape (n_samples, n_classes)
            Output of the module.
        """
        x = self._on_device(x)
        return self.module_(x["tokens"], x["lengths"], generator, **module_params)

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
        losses = self.criterion_(y_pred, self._on_device(y_true))
        return losses @ self._on_device(X["weights"]) / len(losses)

    def _on_device(self, data):
        # On a CPU the batches are there already, and even to look would take time.
        return data if self._on_cpu() else to_tensor(data, device=self.device)

    def _on_cpu(self):
        return torch.device(self.device).type == "cpu"

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
        if not self.module_.training:
            self._set_training(True)
        results = self._learn_batch(batch)
        losses, logits, gradients = zip(*results)
        loss = sum(losses)
        if not math.isfinite(loss.item()):
            raise non_finite_error("loss", self)
        for parameter, parts in zip(self.learned_parameters(), zip(*gradients)):
            parameter.grad = sum(parts[1:], start=parts[0])
        return {"loss": loss, "y_pred": torch.cat(logits)}

    def validation_step(self, batch, **fit_params):
        """Compute the loss of a batch without learning from it.

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
        DeviceMemoryError
            If not even one row fits into the memory of the device.
        """
        self._set_training(False)
        X, y = batch
        results = None
        while results is None:
            shares = _take_shares(batch, cut_rows(slice(0, len(y)), self.most_rows))
            results = self._unless_too_large(self._judge_share, shares, [None] * len(shares))
        logits = torch.cat(results)
        return {"loss": self.get_loss(logits, y, X=X), "y_pred": logits}

    def _learn_batch(self, batch):
        results = None
        while results is None:
            shares = self._share_batch(batch)
            generators = self._generators(shares)
            states = [generator.get_state() for generator in generators]
            learn = partial(self._learn_share, n_rows=len(batch[1]), alone=len(shares) == 1)
            results = self._unless_too_large(learn, shares, generators)
            if results is None:
                # The smaller shares draw what they would have drawn without the failed attempt.
                for generator, state in zip(generators, states):
                    generator.set_state(state)
        return results

    def _share_batch(self, batch):
        X, y = batch
        whole = [slice(0, len(y))]
        if self._on_cpu():
            whole = cut_shares(*X["tokens"].shape, self._reads_two_ways())
        return _take_shares(
            batch, [part for rows in whole for part in cut_rows(rows, self.most_rows)]
        )

    def _reads_two_ways(self):
        # The module may be the user's own, with another way to compute.
        return type(self.module_) is SequenceLSTM and self.module_.reads_two_ways

    def _generators(self, shares):
        # One for each share, so that what it draws does not depend on the others' pace.
        for number in range(len(self.generators_), len(shares)):
            seed = int(np.random.SeedSequence((self.seed, number)).generate_state(1)[0])
            self.generators_.append(torch.Generator(self.device).manual_seed(seed))
        return self.generators_[: len(shares)]

    def _unless_too_large(self, work, shares, generators):
        """Results of all shares, or None after a bound was set that makes them smaller."""

        def attempt(share, generator):
            # An error that is kept would keep the tensors alive that do not fit.
            try:
                return work(share, generator)
            except OutOfMemory:
                return None

        results = list(self.workers_.map(attempt, shares, generators))
        failed = [X for (X, _), result in zip(shares, results) if result is None]
        if not failed:
            return results
        n_rows, n_residues = max(tuple(X["tokens"].shape) for X in failed)
        del results
        self.most_rows = halve_rows(n_rows, n_residues, self.device)
        return None

    def _learn_share(self, share, generator, n_rows, alone):
        X, y = share

        def compute_loss(logits):
            return self.get_loss(logits, y, X=X, training=True) * (len(y) / n_rows)

        learned = self.learned_parameters()
        if alone and self._reads_two_ways():
            # A batch that is one share leaves a thread to each direction.
            loss, logits, gradients = self.module_.learn_two_ways(
                X["tokens"], X["lengths"], compute_loss, generator, self.workers_.both
            )
            return loss, logits, [gradients[parameter] for parameter in learned]
        logits = self.infer(X, generator=generator)
        loss = compute_loss(logits)
        return loss.detach(), logits.detach(), torch.autograd.grad(loss, learned)

    def _judge_share(self, share, generator):
        with torch.no_grad():
            return self.infer(share[0])

    def learned_parameters(self):
        """List the parameters of the module that are trained in this epoch.

        Returns
        -------
        parameters : list of Parameter
            Those that require a gradient.
        """
        if self.learned_ is None:
            self.learned_ = [p for p in self.module_.parameters() if p.requires_grad]
        return self.learned_

    def run_single_epoch(self, *args, **kwargs):
        """Train or validate for one epoch.

        Parameters
        ----------
        *args : tuple
            As for skorch's NeuralNet.
        **kwargs : dict
            As for skorch's NeuralNet.
        """
        # Callbacks freeze and unfreeze parameters between epochs. To look for them in every batch
        # takes longer than the step of the optimizer.
        self.learned_ = None
        # The gradient of a parameter that is frozen from now on would move it at every step.
        self.module_.zero_grad()
        super().run_single_epoch(*args, **kwargs)

    def _zero_grad_optimizer(self, set_to_none=None):
        """Do nothing: each step sets the gradients, and none adds to those of the step before."""

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        """Train, and note whether the user broke it off.

        Parameters
        ----------
        X : dict
            Training rows.
        y : ndarray of shape (n_samples,), default=None
            Class numbers.
        epochs : int or None, default=None
            None trains `max_epochs`, less those that a checkpoint brought along.
        **fit_params : dict
            Handed to skorch.

        Returns
        -------
        self : SequenceNet
            The net.
        """
        self.interrupted = False
        try:
            self.generators_ = [
                torch.Generator(self.device).set_state(state) for state in self.generator_states
            ]
            if epochs is None:
                epochs = self.max_epochs - self.epochs_done
            with worker_threads(torch.device(self.device)) as self.workers_:
                return super().fit_loop(X, y, epochs=epochs, **fit_params)
        except KeyboardInterrupt:
            self.interrupted = not any(
                isinstance(callback, EarlyStopping) and callback.misses_ == callback.patience
                for _, callback in self.callbacks_
            )
            raise
        finally:
            # Threads and generators cannot be pickled.
            self.workers_ = self.generators_ = self.learned_ = None
            self.generator_states, self.epochs_done = [], 0


def _take_shares(batch, parts):
    """Cut a batch; each part is as wide as its own longest row."""
    if len(parts) == 1:
        return [batch]
    X, y = batch
    shares = [({key: values[rows] for key, values in X.items()}, y[rows]) for rows in parts]
    return [({**X, "tokens": X["tokens"][:, : X["lengths"].max()]}, y) for X, y in shares]


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
