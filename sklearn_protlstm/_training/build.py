"""The parameters of the classifier become a skorch net that is ready to train."""

import copy

import numpy as np
import torch
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from sklearn_protlstm._network.embeddings import embedding_vectors
from sklearn_protlstm._network.module import POOLINGS, SequenceLSTM
from sklearn_protlstm._training.batches import OrderedBatches, ShuffledBatches
from sklearn_protlstm._training.callbacks import (
    EpochProgress,
    GradientClipping,
    LastGoodWeights,
    LearningRateSchedule,
    ValidationStopping,
)
from sklearn_protlstm._training.devices import draw_seed, seeded_torch
from sklearn_protlstm._training.net import SequenceNet, net_data
from sklearn_protlstm._validation import check_pooling

__all__ = ["build_net", "draw_seed", "module_arguments"]

# With these the optimizer cannot take a fused step, or may not.
_OTHER_STEPS = {"optimizer", "optimizer__foreach", "optimizer__differentiable"}


def build_net(
    classifier, device, rng, *, schedule="constant", n_steps=1, valid=None, checkpoint=None
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
            **_module_arguments(classifier, rng),
            **_optimizer_arguments(classifier, device),
            **_data_arguments(classifier, valid, rng),
            "callbacks": _callbacks(classifier, schedule, n_steps, valid, checkpoint),
            "device": device,
            "verbose": int(classifier.verbose >= 2),
            **(classifier.net_params or {}),
        }
        return SequenceNet(seed=draw_seed(rng), **arguments).initialize()


def _module_arguments(classifier, rng):
    return {
        # A class and its arguments. A module would be pickled twice, and without skorch's care
        # for models that come from a GPU.
        "module": SequenceLSTM,
        **{f"module__{name}": value for name, value in module_arguments(classifier, rng).items()},
    }


def module_arguments(classifier, rng):
    """Arguments of SequenceLSTM. `rng` draws learned embedding vectors."""
    freeze = classifier.freeze_embedding
    if freeze is None:
        embedding = classifier.embedding
        freeze = not (isinstance(embedding, str) and embedding == "learned")
    vectors = embedding_vectors(
        classifier.embedding, classifier.embedding_dim, classifier.vocabulary_, rng
    )
    return {
        "vectors": torch.from_numpy(vectors),
        "n_classes": len(classifier.classes_),
        "freeze_embedding": freeze,
        # torch does not take NumPy integers, which parameter grids are often made of.
        "hidden_size": int(classifier.hidden_size),
        "num_layers": int(classifier.num_layers),
        "bidirectional": classifier.bidirectional,
        "pooling": check_pooling(classifier.pooling, POOLINGS),
        "dropout": classifier.dropout,
        "token_dropout": classifier.token_dropout,
    }


def _optimizer_arguments(classifier, device):
    arguments = {
        "criterion": torch.nn.CrossEntropyLoss,
        "criterion__reduction": "none",
        "optimizer": torch.optim.AdamW,
        "optimizer__weight_decay": classifier.weight_decay,
        "lr": classifier.lr,
    }
    if not (classifier.net_params or {}).keys() & _OTHER_STEPS:
        # One pass over all weights instead of one for each operation.
        arguments["optimizer__fused"] = device.type in ("cpu", "cuda")
    return arguments


def _data_arguments(classifier, valid, rng):
    arguments = {
        "max_epochs": classifier.max_epochs,
        "batch_size": classifier.batch_size,
        "iterator_train": ShuffledBatches,
        "iterator_train__rng": np.random.RandomState(draw_seed(rng)),
        "iterator_valid": OrderedBatches,
        "train_split": None if valid is None else predefined_split(Dataset(*net_data(valid))),
    }
    if valid is None:
        arguments["callbacks__valid_acc"] = None
    return arguments


def _callbacks(classifier, schedule, n_steps, valid, checkpoint):
    stopping = ValidationStopping(patience=classifier.patience, load_best=True)
    named = {
        "clipping": GradientClipping(),
        "schedule": LearningRateSchedule(schedule, n_steps),
        "last_good_weights": LastGoodWeights(),
        "early_stopping": None if valid is None else stopping,
        "progress": EpochProgress() if classifier.verbose == 1 else None,
    }
    return [
        *((name, callback) for name, callback in named.items() if callback is not None),
        *copy.deepcopy(classifier.callbacks or []),
        # The last one, so that it writes the state at the very end of the epoch.
        *([] if checkpoint is None else [("training_checkpoint", checkpoint)]),
    ]
