"""ProtLSTMClassifier: an LSTM that reads token matrices, as a scikit-learn classifier."""

import os
from functools import partial
from numbers import Real

from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from sklearn_protlstm._checkpoints.resume import open_checkpoint
from sklearn_protlstm._encoding.token_matrix import occurring_tokens, renumber_tokens
from sklearn_protlstm._labels.classes import check_targets, check_targets_among
from sklearn_protlstm._net_classifier import NetClassifierMixin
from sklearn_protlstm._net_estimator import TRAINING_CONSTRAINTS, NetEstimatorMixin
from sklearn_protlstm._network.pooling import POOLINGS
from sklearn_protlstm._training.build import build_net, set_label_weights
from sklearn_protlstm._training.data import (
    drop_unlabelled,
    make_training_set,
    weigh_classes,
    weigh_labels,
)
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm._training.pretrained import check_tokens_known, set_pretrained_lr
from sklearn_protlstm._training.validation_part import hold_out
from sklearn_protlstm._training.windows import cut_training_set
from sklearn_protlstm._validation import (
    HasMethods,
    Interval,
    StrOptions,
    check_groups,
    check_tokens,
    check_weights,
    fit_context,
    positive_integer,
)
from sklearn_protlstm.language_model import find_pretrained_weights

__all__ = ["ProtLSTMClassifier"]


class ProtLSTMClassifier(NetEstimatorMixin, NetClassifierMixin, BaseEstimator):
    """Classify proteins with an LSTM that reads their residues in order.

    Put a :class:`SequenceEncoder` before it. LSTM layers read a vector for each token, the hidden
    states are pooled over the residues, and a linear layer gives a logit for each class. A protein
    has one class, or any number of labels: it depends on `y`.

    Parameters
    ----------
    hidden_size : int, default=64
        Units of each LSTM. More units remember more. Time grows with the square.
    num_layers : int, default=1
        Stacked LSTMs. A second layer seldom helps below some 10,000 sequences, unless the first
        one is `pretrained`.
    bidirectional : bool, default=True
        Whether a second LSTM reads from the C-terminus to the N-terminus.
    embedding : str or array of shape (n_tokens, n_dims), default="learned"
        Vectors of the tokens: "learned", "onehot" (all residues are equally different),
        "blosum62" (substitution scores), or an array of your own: row 0 is padding, row 1 an
        unknown residue, and the alphabet starts at row 2.
    embedding_dim : int, default=32
        Width of learned vectors.
    freeze_embedding : bool or None, default=None
        Whether the vectors stay as they are. None trains learned vectors and keeps given ones.
    pooling : str or tuple of str, default=("last", "max", "mean")
        How the hidden states of all residues become one vector: "last" (where each direction
        ends; best for position), "max" (for a motif anywhere), "mean" (for composition),
        "attention" (a learned weighted mean), "light_attention" (learned features of neighbouring
        residues, each with a weighted mean of its own; suits `pretrained`), or several,
        concatenated.
    window : int or None, default=None
        Tokens that the network reads at a time. If given, proteins are cut into overlapping
        windows, which share the label and the weight of their protein in training. The prediction
        is the normalized geometric mean over the windows. 128 suits classes that every part of a
        protein tells something about. None reads proteins whole, which signals at the termini,
        distant positions and single substitutions need.
    window_step : int or None, default=None
        Largest distance between the starts of windows. None is half a window.
    pretrained : ResidueLanguageModel, Pipeline, str, os.PathLike or None, default=None
        A fitted language model to start from, alone or at the end of a pipeline, the path of its
        model file, or "uniprot-12k", which :func:`load_pretrained` describes. Its embedding and
        LSTMs replace `bidirectional`, `embedding`, `embedding_dim` and the first of the
        `num_layers`. It helps with few or distantly related training proteins.
    pretrained_lr : float, default=0.2
        Learning rate of the pretrained weights, as a share of `lr`. A smaller one keeps more of
        what the language model has learned. 0 keeps all, and suits ``num_layers=2`` or light
        attention. If light attention is the only `pooling` and `token_dropout` is 0, it reads
        principal components of the states, which are computed once, before training. This is
        several times as fast and takes 128 bytes for each residue.
    dropout : float, default=0.2
        Share of the values that are set to zero during training: units between layers, for all
        residues of a protein at once, and values before the last layer.
    token_dropout : float, default=0.1
        Share of residues that read as unknown during training, against overfitting.
    lr : float, default=0.005
        Highest learning rate (AdamW).
    weight_decay : float, default=0.01
        Decoupled weight decay of AdamW.
    lr_schedule : {"onecycle", "cosine", "constant"}, default="onecycle"
        Course of the learning rate over the batches of all epochs.
    batch_size : int, default=32
        Sequences of a training batch.
    max_epochs : int, default=15
        Passes over the training sequences.
    early_stopping : bool, default=False
        Whether to hold out a validation part, stop when its loss no longer falls, and restore the
        weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of the distinct training rows that early stopping holds out.
    validation_split : cross-validation splitter or None, default=None
        Its first split replaces `validation_fraction`. None holds out a share of each class, or
        whole groups if ``fit`` gets ``groups``.
    patience : int, default=5
        Epochs without improvement before early stopping.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, as in scikit-learn. For labels, a dict has the weights of the
        sequences with a label, and "balanced" makes those with and without it weigh the same.
    device : str or torch.device, default="auto"
        Where to compute: "auto" is CUDA, else MPS, else the CPU. It can be changed after fitting.
    random_state : int, RandomState instance or None, default=None
        An int makes the result reproducible to the bit on one machine, for any number of threads,
        and leaves the global generators of torch and NumPy alone.
    verbose : int, default=0
        1 shows a progress bar, 2 a line for each epoch.
    callbacks : list of (str, skorch.callbacks.Callback) or None, default=None
        Further callbacks, which ``fit`` copies.
    net_params : dict or None, default=None
        Further arguments of the skorch net, such as
        ``{"optimizer": torch.optim.SGD, "optimizer__momentum": 0.9}``.
    checkpoint_dir : str, os.PathLike or None, default=None
        Folder in which ``fit`` saves the training after every epoch. Searches can share it.
    resume : bool or "matching", default=False
        Whether ``fit`` resumes from the checkpoint of an interrupted training, to the same bits
        as without the interruption. If the folder holds only checkpoints of other data or
        parameters, True raises an error and "matching", for searches, starts a new training.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes or labels. For a matrix `y`, the names or numbers of its columns.
    multilabel_ : bool
        Whether a sequence has any number of labels, instead of one class.
    vocabulary_ : ndarray of shape (n_known,)
        Tokens seen in training. Others read as unknown.
    n_features_in_ : int
        Width of the token matrix.
    n_iter_ : int
        Number of epochs run.
    net_ : SequenceNet
        The trained skorch net. ``net_.module_`` is the torch module.

    See Also
    --------
    make_kmer_baseline : What this classifier has to beat.
    ResidueLanguageModel : Learns from proteins without labels.

    Notes
    -----
    Equal rows are merged and their weights added before training. So the order of the rows does
    not matter, a weight of 2 equals two copies, and copies cost no time.

    With labels, the loss is the sum of the binary cross-entropies of the labels that are known. A
    sequence without any known label is left out.

    A prediction depends on the residues alone, not on the width of the matrix or the rest of the
    batch, up to the rounding of single precision (some 1e-7).

    On a CPU the network runs in threads of its own, which flush subnormal numbers to zero: some
    processors compute with them very slowly. A module of your own, passed in `net_params`, runs
    in these threads. Callbacks run in the thread that calls ``fit``; its mode never changes.

    Threads can share a fitted classifier. While one of them fits it, the others get a
    NotFittedError. A prediction that started before comes from the earlier fit; one that
    ``partial_fit`` interrupts raises a RuntimeError.

    References
    ----------
    Hochreiter S, Schmidhuber J. Long short-term memory. Neural Comput 9 (1997) 1735-1780.
    :doi:`10.1162/neco.1997.9.8.1735`

    Hochreiter S, Heusel M, Obermayer K. Fast model-based protein homology detection without
    alignment. Bioinformatics 23 (2007) 1728-1736. :doi:`10.1093/bioinformatics/btm247`

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
    >>> sequences = ["MNTQILVFIACVLIEAKGDKICL", "MNTQAKGDKICLILVFIACVLIE"]
    >>> model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(random_state=0))
    >>> model.fit(sequences, ["human", "dog"]).predict(sequences)
    array(['human', 'dog'], dtype='<U5')
    """

    _parameter_constraints = {
        **TRAINING_CONSTRAINTS,
        "num_layers": [positive_integer()],
        "bidirectional": ["boolean"],
        "embedding": [StrOptions({"learned", "onehot", "blosum62"}), "array-like"],
        "freeze_embedding": ["boolean", None],
        "pooling": [StrOptions(set(POOLINGS)), tuple, list],
        "window": [positive_integer(), None],
        "window_step": [positive_integer(), None],
        "pretrained": [str, os.PathLike, HasMethods(["fit"]), None],
        "pretrained_lr": [Interval(Real, 0, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "validation_split": [HasMethods(["split"]), None],
        "patience": [positive_integer()],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "callbacks": [list, None],
        "net_params": [dict, None],
    }

    def __init__(
        self,
        *,
        hidden_size=64,
        num_layers=1,
        bidirectional=True,
        embedding="learned",
        embedding_dim=32,
        freeze_embedding=None,
        pooling=("last", "max", "mean"),
        window=None,
        window_step=None,
        pretrained=None,
        pretrained_lr=0.2,
        dropout=0.2,
        token_dropout=0.1,
        lr=0.005,
        weight_decay=0.01,
        lr_schedule="onecycle",
        batch_size=32,
        max_epochs=15,
        early_stopping=False,
        validation_fraction=0.1,
        validation_split=None,
        patience=5,
        class_weight=None,
        device="auto",
        random_state=None,
        verbose=0,
        callbacks=None,
        net_params=None,
        checkpoint_dir=None,
        resume=False,
    ):
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.embedding = embedding
        self.embedding_dim = embedding_dim
        self.freeze_embedding = freeze_embedding
        self.pooling = pooling
        self.window = window
        self.window_step = window_step
        self.pretrained = pretrained
        self.pretrained_lr = pretrained_lr
        self.dropout = dropout
        self.token_dropout = token_dropout
        self.lr = lr
        self.weight_decay = weight_decay
        self.lr_schedule = lr_schedule
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.validation_split = validation_split
        self.patience = patience
        self.class_weight = class_weight
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks
        self.net_params = net_params
        self.checkpoint_dir = checkpoint_dir
        self.resume = resume

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, groups=None):
        """Train the network, from the start or from a checkpoint.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix from :class:`SequenceEncoder`. Negative numbers read as padding.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
            Classes. For several labels: 1 where a sequence has the label, 0 where it does not and
            NaN where that is unknown; or the labels of each sequence, such as
            ``[["human", "pig"], ["bird"]]``.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Non-negative weights. A weight of 2 equals two copies. Only the ratios matter.
        groups : array-like of shape (n_samples,) or None, default=None
            Families of related sequences. Early stopping keeps each family on one side of its
            split. Without early stopping they have no effect.

        Returns
        -------
        self : ProtLSTMClassifier
            The fitted classifier.

        Raises
        ------
        TypeError, ValueError
            If `X` holds strings, or the data or a parameter is not as described.
        NonFiniteLossError
            If the training diverges. The classifier can predict with the last good weights.
        DeviceUnavailableError, DeviceMemoryError
            If this machine does not have `device`, or it cannot hold a single sequence.
        CheckpointMismatchError, InvalidCheckpointError
            If `resume` finds other trainings only, or a damaged file.
        KeyboardInterrupt
            On Ctrl-C. The classifier can predict with the weights so far.
        """
        # net_ goes first and comes last, so that it never meets the labels of another fit: not if
        # this one fails, and not in another thread.
        vars(self).pop("net_", None)
        tokens = check_tokens(self, X, reset=True)
        self.classes_, labels = check_targets(tokens, y)
        self.multilabel_ = labels.ndim == 2
        weights = drop_unlabelled(check_weights(sample_weight, tokens), labels)
        groups = check_groups(groups, tokens)
        device = resolve_device(self.device)
        start = self._choose_vocabulary(tokens[weights > 0])
        rows = self._merge_rows(tokens, labels, weights, groups)
        saved = open_checkpoint(self, rows, device, start)
        self._rng = saved.rng
        train, valid = self._split_rows(rows)
        weighing = self._weigh_labels(rows)
        build = partial(
            build_net,
            self,
            device,
            self._rng,
            start=start,
            rows=train,
            label_weights=weighing,
            valid=valid,
        )
        self._fit_net(build, saved, train, valid)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train one more epoch, at a constant learning rate and without checkpoints.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix. The first call decides the width and which tokens are known.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), or list of label collections
            As for :meth:`fit`.
        classes : array-like of shape (n_classes,) or None, default=None
            All classes that may ever come, or the labels in the order of the columns of `y`. The
            first call needs them.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Non-negative weights.

        Returns
        -------
        self : ProtLSTMClassifier
            The fitted classifier.
        """
        first = not hasattr(self, "net_")
        tokens = check_tokens(self, X, reset=first)
        known = (None, None) if first else (self.classes_, self.multilabel_)
        self.classes_, labels = check_targets_among(tokens, y, classes, *known)
        self.multilabel_ = labels.ndim == 2
        weights = drop_unlabelled(check_weights(sample_weight, tokens), labels)
        if first:
            start = self._choose_vocabulary(tokens[weights > 0])
            self._rng = check_random_state(self.random_state)
        rows = self._merge_rows(tokens, labels, weights)
        device = resolve_device(self.device)
        weighing = self._weigh_labels(rows)
        train = self._cut_windows(rows)
        if first:
            net = build_net(
                self, device, self._rng, start=start, rows=train, label_weights=weighing
            )
        else:
            net = self._prepare_next_epoch(device)
            set_pretrained_lr(net, self.pretrained_lr)
            set_label_weights(net, weighing)
        self._train(net, train, epochs=1)
        return self

    def __sklearn_clone__(self):
        """Keep the language model, which would lose what it has learned."""
        return super().__sklearn_clone__().set_params(pretrained=self.pretrained)

    def _choose_vocabulary(self, tokens):
        """Set the tokens to tell apart, and return the pretrained weights, if there are any."""
        self.vocabulary_ = occurring_tokens(tokens)
        if self.pretrained is None:
            return None
        start = find_pretrained_weights(self.pretrained)
        check_tokens_known(self.vocabulary_, start)
        self.vocabulary_ = start.vocabulary
        return start

    def _merge_rows(self, tokens, labels, weights, groups=None):
        tokens = renumber_tokens(tokens, self.vocabulary_)
        rows = make_training_set(tokens, labels, weights, groups)
        return weigh_classes(rows, self.class_weight, self.classes_)

    def _weigh_labels(self, rows):
        return weigh_labels(rows, self.class_weight, self.classes_)

    def _split_rows(self, rows):
        if not self.early_stopping:
            return self._cut_windows(rows), None
        how = self.validation_split, self.validation_fraction
        parts = hold_out(rows, *how, self._rng, self.classes_)
        return [self._cut_windows(part) for part in parts]

    def _cut_windows(self, rows):
        sizes = self._window_sizes()
        return cut_training_set(rows, *sizes) if sizes else rows
