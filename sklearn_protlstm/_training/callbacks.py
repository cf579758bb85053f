"""What happens around each training step: learning rate, clipping, last good weights, progress."""

import math

import torch
from skorch.callbacks import Callback, EarlyStopping
from tqdm.auto import tqdm

from sklearn_protlstm.exceptions import NonFiniteLossError

__all__ = [
    "SCHEDULES",
    "EpochProgress",
    "GradientClipping",
    "LastGoodWeights",
    "LearningRateSchedule",
    "ValidationStopping",
    "non_finite_error",
]

# The gradient of an LSTM can explode over many steps. A norm of 1 is a usual limit
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
    """Make the error of a training that diverges; `what` became infinite or NaN."""
    epoch = len(net.history)
    return NonFiniteLossError(
        f"The {what} became infinite or NaN in epoch {epoch}. The classifier keeps the last good "
        f"weights and can predict. Try a smaller lr (now {net.lr}), or clip gradients below a norm "
        f"of {_MAX_GRADIENT_NORM}, the present limit, with skorch's GradientNormClipping in "
        "callbacks. Also look for very large sample weights or embedding values",
        epoch=epoch,
    )


class GradientClipping(Callback):
    """Scale the gradient down to a norm of 1, and raise an error if it is not finite."""

    def on_grad_computed(self, net, **kwargs):
        """Clip the gradients before the optimizer uses them."""
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

    A group of parameters may have an "lr_factor" of its own.

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
        """Start to count the batches."""
        self.step_ = 0

    def on_batch_begin(self, net, training=False, **kwargs):
        """Set the learning rate. Batches of the validation part do not count."""
        if training:
            factor = SCHEDULES[self.schedule](min(1.0, self.step_ / self.n_steps))
            for group in net.optimizer_.param_groups:
                group["lr"] = net.lr * factor * group.get("lr_factor", 1.0)
            self.step_ += 1


class LastGoodWeights(Callback):
    """Keep the weights to which a training that diverges returns.

    These are the weights at the start of the last epoch whose first batch had a finite loss. To
    copy the weights at every step would be slow, and those just before a NaN are rarely useful.
    """

    def on_train_begin(self, net, **kwargs):
        """Forget the weights of earlier trainings."""
        self.candidate_ = self.good_ = None

    def on_epoch_begin(self, net, **kwargs):
        """Copy the weights."""
        self.candidate_ = {name: value.clone() for name, value in net.module_.state_dict().items()}

    def on_batch_end(self, net, training=False, **kwargs):
        """Accept the copy after the first step with a finite loss."""
        if training and self.candidate_ is not None:
            self.good_, self.candidate_ = self.candidate_, None

    def on_epoch_end(self, net, **kwargs):
        """Check what the training steps do not check: validation loss and final weights."""
        if not math.isfinite(net.history[-1].get("valid_loss", 0)):
            raise non_finite_error("validation loss", net)
        if not all(torch.isfinite(weights).all() for weights in net.module_.parameters()):
            raise non_finite_error("network's weights", net)

    def on_train_end(self, net, **kwargs):
        """Free the memory."""
        self.candidate_ = self.good_ = None

    def restore(self, net):
        """Give the net its good weights, or leave the initial ones if no step was finite."""
        if self.good_ is not None:
            net.module_.load_state_dict(self.good_)


class ValidationStopping(EarlyStopping):
    """Stop when the validation loss no longer falls, and restore the best epoch."""


class EpochProgress(Callback):
    """Show a progress bar over epochs with the latest losses."""

    def on_train_begin(self, net, **kwargs):
        """Draw an empty bar."""
        self.epochs_ = 0
        self.bar_ = tqdm(total=net.max_epochs, unit="epoch")

    def on_epoch_end(self, net, **kwargs):
        """Move the bar by one epoch."""
        epoch = net.history[-1]
        shown = {key: epoch[key] for key in ("train_loss", "valid_loss") if key in epoch}
        self.bar_.set_postfix(shown, refresh=False)
        # A resumed training has set `epochs_` to the epochs that are done.
        self.epochs_ += 1
        self.bar_.update(self.epochs_ - self.bar_.n)

    def on_train_end(self, net, **kwargs):
        """Close the bar."""
        self.bar_.close()
        del self.bar_
