"""A model that needs no choice of parameters: five different classifiers in one."""

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state

from sklearn_protlstm._encoding.encoder import SequenceEncoder
from sklearn_protlstm._labelwise import LogisticRegression
from sklearn_protlstm.baselines import make_kmer_baseline
from sklearn_protlstm.classifier import ProtLSTMClassifier
from sklearn_protlstm.pretrained import load_pretrained
from sklearn_protlstm.stacking import GroupStackingClassifier

__all__ = ["make_recommended_model"]

# Signals that only order and position tell are mostly near the ends, which this keeps.
_WHOLE_LENGTH = 400
_ATTENTION_LENGTH = 1000
_WINDOWED_LENGTH = 2000


def make_recommended_model(*, random_state=None, n_jobs=None, verbose=0):
    """Make a stack of k-mers, LSTMs and a language model, for any protein classes or labels.

    Each member sees something else: the k-mer model counts short words, one LSTM reads whole
    proteins in order, and another one reads windows of 128 residues. Two members use the states of
    a pretrained language model: a logistic regression summarizes them over the protein, and light
    attention looks for signals in them. :class:`GroupStackingClassifier` weighs the members by
    what they predict for families that they have not seen.

    A protein has one class, or any number of labels: it depends on `y`.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seeds the members and the folds.
    n_jobs : int or None, default=None
        Number of fits to run in parallel. The LSTMs use all cores themselves.
    verbose : int, default=0
        If above 0, show a progress bar.

    Returns
    -------
    model : GroupStackingClassifier
        Unfitted. Its members are "kmers", "lstm", "windows", "pretrained" and "attention". Pass
        ``groups`` to ``fit`` if you know the families; otherwise it clusters the training
        proteins.

    See Also
    --------
    make_kmer_baseline : Fits in a second, and is sometimes as good.

    Examples
    --------
    >>> from sklearn_protlstm import make_recommended_model
    >>> model = make_recommended_model(random_state=0)
    >>> [name for name, _ in model.estimators]
    ['kmers', 'lstm', 'windows', 'pretrained', 'attention']
    """
    rng = check_random_state(random_state)
    lstm_seed, window_seed, fold_seed, attention_seed = rng.randint(2**31 - 1, size=4).tolist()
    return GroupStackingClassifier(
        [
            ("kmers", make_kmer_baseline()),
            ("lstm", _make_lstm(_WHOLE_LENGTH, max_epochs=10, random_state=lstm_seed)),
            (
                "windows",
                _make_lstm(_WINDOWED_LENGTH, window=128, max_epochs=4, random_state=window_seed),
            ),
            ("pretrained", _make_pretrained()),
            ("attention", _make_attention(attention_seed)),
        ],
        random_state=fold_seed,
        n_jobs=n_jobs,
        verbose=verbose,
    )


def _make_lstm(max_length, **params):
    return make_pipeline(
        SequenceEncoder(max_length=max_length),
        ProtLSTMClassifier(class_weight="balanced", **params),
    )


def _make_pretrained():
    # Thousands of states describe some hundred proteins, so the penalty is strong.
    return make_pipeline(
        FrozenEstimator(load_pretrained()),
        StandardScaler(),
        LogisticRegression(C=0.003, class_weight="balanced", max_iter=1000),
    )


def _make_attention(seed):
    # The states of the language model stay as they are, so they are computed once.
    return make_pipeline(
        SequenceEncoder(max_length=_ATTENTION_LENGTH),
        ProtLSTMClassifier(
            pretrained="uniprot-12k",
            pretrained_lr=0,
            pooling="light_attention",
            dropout=0.4,
            token_dropout=0,
            lr=0.002,
            max_epochs=8,
            random_state=seed,
        ),
    )
