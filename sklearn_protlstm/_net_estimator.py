"""What the estimators that train a network share: parameters, training and checkpoints."""

import math
import os
from numbers import Real

import torch

from sklearn_protlstm._checkpoints.resume import TrainingCheckpoint
from sklearn_protlstm._training.callbacks import (
    SCHEDULES,
    LearningRateSchedule,
    ValidationStopping,
)
from sklearn_protlstm._training.devices import draw_seed
from sklearn_protlstm._training.net import move_net
from sklearn_protlstm._training.run import train_net
from sklearn_protlstm._validation import (
    Interval,
    StrOptions,
    positive_integer,
    positive_real,
)

__all__ = ["TRAINING_CONSTRAINTS", "NetEstimatorMixin"]

#: Constraints of the parameters that every network has.
TRAINING_CONSTRAINTS = {
    "hidden_size": [positive_integer()],
    "embedding_dim": [positive_integer()],
    "dropout": [Interval(Real, 0, 1, closed="left")],
    "token_dropout": [Interval(Real, 0, 1, closed="left")],
    "lr": [positive_real()],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "lr_schedule": [StrOptions(set(SCHEDULES))],
    "batch_size": [positive_integer()],
    "max_epochs": [positive_integer()],
    "device": [str, torch.device],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    "checkpoint_dir": [str, os.PathLike, None],
    "resume": ["boolean", StrOptions({"matching"})],
}


class NetEstimatorMixin:
    """Train a net for an estimator that reads token matrices and keeps the net as ``net_``.

    While a net trains, the estimator has none, so another thread cannot compute with it.
    """

    @property
    def history_(self):
        """Losses and seconds of each epoch, as skorch's list of dicts."""
        return self.net_.history

    def __sklearn_tags__(self):
        """Declare the numbers in X as categories."""
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        return tags

    def _fit_net(self, build, saved, train, valid=None):
        """Build a net and train it, or restore it from the checkpoint of a finished training."""
        checkpoint = saved.start(train, valid)
        net = build(
            schedule=self.lr_schedule,
            n_steps=self.max_epochs * math.ceil(len(train) / self.batch_size),
            checkpoint=checkpoint.callback,
        )
        if checkpoint.finished:
            checkpoint.restore(net)
            self._finish_training(net)
        else:
            self._train(net, train)
            checkpoint.write(net)

    def _prepare_next_epoch(self, device):
        """Return the net, ready for one more epoch at a constant learning rate."""
        net = self.net_
        move_net(net, device)
        net.lr = self.lr
        if schedule := net.find_callback(LearningRateSchedule):
            schedule.schedule = "constant"
        net.seed = draw_seed(self._rng)
        return net

    def _train(self, net, rows, epochs=None):
        try:
            vars(self).pop("net_", None)
            train_net(net, rows, epochs)
        finally:
            self._finish_training(net)

    def _finish_training(self, net):
        # Otherwise the model is pickled with its validation part, for which partial_fit looks.
        net.train_split = None
        net.drop_callbacks(ValidationStopping, TrainingCheckpoint)
        self.n_iter_ = len(net.history)
        self.net_ = net
