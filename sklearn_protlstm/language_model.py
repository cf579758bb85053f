"""ResidueLanguageModel: learn what proteins look like from sequences without labels."""

import math
import os
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from sklearn_protlstm._checkpoints.resume import open_checkpoint
from sklearn_protlstm._encoding.token_matrix import (
    occurring_tokens,
    renumber_tokens,
    residue_lengths,
)
from sklearn_protlstm._net_estimator import TRAINING_CONSTRAINTS, NetEstimatorMixin
from sklearn_protlstm._training.build import build_language_net
from sklearn_protlstm._training.data import make_training_set
from sklearn_protlstm._training.devices import resolve_device
from sklearn_protlstm._training.inference import compute_rows
from sklearn_protlstm._training.net import move_net
from sklearn_protlstm._training.pretrained import PretrainedWeights
from sklearn_protlstm._training.windows import cut_windows, take_windows
from sklearn_protlstm._validation import check_tokens, fit_context, positive_integer
from sklearn_protlstm.persistence import load_model
from sklearn_protlstm.pretrained import PRETRAINED_MODELS, load_pretrained

__all__ = ["ResidueLanguageModel"]

_POOLING = ("last", "max", "mean")


class ResidueLanguageModel(
    NetEstimatorMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Learn to predict each residue of a protein from its neighbours on either side.

    One LSTM reads from the N-terminus and predicts the next residue; another one reads from the
    C-terminus and predicts the previous residue. No labels are needed. A
    :class:`ProtLSTMClassifier` that starts from such a model (``pretrained=model``) needs fewer
    labelled proteins, and :meth:`transform` makes features for any classifier.

    Put a :class:`SequenceEncoder` with ``k=1`` before it.

    Parameters
    ----------
    hidden_size : int, default=128
        Units of each LSTM. More units learn more from millions of residues. Time grows with the
        square. A classifier that starts from the model has the same number.
    embedding_dim : int, default=32
        Width of the learned vectors of the tokens.
    dropout : float, default=0.1
        Share of the units that are set to zero for a whole crop during training.
    token_dropout : float, default=0.05
        Share of residues that read as unknown during training. They are predicted nevertheless.
    crop_length : int, default=512
        Longer proteins are cut into crops of at most this many residues for training. Longer
        crops teach more distant relations and take more memory.
    lr : float, default=0.004
        Highest learning rate (AdamW).
    weight_decay : float, default=0.01
        Decoupled weight decay of AdamW.
    lr_schedule : {"onecycle", "cosine", "constant"}, default="onecycle"
        Course of the learning rate over the batches of all epochs.
    batch_size : int, default=64
        Crops of a training batch.
    max_epochs : int, default=8
        Passes over the training sequences.
    device : str or torch.device, default="auto"
        Where to compute: "auto" is CUDA, else MPS, else the CPU. It can be changed after fitting.
    random_state : int, RandomState instance or None, default=None
        An int makes the result reproducible to the bit on one machine.
    verbose : int, default=0
        1 shows a progress bar, 2 a line for each epoch.
    checkpoint_dir : str, os.PathLike or None, default=None
        Folder in which ``fit`` saves the training after every epoch.
    resume : bool or "matching", default=False
        Whether ``fit`` resumes from the checkpoint of an interrupted training, as in
        :class:`ProtLSTMClassifier`.

    Attributes
    ----------
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
    ProtLSTMClassifier : Takes a language model as `pretrained`.

    Notes
    -----
    Equal sequences are merged and count as often as they come.

    References
    ----------
    Howard J, Ruder S. Universal language model fine-tuning for text classification. ACL (2018)
    328-339. :doi:`10.18653/v1/P18-1031`

    Strodthoff N, Wagner P, Wenzel M, Samek W. UDSMProt: universal deep sequence models for protein
    classification. Bioinformatics 36 (2020) 2401-2409. :doi:`10.1093/bioinformatics/btaa003`

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_protlstm import ResidueLanguageModel, SequenceEncoder
    >>> model = make_pipeline(
    ...     SequenceEncoder(),
    ...     ResidueLanguageModel(hidden_size=4, max_epochs=60, batch_size=4, random_state=0),
    ... )
    >>> sequences = ["ACDACDACDACD", "CDACDACDAC"] * 4
    >>> features = model.fit_transform(sequences)
    >>> features.shape
    (8, 24)
    """

    _parameter_constraints = {**TRAINING_CONSTRAINTS, "crop_length": [positive_integer()]}

    def __init__(
        self,
        *,
        hidden_size=128,
        embedding_dim=32,
        dropout=0.1,
        token_dropout=0.05,
        crop_length=512,
        lr=0.004,
        weight_decay=0.01,
        lr_schedule="onecycle",
        batch_size=64,
        max_epochs=8,
        device="auto",
        random_state=None,
        verbose=0,
        checkpoint_dir=None,
        resume=False,
    ):
        self.hidden_size = hidden_size
        self.embedding_dim = embedding_dim
        self.dropout = dropout
        self.token_dropout = token_dropout
        self.crop_length = crop_length
        self.lr = lr
        self.weight_decay = weight_decay
        self.lr_schedule = lr_schedule
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint_dir = checkpoint_dir
        self.resume = resume

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Train the network, from the start or from a checkpoint.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix from :class:`SequenceEncoder`.
        y : None
            Ignored.

        Returns
        -------
        self : ResidueLanguageModel
            The fitted model.

        Raises
        ------
        TypeError, ValueError
            If `X` holds strings, no row has two residues, or a parameter is not as described.
        NonFiniteLossError
            If the training diverges. The model has the last good weights.
        DeviceUnavailableError, DeviceMemoryError
            If this machine does not have `device`, or it cannot hold a single sequence.
        CheckpointMismatchError, InvalidCheckpointError
            If `resume` finds other trainings only, or a damaged file.
        KeyboardInterrupt
            On Ctrl-C. The model has the weights so far.
        """
        vars(self).pop("net_", None)
        tokens = check_tokens(self, X, reset=True)
        device = resolve_device(self.device)
        self.vocabulary_ = occurring_tokens(tokens)
        crops = _cut_crops(renumber_tokens(tokens, self.vocabulary_), self.crop_length)
        saved = open_checkpoint(self, crops, device)
        self._rng = saved.rng
        self._fit_net(partial(build_language_net, self, device, self._rng), saved, crops)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None):
        """Train one more epoch, at a constant learning rate and without checkpoints.

        Call it on a model that is already fitted to adapt it to proteins of your own. A learning
        rate below that of ``fit``, such as ``set_params(lr=0.001)``, keeps more of what the model
        has learned.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix. The first call decides the width and which tokens are known.
        y : None
            Ignored.

        Returns
        -------
        self : ResidueLanguageModel
            The fitted model.
        """
        first = not hasattr(self, "net_")
        tokens = check_tokens(self, X, reset=first)
        if first:
            self.vocabulary_ = occurring_tokens(tokens)
            self._rng = check_random_state(self.random_state)
        crops = _cut_crops(renumber_tokens(tokens, self.vocabulary_), self.crop_length)
        device = resolve_device(self.device)
        if first:
            net = build_language_net(self, device, self._rng)
        else:
            net = self._prepare_next_epoch(device)
        self._train(net, crops, epochs=1)
        return self

    def transform(self, X):
        """Summarize the states of the network over each protein.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``.

        Returns
        -------
        features : ndarray of shape (n_samples, 6 * hidden_size), dtype float32
            Last, highest and mean states of the units that read from the N-terminus and of those
            that read from the C-terminus. Scale them before a linear model.
        """
        return self._compute(X, "pool", self._n_features_out, _POOLING)

    def perplexity(self, X):
        """Compute the perplexity per residue: how many residues seem equally likely on average.

        It is 20 for a model that has learned nothing, and about 18 for one that knows the
        frequencies of the residues.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``. Use proteins that are not related to those
            of the training.

        Returns
        -------
        perplexity : float
            Exponential of the mean negative log-likelihood of a residue, over both directions.
        """
        return float(np.exp(-self.score(X)))

    def score(self, X, y=None):
        """Compute the mean log-likelihood of a residue, in nats, over both directions.

        Parameters
        ----------
        X : array-like of shape (n_samples, max_length)
            Token matrix of the width seen in ``fit``.
        y : None
            Ignored.

        Returns
        -------
        log_likelihood : float
            Higher is better. NaN if no protein has two known residues.
        """
        rows = self._compute(X, "log_likelihoods", 4)
        sums = rows.astype(np.float64).sum(axis=0)
        n_residues = sums[1] + sums[3]
        return float((sums[0] + sums[2]) / n_residues) if n_residues else math.nan

    @property
    def _n_features_out(self):
        return 2 * len(_POOLING) * self.net_.module_.heads[0].in_features

    def __sklearn_tags__(self):
        """Declare that the features have a dtype of their own."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _compute(self, X, method, n_columns, *args):
        check_is_fitted(self, "net_")
        tokens = check_tokens(self, X, reset=False)
        device = resolve_device(self.device)
        move_net(self.net_, device)
        method = getattr(self.net_.module_.eval(), method)

        def compute(rows, lengths):
            return method(rows, lengths, *args)

        return compute_rows(compute, n_columns, tokens, self.vocabulary_, device)


def _cut_crops(tokens, crop_length):
    """Cut token rows into crops, weighted by the number of residues that can be predicted."""
    windows = cut_windows(residue_lengths(tokens), crop_length, crop_length)
    crops = take_windows(tokens, windows)
    n_predicted = residue_lengths(crops) - 1
    if not n_predicted.any():
        raise ValueError(
            f"No row of X, which has n_features={tokens.shape[1]}, gives two residues to read "
            f"(with crop_length={crop_length}), so there is nothing to predict. Pass whole "
            "proteins and a crop_length of at least 2"
        )
    labels = np.zeros(len(crops), dtype=np.int64)
    return make_training_set(crops, labels, n_predicted.astype(np.float64))


def find_pretrained_weights(pretrained):
    """Find the weights that a classifier starts from.

    Parameters
    ----------
    pretrained : ResidueLanguageModel, FrozenEstimator, Pipeline, str or path-like
        A fitted language model, alone, frozen or at the end of a pipeline, its model file, or the
        name of one that is part of the package.

    Returns
    -------
    start : PretrainedWeights
        Embedding and LSTM, without the heads that predict residues. A copy on the CPU.

    Raises
    ------
    TypeError
        If it is not a language model.
    NotFittedError
        If it is not fitted.
    """
    is_path = isinstance(pretrained, (str, os.PathLike)) and pretrained not in PRETRAINED_MODELS
    model = pretrained
    if is_path:
        model = load_model(pretrained)
    elif isinstance(pretrained, str):
        model = load_pretrained(pretrained)
    if isinstance(model, FrozenEstimator):
        model = model.estimator
    verb = "is"
    if isinstance(model, Pipeline):
        model, verb = model[-1], "ends in"
    if not isinstance(model, ResidueLanguageModel):
        where = f"The model in {os.fspath(pretrained)!r}" if is_path else "pretrained"
        raise TypeError(
            f"{where} {verb} a {type(model).__name__}. Pass a fitted ResidueLanguageModel or "
            "the path of its model file"
        )
    if not hasattr(model, "net_"):
        raise NotFittedError(
            "pretrained is a ResidueLanguageModel that is not fitted. Fit it first. A parameter "
            "grid clones its values, which makes them unfitted: put the model into "
            "sklearn.frozen.FrozenEstimator there, or pass the path of its model file"
        )
    state = model.net_.module_.state_dict()
    weights = {
        name: values.detach().cpu().clone()
        for name, values in state.items()
        if not name.startswith("heads.")
    }
    return PretrainedWeights(model.vocabulary_, weights)
