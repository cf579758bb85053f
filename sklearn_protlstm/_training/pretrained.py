"""Weights of a language model from which a classifier starts."""

from typing import NamedTuple

import numpy as np

from sklearn_protlstm._network.module import SequenceLSTM

__all__ = [
    "PRETRAINED_GROUPS",
    "PretrainedWeights",
    "check_tokens_known",
    "reads_components",
    "set_pretrained_lr",
]

_EMBEDDING = "embedding.weight"
_RECURRENT = "layers.0.forward_lstm.weight_hh_l0"

# More unknown tokens than this are not rare residues, but another encoding.
_MOST_UNKNOWN = 0.5


class PretrainedWeights(NamedTuple):
    """Embedding and LSTM of a language model, under the names that they have in SequenceLSTM.

    Parameters
    ----------
    vocabulary : ndarray of shape (n_known,), dtype int64
        Tokens in the order of the embedding.
    weights : dict of str to Tensor
        On the CPU.
    """

    vocabulary: np.ndarray
    weights: dict

    @property
    def vectors(self):
        """Embedding vectors."""
        return self.weights[_EMBEDDING]

    @property
    def hidden_size(self):
        """Units of each direction."""
        return self.weights[_RECURRENT].shape[1]

    def arrays(self):
        """Weights as arrays, in a fixed order."""
        return [self.weights[name].numpy() for name in sorted(self.weights)]

    def load_into(self, module):
        """Copy the weights into a SequenceLSTM. Further layers and the head stay as they are."""
        module.load_state_dict({**module.state_dict(), **self.weights})


#: Groups of pretrained weights for the optimizer. :func:`set_pretrained_lr` sets their share of
#: the learning rate.
PRETRAINED_GROUPS = [("embedding*", {"lr_factor": 1.0}), ("layers.0.*", {"lr_factor": 1.0})]


def set_pretrained_lr(net, share):
    """Change the share in a net that started from pretrained weights; leave others as they are.

    Weights with a share of 0 need no gradient, which saves the way back through them. If the
    network reads nothing but components, it then keeps their projection as well.
    """
    for group in net.optimizer_.param_groups:
        if "lr_factor" in group:
            group["lr_factor"] = share
            for weights in group["params"]:
                weights.requires_grad_(share > 0)
            if net.module__freeze_embedding:
                net.module_.embedding.weight.requires_grad_(False)
            if reads_components(net.module_):
                net.module_.light_attention.project.requires_grad_(share > 0)


def reads_components(module):
    """Whether the network reads nothing but components of the pretrained states."""
    # The module may be the user's own.
    return isinstance(module, SequenceLSTM) and module.reads_components


def check_tokens_known(tokens, start):
    """Raise a ValueError if `tokens` cannot come from the encoding of the language model.

    Parameters
    ----------
    tokens : ndarray of shape (n_known,)
        Distinct tokens of the training data, without padding and unknown.
    start : PretrainedWeights
        The model to start from.
    """
    unknown = np.setdiff1d(tokens, start.vocabulary)
    if len(unknown) > _MOST_UNKNOWN * len(tokens):
        raise ValueError(
            f"{len(unknown)} of the {len(tokens)} tokens in X, such as {unknown[0]}, are unknown "
            "to the pretrained language model. Encode the proteins as for its training, with "
            "SequenceEncoder(k=1) and the same alphabet"
        )
