"""The network of a language model: one LSTM predicts the next residue, another the previous one."""

from functools import partial

import torch
from torch import nn

from sklearn_protlstm._network.pooling import POOL
from sklearn_protlstm._network.recurrent import (
    RecurrentLayer,
    add_gradients,
    draw_units,
    gradients_of,
    hide_tokens,
    reading_order,
    run_lstm,
)
from sklearn_protlstm.alphabets import FIRST_TOKEN, PADDING

__all__ = ["LanguageLSTM"]


class LanguageLSTM(nn.Module):
    """Predict each residue from those on its left, and again from those on its right.

    The embedding and the layer have the names and shapes that they have in
    :class:`SequenceLSTM`, so a classifier can start from them. Each direction has a head of its
    own. Unknown residues are read, but not predicted.

    Parameters
    ----------
    vectors : Tensor of shape (n_tokens, embedding_dim)
        Initial values of the embedding. Row 0, the padding, is zero and stays zero.
    hidden_size : int
        Units of each direction.
    dropout : float
        Share of the units that are set to zero for a whole row before the heads in training.
    token_dropout : float
        Share of residues that read as unknown during training. They are predicted nevertheless.
    """

    #: Each direction can be trained in a thread of its own.
    reads_two_ways = True

    def __init__(self, vectors, *, hidden_size, dropout, token_dropout):
        super().__init__()
        vectors = vectors.clone()
        vectors[PADDING] = 0
        n_tokens, embedding_dim = vectors.shape
        self.dropout = dropout
        self.token_dropout = token_dropout
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=PADDING)
        self.layers = nn.ModuleList([RecurrentLayer(embedding_dim, hidden_size, True)])
        self.heads = nn.ModuleList(nn.Linear(hidden_size, n_tokens) for _ in range(2))

    def forward(self, tokens, lengths, generator=None):
        """Compute the loss of each row.

        Parameters
        ----------
        tokens : Tensor of shape (n_samples, n_steps), dtype int32 or int64
            Right-padded with 0.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row, from 2 to ``n_steps``.
        generator : torch.Generator or None, default=None
            Source of the random numbers of training.

        Returns
        -------
        losses : Tensor of shape (n_samples,)
            Mean negative log-likelihood of a residue, in nats, averaged over both directions.
        """
        hidden = self._hide(tokens, generator)
        kept = [self._draw_units(len(tokens), generator) for _ in range(2)]
        return sum(self._row_losses(tokens, hidden, lengths, way, kept[way]) for way in range(2))

    def learn_two_ways(self, tokens, lengths, compute_loss, generator, run_both):
        """Compute the loss and its gradients, with a thread for each direction.

        The parameters and results are those of :meth:`SequenceLSTM.learn_two_ways`, with the
        losses of the rows as logits.
        """
        hidden = self._hide(tokens, generator)
        kept = [self._draw_units(len(tokens), generator) for _ in range(2)]

        def learn(way):
            losses = self._row_losses(tokens, hidden, lengths, way, kept[way])
            weights = [
                self.embedding.weight,
                *self.layers[0].lstms[way].all_weights[0],
                *self.heads[way].parameters(),
            ]
            loss = compute_loss(losses)
            return loss.detach(), losses.detach(), gradients_of([loss], weights)

        (*backward, slopes), (*forward, gradients) = run_both(partial(learn, 1), partial(learn, 0))
        loss, losses = (one + other for one, other in zip(forward, backward))
        return loss, losses, add_gradients(gradients, slopes)

    def log_likelihoods(self, tokens, lengths):
        """Sum the log-likelihoods of the residues of each row.

        Parameters
        ----------
        tokens : Tensor of shape (n_samples, n_steps), dtype int32 or int64
            Right-padded with 0.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row.

        Returns
        -------
        sums : Tensor of shape (n_samples, 4)
            Sum and number of the predicted residues, from left to right and from right to left.
        """
        sums = []
        for way in range(2):
            losses, valid = self._losses(tokens, tokens, lengths, way, None)
            sums += [-losses.sum(1), valid.sum(1).to(losses.dtype)]
        return torch.stack(sums, 1)

    def pool(self, tokens, lengths, pooling):
        """Summarize the states of each row, in the order in which a classifier's head sees them.

        Parameters
        ----------
        tokens : Tensor of shape (n_samples, n_steps), dtype int32 or int64
            Right-padded with 0.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row.
        pooling : tuple of {"last", "max", "mean"}
            Summaries.

        Returns
        -------
        features : Tensor of shape (n_samples, 2 * hidden_size * len(pooling))
            For each summary, the units that read from the left, then those from the right.
        """
        states = [self._read(tokens, lengths, way) for way in range(2)]
        return torch.cat([POOL[kind](part, lengths) for kind in pooling for part in states], 1)

    def _row_losses(self, tokens, hidden, lengths, way, kept):
        """Half the mean loss of the residues of each row, in one direction."""
        losses, _ = self._losses(tokens, hidden, lengths, way, kept)
        # The number of predicted residues, unless some of them are unknown. As a constant it lets
        # the rows of a batch count by their lengths, however few of their residues are known.
        return losses.sum(1) / (2 * (lengths - 1).clamp(min=1))

    def _losses(self, tokens, hidden, lengths, way, kept):
        """Negative log-likelihood of each token but the first one read, and which ones count."""
        targets = reading_order(tokens, lengths, way)[:, 1:].long()
        valid = targets >= FIRST_TOKEN
        states = self._read(hidden, lengths, way)[:, :-1]
        if kept is not None:
            states = states * kept[:, None]
        # Only the states that count pass the head, which has some 20 times as many values.
        losses = states.new_zeros(targets.shape)
        losses[valid] = nn.functional.cross_entropy(
            self.heads[way](states[valid]), targets[valid], reduction="none"
        )
        return losses, valid

    def _read(self, tokens, lengths, way):
        tokens = reading_order(tokens, lengths, way).int()
        return run_lstm(self.layers[0].lstms[way], self.embedding(tokens))

    def _hide(self, tokens, generator):
        if not self.training or self.token_dropout == 0:
            return tokens
        return hide_tokens(tokens, self.token_dropout, generator)

    def _draw_units(self, n_rows, generator):
        """Factors of the units for dropout, equal for all residues of a row."""
        if not self.training or self.dropout == 0:
            return None
        weight = self.heads[0].weight
        return draw_units((n_rows, weight.shape[1]), self.dropout, generator, weight.device)
