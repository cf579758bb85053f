"""Losses of the rows of a batch."""

from torch import nn

from sklearn_protlstm._labels.matrix import PRESENT

__all__ = ["LabelLosses", "RowLosses"]


class LabelLosses(nn.Module):
    """Binary cross-entropy of each row, summed over its labels.

    Parameters
    ----------
    weights : Tensor of shape (n_classes, 3)
        Factor of the loss of each label by its code: ABSENT, PRESENT or UNKNOWN. 0 for UNKNOWN
        leaves the label out.
    """

    def __init__(self, weights):
        super().__init__()
        self.register_buffer("weights", weights)

    def forward(self, logits, codes):
        """Compute the loss of each row.

        Parameters
        ----------
        logits : Tensor of shape (n_samples, n_classes)
            Log-odds of the labels.
        codes : Tensor of shape (n_samples, n_classes), dtype uint8
            ABSENT, PRESENT or UNKNOWN.

        Returns
        -------
        losses : Tensor of shape (n_samples,)
            Weighted sums over the labels.
        """
        factors = self.weights.gather(1, codes.T.long()).T
        targets = (codes == PRESENT).to(logits.dtype)
        losses = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return (losses * factors).sum(1)


class RowLosses(nn.Module):
    """Criterion of a network that computes the loss of each row itself."""

    def forward(self, losses, labels):
        """Return the losses; the labels have no meaning."""
        return losses
