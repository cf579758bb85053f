"""The network: embedding, (bidirectional) LSTM layers, pooling over residues, linear head.

It does not use packed sequences: with unequal lengths their backward pass on a CPU is many times
slower than the forward pass. Rows are right-padded, so a forward LSTM needs no mask: its state at
a residue cannot depend on the padding behind it. The backward direction is a second LSTM, which
reads each sequence reversed within its own length.
"""

from functools import partial

import torch
from torch import nn

from sklearn_protlstm._network.pooling import (
    POOL,
    AttentionPooling,
    LightAttentionPooling,
    is_valid,
)
from sklearn_protlstm._network.recurrent import (
    RecurrentLayer,
    add_gradients,
    align_directions,
    draw_units,
    gradients_of,
    hide_tokens,
    reading_order,
    reversal_index,
    run_lstm,
)
from sklearn_protlstm.alphabets import PADDING

__all__ = ["SequenceLSTM"]


class SequenceLSTM(nn.Module):
    """LSTM over token sequences with one logit for each class.

    Parameters
    ----------
    vectors : Tensor of shape (n_tokens, embedding_dim)
        Initial values of the embedding. Row 0, the padding, is zero and stays zero.
    n_classes : int
        Number of logits.
    freeze_embedding : bool
        Whether the vectors stay as they are.
    hidden_sizes : tuple of int
        Units of each direction, for each of the stacked LSTM layers.
    bidirectional : bool
        Whether each layer also reads from the C-terminus.
    pooling : tuple of {"last", "max", "mean", "attention", "light_attention"}
        Summaries of the hidden states, which are concatenated.
    dropout : float
        Share of the values that are set to zero in training: between layers whole units of a
        row, and single values before the head.
    token_dropout : float
        Share of residues that read as unknown during training.
    """

    def __init__(
        self,
        vectors,
        n_classes,
        *,
        freeze_embedding,
        hidden_sizes,
        bidirectional,
        pooling,
        dropout,
        token_dropout,
    ):
        super().__init__()
        self.pooling = pooling
        self.token_dropout = token_dropout
        vectors = vectors.clone()
        vectors[PADDING] = 0
        self.embedding = nn.Embedding.from_pretrained(
            vectors, freeze=freeze_embedding, padding_idx=PADDING
        )
        widths = [size * (2 if bidirectional else 1) for size in hidden_sizes]
        input_sizes = [vectors.shape[1], *widths[:-1]]
        self.layers = nn.ModuleList(
            RecurrentLayer(*sizes, bidirectional) for sizes in zip(input_sizes, hidden_sizes)
        )
        width = widths[-1]
        self.attention = AttentionPooling(width) if "attention" in pooling else None
        light = "light_attention" in pooling
        self.light_attention = LightAttentionPooling(width) if light else None
        self.dropout = dropout
        n_features = [width if kind in POOL else self._attentions[kind].width for kind in pooling]
        self.head = nn.Linear(sum(n_features), n_classes)

    @property
    def reads_two_ways(self):
        """Whether :meth:`learn_two_ways` works: for one layer with both directions."""
        return len(self.layers) == 1 and len(self.layers[0].lstms) == 2

    @property
    def reads_prefixes(self):
        """Whether :meth:`read_prefixes` works: for one direction and without convolutions."""
        return len(self.layers[0].lstms) == 1 and self.light_attention is None

    @property
    def reads_components(self):
        """Whether :meth:`components`, which no random numbers change, are all that it reads."""
        alone = self.pooling == ("light_attention",) and len(self.layers) == 1
        return alone and self.token_dropout == 0

    @property
    def keeps_components(self):
        """Whether the network reads :meth:`components` and does not learn to change them."""
        if not self.reads_components:
            return False
        parts = self.embedding, *self.layers, self.light_attention.project
        return not any(weights.requires_grad for part in parts for weights in part.parameters())

    @property
    def _attentions(self):
        """Poolings with weights of their own, by name. They pool both directions at once."""
        layers = {"attention": self.attention, "light_attention": self.light_attention}
        return {kind: layer for kind, layer in layers.items() if layer is not None}

    def forward(self, tokens, lengths, generator=None):
        """Compute logits.

        Parameters
        ----------
        tokens : Tensor of shape (n_samples, n_steps), dtype int32 or int64
            Right-padded with 0.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row, from 1 to ``n_steps``.
        generator : torch.Generator or None, default=None
            Source of the random numbers of training. None is torch's default.

        Returns
        -------
        logits : Tensor of shape (n_samples, n_classes)
            Unnormalized log-probabilities.
        """
        tokens = self._hide(tokens, generator)
        if len(self.layers) > 1:
            return self.read(self.embedding(tokens), lengths, generator)
        directions = range(len(self.layers[0].lstms))
        summaries = [self._read_tokens(tokens, lengths, direction) for direction in directions]
        return self._compute_logits(summaries, lengths, generator)

    def learn_two_ways(self, tokens, lengths, compute_loss, generator, run_both):
        """Compute the loss and its gradients, with a thread for each direction.

        Autograd goes back through one graph in one thread. Here each direction is a graph of its
        own, and the head is a third one.

        Parameters
        ----------
        tokens : Tensor of shape (n_samples, n_steps), dtype int32 or int64
            Right-padded with 0.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row, from 1 to ``n_steps``.
        compute_loss : callable
            Turns the logits into a scalar.
        generator : torch.Generator or None
            Source of the random numbers of training.
        run_both : callable
            Calls two functions at once, such as :meth:`Workers.both`.

        Returns
        -------
        loss : Tensor
            A scalar, detached.
        logits : Tensor of shape (n_samples, n_classes)
            As :meth:`forward` computes them, detached.
        gradients : dict of Parameter to Tensor
            For each parameter that requires one.
        """
        tokens = self._hide(tokens, generator)
        # The second function starts a little later. The first one has to reverse the tokens.
        backward, forward = run_both(
            partial(self._read_tokens, tokens, lengths, 1),
            partial(self._read_tokens, tokens, lengths, 0),
        )
        leaves = [[part.detach().requires_grad_() for part in way] for way in (forward, backward)]
        logits = self._compute_logits(leaves, lengths, generator)
        loss = compute_loss(logits)
        last = [
            *self.head.parameters(),
            *(weights for layer in self._attentions.values() for weights in layer.parameters()),
        ]
        slopes = gradients_of([loss], [*leaves[0], *leaves[1], *last])

        def go_back(summaries, direction):
            weights = [self.embedding.weight, *self.layers[0].lstms[direction].all_weights[0]]
            return gradients_of(summaries, weights, [slopes[leaf] for leaf in leaves[direction]])

        backward, forward = run_both(partial(go_back, backward, 1), partial(go_back, forward, 0))
        return loss.detach(), logits.detach(), slopes | add_gradients(forward, backward)

    def states(self, tokens, lengths):
        """Compute the states of each residue, of both directions, in a network of one layer.

        Parameters
        ----------
        tokens : Tensor of shape (n_samples, n_steps), dtype int32 or int64
            Right-padded with 0.
        lengths : Tensor of shape (n_samples,), dtype int64
            Tokens of each row.

        Returns
        -------
        states : Tensor of shape (n_samples, n_steps, width)
            Those beyond a row's length mean nothing.
        """
        directions = range(len(self.layers[0].lstms))
        return _align([self._read_states(tokens, lengths, way) for way in directions], lengths)

    def components(self, tokens, lengths):
        """Project the :meth:`states` for light attention."""
        return self.light_attention.project(self.states(tokens, lengths))

    def read_components(self, components, lengths, generator=None):
        """Compute logits from :meth:`components`.

        Parameters
        ----------
        components : Tensor of shape (n_samples, n_steps, n_components)
            Those beyond a row's length have no effect.
        lengths : Tensor of shape (n_samples,), dtype int64
            Residues of each row.
        generator : torch.Generator or None, default=None
            Source of the random numbers of dropout.

        Returns
        -------
        logits : Tensor of shape (n_samples, n_classes)
            As :meth:`forward` computes them.
        """
        valid = is_valid(lengths, components.shape[1])
        return self.head(self._drop(self.light_attention.pool(components, valid), generator))

    def embed(self, tokens, generator=None):
        """Look up the vectors of the tokens; in training some tokens read as unknown."""
        return self.embedding(self._hide(tokens, generator))

    def read(self, vectors, lengths, generator=None):
        """Compute logits from embedded sequences.

        Parameters
        ----------
        vectors : Tensor of shape (n_samples, n_steps, embedding_dim)
            One vector for each residue. Those beyond a row's length have no effect.
        lengths : Tensor of shape (n_samples,), dtype int64
            Residues of each row.
        generator : torch.Generator or None, default=None
            Source of the random numbers of dropout.

        Returns
        -------
        logits : Tensor of shape (n_samples, n_classes)
            Unnormalised log-probabilities.
        """
        reverse = reversal_index(lengths, vectors.shape[1])
        for layer in self.layers[:-1]:
            states = align_directions(layer(vectors, reverse), reverse)
            vectors = self._drop_units(states, generator)
        states = self.layers[-1](vectors, reverse)
        summaries = [self._summarise(direction, lengths) for direction in states]
        return self._compute_logits(summaries, lengths, generator)

    def read_prefixes(self, vectors):
        """Compute the logits after every residue in one pass, for a network of one direction.

        Parameters
        ----------
        vectors : Tensor of shape (n_samples, n_steps, embedding_dim)
            Embedded sequences without padding.

        Returns
        -------
        logits : Tensor of shape (n_samples, n_steps, n_classes)
            Logits of the first 1, 2, ... residues, equal to :meth:`read` of each prefix alone.

        Raises
        ------
        ValueError
            If the network is bidirectional or has light attention: the state or the feature of a
            residue depends on where the prefix ends.
        """
        if not self.reads_prefixes:
            raise ValueError(
                "A network that is bidirectional or has light attention must read each prefix "
                "separately. read_prefixes() works with bidirectional=False and other poolings"
            )
        states = vectors
        for layer in self.layers:
            states = run_lstm(layer.forward_lstm, states)
        pooled = [self._pool_prefixes(kind, states) for kind in self.pooling]
        return self.head(torch.cat(pooled, 2))

    def _pool_prefixes(self, kind, states):
        if kind == "last":
            return states
        if kind == "max":
            return states.cummax(1).values
        # In double precision, because the errors of long running sums add up.
        weights = torch.ones(states.shape[:2], dtype=torch.double, device=states.device)
        if kind == "attention":
            weights = self.attention.score(states).double()
            weights = torch.exp(weights - weights.amax(1, keepdim=True))
        total = torch.cumsum(weights[:, :, None] * states, 1)
        return (total / torch.cumsum(weights, 1)[:, :, None]).to(states.dtype)

    def _hide(self, tokens, generator):
        tokens = tokens.int()
        if not self.training or self.token_dropout == 0:
            return tokens
        return hide_tokens(tokens, self.token_dropout, generator)

    def _read_tokens(self, tokens, lengths, direction):
        """Summaries of one direction of a single layer."""
        return self._summarise(self._read_states(tokens, lengths, direction), lengths)

    def _read_states(self, tokens, lengths, direction):
        tokens = reading_order(tokens, lengths, direction)
        return run_lstm(self.layers[0].lstms[direction], self.embedding(tokens))

    def _summarise(self, states, lengths):
        """Pool the states of one direction. Attention pools both at once and gets all states."""
        return [POOL[kind](states, lengths) if kind in POOL else states for kind in self.pooling]

    def _compute_logits(self, summaries, lengths, generator):
        """Logits from the summaries of each direction."""
        pooled = [
            torch.cat(directions, 1) if kind in POOL else self._attend(kind, directions, lengths)
            for kind, *directions in zip(self.pooling, *summaries)
        ]
        return self.head(self._drop(torch.cat(pooled, 1), generator))

    def _attend(self, kind, states, lengths):
        aligned = _align(states, lengths)
        return self._attentions[kind](aligned, is_valid(lengths, aligned.shape[1]))

    def _drop(self, values, generator):
        # torch.nn.Dropout takes no generator, and torch's default one is shared by all threads.
        if not self.training or self.dropout == 0:
            return values
        draws = torch.rand(values.shape, generator=generator, device=values.device)
        return values * (draws >= self.dropout) / (1 - self.dropout)

    def _drop_units(self, states, generator):
        if not self.training or self.dropout == 0:
            return states
        shape = len(states), 1, states.shape[2]
        return states * draw_units(shape, self.dropout, generator, states.device)


def _align(states, lengths):
    """Join the states of each residue, which the directions have in their reading order."""
    return align_directions(states, reversal_index(lengths, states[0].shape[1]))
