"""The parameters of the classifier become a skorch net that is ready to train."""

import copy

import numpy as np
import torch
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from sklearn_protlstm._network.embeddings import embedding_vectors
from sklearn_protlstm._network.language import LanguageLSTM
from sklearn_protlstm._network.losses import LabelLosses, RowLosses
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._network.pooling import POOLINGS
from sklearn_protlstm._training.batches import OrderedBatches, ShuffledBatches
from sklearn_protlstm._training.callbacks import (
    EpochProgress,
    GradientClipping,
    LastGoodWeights,
    LearningRateSchedule,
    ValidationStopping,
)
from sklearn_protlstm._training.components import project_on_components
from sklearn_protlstm._training.devices import draw_seed, seeded_torch
from sklearn_protlstm._training.net import SequenceNet, net_data
from sklearn_protlstm._training.pretrained import (
    PRETRAINED_GROUPS,
    reads_components,
    set_pretrained_lr,
)
from sklearn_protlstm._validation import check_pooling

__all__ = [
    "build_language_net",
    "build_net",
    "draw_seed",
    "language_module_arguments",
    "module_arguments",
    "set_label_weights",
]

# With these the optimizer cannot take a fused step, or may not.
_OTHER_STEPS = {"optimizer", "optimizer__foreach", "optimizer__differentiable"}


def build_net(
    classifier,
    device,
    rng,
    *,
    start=None,
    rows=None,
    label_weights=None,
    schedule="constant",
    n_steps=1,
    valid=None,
    checkpoint=None,
):
    """Build an initialized net.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        Its parameters, ``classes_`` and ``vocabulary_`` are read.
    device : torch.device
        Where to train.
    rng : numpy.random.RandomState
        Decides the initial weights, the order of the batches, and dropout.
    start : PretrainedWeights or None, default=None
        Weights to start from. None draws them.
    rows : TrainingSet or None, default=None
        Training rows, whose principal components are set if the network reads nothing else and
        the weights of `start` stay as they are. None leaves that to weights that are loaded later.
    label_weights : Tensor of shape (n_classes, 3) or None, default=None
        As for :class:`LabelLosses`. None is for one class for each row.
    schedule : str, default="constant"
        A key of ``SCHEDULES``.
    n_steps : int, default=1
        Batches of the whole training, over which the learning rate follows its schedule.
    valid : TrainingSet or None, default=None
        Validation part of early stopping.
    checkpoint : TrainingCheckpoint or None, default=None
        The callback that writes checkpoints.

    Returns
    -------
    net : SequenceNet
        Initialized.
    """
    if "criterion__reduction" in (classifier.net_params or {}):
        raise ValueError(
            "net_params sets criterion__reduction, which would change what sample weights do. "
            "Leave it out: the loss is the weighted mean over each batch"
        )
    with seeded_torch(draw_seed(rng), device):
        arguments = {
            **_module_arguments(SequenceLSTM, module_arguments(classifier, rng, start)),
            **_criterion_arguments(label_weights),
            **_optimizer_arguments(classifier, device, classifier.net_params or {}),
            **({} if start is None else {"optimizer__param_groups": PRETRAINED_GROUPS}),
            **_data_arguments(classifier, valid, rng),
            "callbacks": [
                *_callbacks(classifier, schedule, n_steps),
                *_stopping(classifier, valid),
                *copy.deepcopy(classifier.callbacks or []),
                *_last_callback(checkpoint),
            ],
            "device": device,
            "verbose": int(classifier.verbose >= 2),
            **(classifier.net_params or {}),
        }
        net = SequenceNet(seed=draw_seed(rng), **arguments).initialize()
    if start is not None:
        start.load_into(net.module_)
        set_pretrained_lr(net, classifier.pretrained_lr)
        if rows is not None and classifier.pretrained_lr == 0 and reads_components(net.module_):
            project_on_components(net.module_, rows, device)
    return net


def build_language_net(model, device, rng, *, schedule="constant", n_steps=1, checkpoint=None):
    """Build the initialized net of a language model.

    Parameters
    ----------
    model : ResidueLanguageModel
        Its parameters and ``vocabulary_`` are read.
    device : torch.device
        Where to train.
    rng : numpy.random.RandomState
        Decides the initial weights, the order of the batches, and dropout.
    schedule : str, default="constant"
        A key of ``SCHEDULES``.
    n_steps : int, default=1
        Batches of the whole training.
    checkpoint : TrainingCheckpoint or None, default=None
        The callback that writes checkpoints.

    Returns
    -------
    net : SequenceNet
        Initialized.
    """
    with seeded_torch(draw_seed(rng), device):
        arguments = {
            **_module_arguments(LanguageLSTM, language_module_arguments(model, rng)),
            "criterion": RowLosses,
            **_optimizer_arguments(model, device, {}),
            **_data_arguments(model, None, rng),
            "callbacks": [*_callbacks(model, schedule, n_steps), *_last_callback(checkpoint)],
            "device": device,
            "verbose": int(model.verbose >= 2),
        }
        return SequenceNet(seed=draw_seed(rng), **arguments).initialize()


def language_module_arguments(model, rng):
    """Arguments of LanguageLSTM. `rng` draws the embedding vectors."""
    vectors = embedding_vectors("learned", model.embedding_dim, model.vocabulary_, rng)
    return {
        "vectors": torch.from_numpy(vectors),
        "hidden_size": int(model.hidden_size),
        "dropout": model.dropout,
        "token_dropout": model.token_dropout,
    }


def _module_arguments(module, arguments):
    # A class and its arguments. A module would be pickled twice, and without skorch's care for
    # models that come from a GPU.
    return {"module": module, **{f"module__{name}": arguments[name] for name in arguments}}


def module_arguments(classifier, rng, start=None):
    """Arguments of SequenceLSTM. `rng` draws learned embedding vectors.

    With pretrained weights as `start`, the embedding and the first layer have their shape.
    """
    freeze = classifier.freeze_embedding
    shared = {
        "n_classes": len(classifier.classes_),
        "pooling": check_pooling(classifier.pooling, POOLINGS),
        "dropout": classifier.dropout,
        "token_dropout": classifier.token_dropout,
    }
    # torch does not take NumPy integers, which parameter grids are often made of.
    hidden_sizes = (int(classifier.hidden_size),) * int(classifier.num_layers)
    if start is not None:
        return {
            "vectors": start.vectors,
            "freeze_embedding": bool(freeze),
            "hidden_sizes": (start.hidden_size, *hidden_sizes[1:]),
            "bidirectional": True,
            **shared,
        }
    if freeze is None:
        embedding = classifier.embedding
        freeze = not (isinstance(embedding, str) and embedding == "learned")
    vectors = embedding_vectors(
        classifier.embedding, classifier.embedding_dim, classifier.vocabulary_, rng
    )
    return {
        "vectors": torch.from_numpy(vectors),
        "freeze_embedding": freeze,
        "hidden_sizes": hidden_sizes,
        "bidirectional": classifier.bidirectional,
        **shared,
    }


def _criterion_arguments(label_weights):
    if label_weights is None:
        return {"criterion": torch.nn.CrossEntropyLoss, "criterion__reduction": "none"}
    # skorch would score the predictions of the validation part as classes.
    return {
        "criterion": LabelLosses,
        "criterion__weights": label_weights,
        "callbacks__valid_acc": None,
    }


def set_label_weights(net, label_weights):
    """Replace the weights of the labels, which another batch of sequences may change."""
    if label_weights is not None:
        net.criterion_.weights.copy_(label_weights)


def _optimizer_arguments(estimator, device, net_params):
    arguments = {
        "optimizer": torch.optim.AdamW,
        "optimizer__weight_decay": estimator.weight_decay,
        "lr": estimator.lr,
    }
    if not net_params.keys() & _OTHER_STEPS:
        # One pass over all weights instead of one for each operation.
        arguments["optimizer__fused"] = device.type in ("cpu", "cuda")
    return arguments


def _data_arguments(estimator, valid, rng):
    arguments = {
        "max_epochs": estimator.max_epochs,
        "batch_size": estimator.batch_size,
        "iterator_train": ShuffledBatches,
        "iterator_train__rng": np.random.RandomState(draw_seed(rng)),
        "iterator_valid": OrderedBatches,
        "train_split": None if valid is None else predefined_split(Dataset(*net_data(valid))),
    }
    if valid is None:
        arguments["callbacks__valid_acc"] = None
    return arguments


def _callbacks(estimator, schedule, n_steps):
    named = {
        "clipping": GradientClipping(),
        "schedule": LearningRateSchedule(schedule, n_steps),
        "last_good_weights": LastGoodWeights(),
    }
    if estimator.verbose == 1:
        named["progress"] = EpochProgress()
    return list(named.items())


def _stopping(classifier, valid):
    if valid is None:
        return []
    return [("early_stopping", ValidationStopping(patience=classifier.patience, load_best=True))]


def _last_callback(checkpoint):
    # After all others, so that it writes the state at the very end of the epoch.
    return [] if checkpoint is None else [("training_checkpoint", checkpoint)]
