"""The skorch net: batches with lengths and weights, computed by worker threads."""

import math

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import EarlyStopping
from skorch.utils import to_tensor

from sklearn_protlstm._network.language import LanguageLSTM
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training.batches import cut_shares
from sklearn_protlstm._training.callbacks import non_finite_error
from sklearn_protlstm._training.components import compute_components
from sklearn_protlstm._training.memory import compute_in_parts, cut_rows, halve_rows
from sklearn_protlstm._training.threads import worker_threads

__all__ = ["SequenceNet", "move_net", "net_data"]

# Modules whose learn_two_ways() lets two threads share the work on some rows.
_TWO_WAY_MODULES = (SequenceLSTM, LanguageLSTM)


class SequenceNet(NeuralNetClassifier):
    """A skorch classifier whose batches carry lengths and sample weights.

    ``X`` is a dict of "tokens", "lengths" and "weights". The criterion has ``reduction="none"``.
    If the head alone learns and reads components of the states, they are computed once.

    A batch is cut into shares, which threads take through the network and back. Shares that the
    device cannot hold are halved. Either way the optimizer sees the gradient of the whole batch.

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

    def find_callback(self, kind):
        """Return the first callback of a class, or None."""
        found = (callback for _, callback in self.callbacks_ if isinstance(callback, kind))
        return next(found, None)

    def drop_callbacks(self, *kinds):
        """Remove the callbacks of some classes, also those that a new training would start with."""
        self.callbacks_ = [named for named in self.callbacks_ if not isinstance(named[1], kinds)]
        if isinstance(self.callbacks, list):
            self.callbacks = [given for given in self.callbacks if not _is_any(given, kinds)]

    def learned_parameters(self):
        """List the parameters that are trained in this epoch."""
        if self.learned_ is None:
            self.learned_ = [p for p in self.module_.parameters() if p.requires_grad]
        return self.learned_

    def fit_loop(self, X, y=None, epochs=None, **fit_params):
        """Train `epochs` epochs, or `max_epochs` less those that a checkpoint has done.

        skorch ends a training by a KeyboardInterrupt both for Ctrl-C and for early stopping.
        `interrupted` tells whether it was Ctrl-C.
        """
        self.interrupted = False
        try:
            self.generators_ = [
                torch.Generator(self.device).set_state(state) for state in self.generator_states
            ]
            if epochs is None:
                epochs = self.max_epochs - self.epochs_done
            X = self._add_components(X)
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

    def run_single_epoch(self, *args, **kwargs):
        """Train or validate for one epoch."""
        # Callbacks freeze and unfreeze parameters between epochs. To look for them in every batch
        # takes longer than the step of the optimizer.
        self.learned_ = None
        self.keeps_components_ = self._keeps_components()
        # The gradient of a parameter that is frozen from now on would move it at every step.
        self.module_.zero_grad()
        super().run_single_epoch(*args, **kwargs)

    def train_step_single(self, batch, **fit_params):
        """Compute loss and gradients of a batch.

        Raises NonFiniteLossError before the optimizer uses a loss that is not finite.
        """
        if not self.module_.training:
            self._set_training(True)
        losses, logits, gradients = zip(*self._learn_batch(batch))
        loss = sum(losses)
        if not math.isfinite(loss.item()):
            raise non_finite_error("loss", self)
        for parameter, parts in zip(self.learned_parameters(), zip(*gradients)):
            parameter.grad = sum(parts[1:], start=parts[0])
        return {"loss": loss, "y_pred": torch.cat(logits)}

    def validation_step(self, batch, **fit_params):
        """Compute the loss of a batch without learning from it."""
        self._set_training(False)
        X, y = batch

        def cut_parts():
            return _take_shares(batch, cut_rows(slice(0, len(y)), self.most_rows))

        def judge(share):
            with torch.no_grad():
                return self.infer(share[0])

        logits = torch.cat(self._compute(judge, cut_parts, shape_of=_shape_of))
        return {"loss": self.get_loss(logits, y, X=X), "y_pred": logits}

    def infer(self, x, generator=None, **fit_params):
        """Compute the logits of a batch, with the random numbers of a generator in training."""
        x = self._on_device(x)
        if "components" in x and self.keeps_components_:
            return self.module_.read_components(x["components"].float(), x["lengths"], generator)
        return self.module_(x["tokens"], x["lengths"], generator)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        """Compute the weighted mean loss of a batch; the weights have mean 1 over all rows."""
        losses = self.criterion_(y_pred, self._on_device(y_true))
        return losses @ self._on_device(X["weights"]) / len(losses)

    def _learn_batch(self, batch):
        """Loss, logits and gradients of each share of a batch."""
        n_rows, states = len(batch[1]), []

        def cut_parts():
            shares = self._share_batch(batch)
            generators = self._generators(shares)
            # A second attempt draws what the first one drew.
            for generator, state in zip(generators, states):
                generator.set_state(state)
            states.extend(generator.get_state() for generator in generators[len(states) :])
            # Rows are sorted by length. The longest share starts first, so that none is left to
            # one thread at the end.
            return list(zip(shares, generators))[::-1]

        def learn(part):
            return self._learn_share(*part, n_rows)

        return self._compute(learn, cut_parts, shape_of=lambda part: _shape_of(part[0]))[::-1]

    def _compute(self, compute, cut_parts, shape_of):
        def shrink(n_rows, n_steps):
            self.most_rows = halve_rows(n_rows, n_steps, self.device)

        return compute_in_parts(self.workers_, compute, cut_parts, shape_of, shrink)

    def _learn_share(self, share, generator, n_rows):
        X, y = self._on_device(share[0]), share[1]

        def compute_loss(logits):
            return self.get_loss(logits, y, X=X, training=True) * (len(y) / n_rows)

        learned = self.learned_parameters()
        if self._reads_two_ways():
            # A thread that has no share left takes one direction of another thread's share.
            loss, logits, gradients = self.module_.learn_two_ways(
                X["tokens"], X["lengths"], compute_loss, generator, self.workers_.both
            )
            return loss, logits, [gradients[parameter] for parameter in learned]
        logits = self.infer(X, generator=generator)
        loss = compute_loss(logits)
        return loss.detach(), logits.detach(), torch.autograd.grad(loss, learned)

    def _share_batch(self, batch):
        X, y = batch
        shares = [slice(0, len(y))]
        if self._on_cpu():
            shares = cut_shares(*X["tokens"].shape, self._reads_two_ways())
        return _take_shares(
            batch, [part for rows in shares for part in cut_rows(rows, self.most_rows)]
        )

    def _generators(self, shares):
        # Each share has its own, so what it draws does not depend on how fast the others are.
        for number in range(len(self.generators_), len(shares)):
            seed = int(np.random.SeedSequence((self.seed, number)).generate_state(1)[0])
            self.generators_.append(torch.Generator(self.device).manual_seed(seed))
        return self.generators_[: len(shares)]

    def _reads_two_ways(self):
        # The module may be the user's own, with another way to compute. A head that learns alone
        # is one graph, which needs no second thread.
        two_ways = type(self.module_) in _TWO_WAY_MODULES and self.module_.reads_two_ways
        return two_ways and not self.keeps_components_

    def _keeps_components(self):
        return type(self.module_) is SequenceLSTM and self.module_.keeps_components

    def _add_components(self, X):
        if not self._keeps_components():
            return X
        module, device = self.module_.eval(), torch.device(self.device)
        components = compute_components(module, X["tokens"], X["lengths"], device)
        return X if components is None else {**X, "components": components}

    def _on_device(self, data):
        # On a CPU the batches are there already, and even to check that takes time.
        return data if self._on_cpu() else to_tensor(data, device=self.device)

    def _on_cpu(self):
        return torch.device(self.device).type == "cpu"

    def _zero_grad_optimizer(self, set_to_none=None):
        """Do nothing: each step sets the gradients, and none adds to those of the step before."""


def _take_shares(batch, parts):
    """Cut a batch; each part is as wide as its own longest row."""
    if len(parts) == 1:
        return [batch]
    X, y = batch
    shares = [({key: values[rows] for key, values in X.items()}, y[rows]) for rows in parts]
    return [(_cut_columns(X), y) for X, y in shares]


def _cut_columns(X):
    longest = X["lengths"].max()
    wide = {name: X[name][:, :longest] for name in ("tokens", "components") if name in X}
    return X | wide


def _is_any(given, kinds):
    # skorch takes callbacks with a name and without.
    return isinstance(given[-1] if isinstance(given, tuple) else given, kinds)


def _shape_of(share):
    return tuple(share[0]["tokens"].shape)


def net_data(training_set):
    """Return X and y of a TrainingSet in the form that the net takes."""
    X = {
        "tokens": training_set.tokens,
        "lengths": training_set.lengths,
        "weights": training_set.weights.astype(np.float32),
    }
    return X, training_set.labels


def move_net(net, device):
    """Move a trained net and its optimizer to a device, in place."""
    if torch.device(net.device) == device:
        return
    net.module_.to(device)
    net.criterion_.to(device)
    # An optimizer that loads its own state follows its parameters.
    net.optimizer_.load_state_dict(net.optimizer_.state_dict())
    net.device = device
