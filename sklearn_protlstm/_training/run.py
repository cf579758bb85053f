"""Train a net and predict with it."""

from sklearn_protlstm._encoding.token_matrix import residue_lengths
from sklearn_protlstm._training.callbacks import LastGoodWeights
from sklearn_protlstm._training.inference import predict_logits
from sklearn_protlstm._training.net import move_net, net_data
from sklearn_protlstm._training.windows import cut_windows, pool_windows, take_windows
from sklearn_protlstm.exceptions import NonFiniteLossError

__all__ = ["predict_net", "train_net"]


def train_net(net, rows, epochs=None):
    """Train a net on a TrainingSet.

    Parameters
    ----------
    net : SequenceNet
        Trained in place.
    rows : TrainingSet
        The training data.
    epochs : int or None, default=None
        Number of epochs. None trains to the end.

    Raises
    ------
    NonFiniteLossError
        If the training diverges. The net has the last good weights.
    KeyboardInterrupt
        On Ctrl-C. The net has the weights so far.
    """
    try:
        net.partial_fit(*net_data(rows), epochs=epochs)
    except NonFiniteLossError:
        if last_good := net.find_callback(LastGoodWeights):
            last_good.restore(net)
        # skorch leaves this out after an error: it restores the best epoch and closes the bar.
        net.notify("on_train_end")
        raise
    if net.interrupted:
        raise KeyboardInterrupt


def predict_net(net, tokens, vocabulary, device, window_sizes=None, *, multilabel=False):
    """Predict with a net on a device, to which the net moves.

    Parameters
    ----------
    net : SequenceNet
        Trained.
    tokens : ndarray of shape (n_samples, max_length), an int dtype
        Right-padded with 0.
    vocabulary : ndarray of shape (n_known,), dtype int64
        Tokens that the module knows, in the order of its embedding.
    device : torch.device
        Where to compute.
    window_sizes : (int, int) or None, default=None
        Window and largest step, as for :func:`cut_windows`. None reads rows whole.
    multilabel : bool, default=False
        Whether the logits are the log-odds of labels.

    Returns
    -------
    logits : ndarray of shape (n_samples, n_classes), dtype float32
        One row for each row of `tokens`. With windows, log-probabilities of classes.

    Raises
    ------
    RuntimeError
        If another thread trained the net meanwhile.
    """
    # Every epoch starts with an entry in the history, before it changes a weight.
    n_epochs = len(net.history)
    move_net(net, device)
    windows = None
    if window_sizes is not None:
        windows = cut_windows(residue_lengths(tokens), *window_sizes)
        tokens = take_windows(tokens, windows)
    logits = predict_logits(net.module_, tokens, vocabulary, device)
    if len(net.history) != n_epochs:
        raise RuntimeError(
            "partial_fit changed the network while another thread predicted with it. Predict "
            "again after partial_fit, or give each thread a copy.deepcopy of the classifier"
        )
    return logits if windows is None else pool_windows(logits, windows, multilabel=multilabel)
