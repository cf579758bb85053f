"""What happens around each training step: learning rate, clipping, last good weights, progress."""

import math

import torch
from skorch.callbacks import Callback
from tqdm.auto import tqdm

from sklearn_protlstm.exceptions import NonFiniteLossError

__all__ = [
    "SCHEDULES",
    "EpochProgress",
    "GradientClipping",
    "LastGoodWeights",
    "LearningRateSchedule",
    "non_finite_error",
]

# An LSTM's gradient can explode over many steps; clipping its norm at 1 is customary
# (Pascanu, Mikolov, Bengio, ICML 2013, arXiv:1211.5063).
_MAX_GRADIENT_NORM = 1.0

_WARM_UP = 0.25


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


def non_finite_error(what, net):
    """Make the error for a training that has lost its way.

    Parameters
    ----------
    what : str
        "loss", "gradient", "validation loss" or "network's weights".
    net : SequenceNet
        The net in training.

    Returns
    -------
    error : NonFiniteLossError
        Names the epoch and what to try.
    """
    epoch = len(net.history)
    return NonFiniteLossError(
        f"The {what} became infinite or NaN in epoch {epoch}; the classifier goes back to the last "
        f"good weights, with which it can predict. Try a smaller lr (now {net.lr}), or clip "
        f"gradients below the norm of {_MAX_GRADIENT_NORM} that they are clipped to already, with "
        "skorch's GradientNormClipping in callbacks; and look for very large sample weights or "
        "embedding values",
        epoch=epoch,
    )


class GradientClipping(Callback):
    """Scale the gradient down to a norm of 1, and stop if it is no number."""

    def on_grad_computed(self, net, **kwargs):
        """Clip the gradients of one step.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.

        Raises
        ------
        NonFiniteLossError
            Before the weights are touched.
        """
        gradients = [parameter.grad for parameter in net.learned_parameters()]
        # torch's clip_grad_norm_ takes a tenth of a small batch's time.
        norm = torch.linalg.vector_norm(torch.cat([part.flatten() for part in gradients])).item()
        if not math.isfinite(norm):
            raise non_finite_error("gradient", net)
        if norm > _MAX_GRADIENT_NORM:
            for gradient in gradients:
                gradient *= _MAX_GRADIENT_NORM / norm


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


class LastGoodWeights(Callback):
    """Keep weights that a training which has lost its way can go back to.

    Those of the last start of an epoch that were seen to give a finite loss. Weights of single
    steps would cost a copy each, and the last ones before a NaN are seldom good for anything.
    """

    def on_train_begin(self, net, **kwargs):
        """Forget other trainings.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.candidate_ = self.good_ = None

    def on_epoch_begin(self, net, **kwargs):
        """Copy the weights.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.candidate_ = {name: value.clone() for name, value in net.module_.state_dict().items()}

    def on_batch_end(self, net, training=False, **kwargs):
        """Trust the copy once the first step has shown that it gives a finite loss.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        training : bool, default=False
            Whether the batch was one to learn from.
        **kwargs : dict
            Not used.
        """
        if training and self.candidate_ is not None:
            self.good_, self.candidate_ = self.candidate_, None

    def on_epoch_end(self, net, **kwargs):
        """Look at what no step of training has looked at yet.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.

        Raises
        ------
        NonFiniteLossError
            If the validation loss is no number, or the last step made a weight none.
        """
        if not math.isfinite(net.history[-1].get("valid_loss", 0)):
            raise non_finite_error("validation loss", net)
        if not all(torch.isfinite(weights).all() for weights in net.module_.parameters()):
            raise non_finite_error("network's weights", net)

    def on_train_end(self, net, **kwargs):
        """Free the memory.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.candidate_ = self.good_ = None

    def restore(self, net):
        """Give the net its good weights back.

        Parameters
        ----------
        net : SequenceNet
            Keeps the weights that it has where no step went well: they are its first ones.
        """
        if self.good_ is not None:
            net.module_.load_state_dict(self.good_)


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
        self.epochs_ = 0
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
        # A training that goes on from a checkpoint finds `epochs_` where it was left.
        self.epochs_ += 1
        self.bar_.update(self.epochs_ - self.bar_.n)

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
