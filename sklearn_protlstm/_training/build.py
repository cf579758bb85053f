"""How the parameters of the classifier become a skorch net, ready to be trained."""

import copy
import math

import numpy as np
import torch
from skorch.callbacks import EarlyStopping
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
)
from sklearn_protlstm._training.net import SequenceNet, net_data
from sklearn_protlstm._validation import check_pooling

__all__ = ["build_net", "draw_seed"]

# With these the optimizer cannot take a fused step, or may not.
_OTHER_STEPS = {"optimizer", "optimizer__foreach", "optimizer__differentiable"}


def build_net(classifier, train, valid, device, *, schedule, rng, checkpoint=None):
    """Put a net together.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        Its parameters, ``classes_`` and ``vocabulary_`` are read.
    train : TrainingSet
        Its length and the batch size decide the number of steps.
    valid : TrainingSet or None
        Validation part of early stopping.
    device : torch.device
        Where to train.
    schedule : str
        A key of ``SCHEDULES``.
    rng : numpy.random.RandomState
        Decides the start vectors, the order of the batches, and what is dropped.
    checkpoint : TrainingCheckpoint or None, default=None
        The callback that keeps the training on disk.

    Returns
    -------
    net : SequenceNet
        Not yet initialized.
    """
    n_steps = classifier.max_epochs * math.ceil(len(train) / classifier.batch_size)
    early_stopping = EarlyStopping(patience=classifier.patience, load_best=True)
    callbacks = [
        ("clipping", GradientClipping()),
        ("schedule", LearningRateSchedule(schedule, n_steps)),
        ("last_good_weights", LastGoodWeights()),
        ("early_stopping", None if valid is None else early_stopping),
        ("progress", EpochProgress() if classifier.verbose == 1 else None),
        *copy.deepcopy(classifier.callbacks or []),
        # Behind all others, so that what it writes is the state at the very end of the epoch.
        ("training_checkpoint", checkpoint),
    ]
    arguments = {
        # A class and its arguments: a ready module would be pickled a second time, and without
        # skorch's care for models that come from a GPU.
        "module": SequenceLSTM,
        **{f"module__{name}": value for name, value in _module_arguments(classifier, rng).items()},
        "criterion": torch.nn.CrossEntropyLoss,
        "criterion__reduction": "none",
        "optimizer": torch.optim.AdamW,
        "optimizer__weight_decay": classifier.weight_decay,
        "lr": classifier.lr,
        "max_epochs": classifier.max_epochs,
        "batch_size": classifier.batch_size,
        "iterator_train": ShuffledBatches,
        "iterator_train__rng": np.random.RandomState(draw_seed(rng)),
        "iterator_valid": OrderedBatches,
        "train_split": None if valid is None else predefined_split(Dataset(*net_data(valid))),
        "callbacks": [named for named in callbacks if not _is_absent(named)],
        "device": device,
        "verbose": int(classifier.verbose >= 2),
    }
    if valid is None:
        arguments["callbacks__valid_acc"] = None
    net_params = classifier.net_params or {}
    if not net_params.keys() & _OTHER_STEPS:
        # One pass over all weights instead of one for each operation.
        arguments["optimizer__fused"] = device.type in ("cpu", "cuda")
    arguments |= net_params
    return SequenceNet(seed=draw_seed(rng), **arguments)


def _is_absent(named):
    # A user's entry may be of any kind that skorch takes, and is left for skorch to judge.
    return isinstance(named, tuple) and len(named) == 2 and named[1] is None


def _module_arguments(classifier, rng):
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
        # torch takes no NumPy integers, which grids of parameters are often made of.
        "hidden_size": int(classifier.hidden_size),
        "num_layers": int(classifier.num_layers),
        "bidirectional": classifier.bidirectional,
        "pooling": check_pooling(classifier.pooling, POOLINGS),
        "dropout": classifier.dropout,
        "token_dropout": classifier.token_dropout,
    }


def draw_seed(rng):
    """Draw a seed for another generator.

    Parameters
    ----------
    rng : numpy.random.RandomState
        It advances by one number.

    Returns
    -------
    seed : int
        From 0 to 2**31 - 2.
    """
    return rng.randint(2**31 - 1)
