"""Gradients of the log-odds along the way from a baseline to a protein."""

from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_random_state

from sklearn_protlstm._encoding.token_matrix import residue_lengths
from sklearn_protlstm._training.batches import budget_batches
from sklearn_protlstm._training.threads import worker_threads
from sklearn_protlstm.alphabets import PADDING, UNKNOWN
from sklearn_protlstm.inspection._opening import log_odds

__all__ = ["BASELINES", "make_baselines", "score_gradients"]

BASELINES = ("shuffled", "unknown")

# Orders in which the residues of a protein are shuffled.
_N_SHUFFLES = 8

# As in training, for the backward pass has to keep its states.
_MAX_CELLS, _ROWS = 4096, (1, 32)


def make_baselines(tokens, kind, random_state):
    """Make proteins that say nothing, to compare with.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, n_columns)
        Rows of tokens, right-padded with 0.
    kind : {"shuffled", "unknown"}
        The same tokens in 8 random orders, or as many unknown ones.
    random_state : int, RandomState instance or None
        Decides the orders; a row's depend on nothing else but its length.

    Returns
    -------
    baselines : list of ndarray of shape (n_samples, n_columns)
        In the dtype of `tokens`.
    """
    if kind == "unknown":
        return [np.where(tokens == PADDING, PADDING, UNKNOWN).astype(tokens.dtype)]
    if not isinstance(random_state, Integral):
        random_state = check_random_state(random_state).randint(2**31 - 1)
    baselines = [tokens.copy() for _ in range(_N_SHUFFLES)]
    for record, length in enumerate(residue_lengths(tokens)):
        rng = np.random.RandomState(random_state)
        for baseline in baselines:
            baseline[record, :length] = tokens[record, rng.permutation(length)]
    return baselines


def score_gradients(opened, tokens, baselines, codes, n_steps):
    """Divide the difference of the log-odds to the baselines among the tokens.

    Parameters
    ----------
    opened : OpenModel
        The model.
    tokens : ndarray of shape (n_samples, n_columns)
        Rows as the classifier takes them.
    baselines : list of ndarray of shape (n_samples, n_columns)
        What to compare with.
    codes : ndarray of shape (n_samples,), dtype int64
        The class of each row.
    n_steps : int or None
        Points on the paths (integrated gradients), or None for the slope at the protein alone
        (gradient x input).

    Returns
    -------
    scores : list of ndarray of float64
        A score for each column of a batch's longest row; exactly 0 at padding.
    residuals : ndarray of shape (n_samples,), dtype float64
        What the sum over the points missed; it is shared out in proportion to the size of the
        scores, so that these add up. 0 for the slope alone, which does not add up.
    """
    module = opened.module
    rows, lengths = opened.rows(tokens)
    starts = [opened.rows(baseline)[0] for baseline in baselines]
    scores, residuals = [None] * len(tokens), np.zeros(len(tokens))

    def score_batch(batch):
        part = torch.from_numpy(batch).to(rows.device)
        longest = int(lengths[part].max())
        # The caller may have switched gradients off, or be in inference mode.
        with torch.inference_mode(False), torch.enable_grad():
            paths = _Paths(
                module,
                rows[part, :longest],
                [start[part, :longest] for start in starts],
                lengths[part],
                torch.from_numpy(codes[batch]).to(rows.device),
            )
            values, residuals[batch] = paths.integrate(n_steps) if n_steps else paths.slope_at_end()
        for record, row in zip(batch.tolist(), values):
            scores[record] = row

    # cuDNN computes no gradients of an LSTM in evaluation mode; PyTorch's own kernels do. The
    # switch is the process's: threads that each set it would restore each other's value.
    with torch.backends.cudnn.flags(enabled=False), worker_threads(opened.device) as workers:
        list(workers.map(score_batch, budget_batches(lengths.cpu().numpy(), _MAX_CELLS, _ROWS)))
    return scores, residuals


class _Paths:
    """Straight lines from baselines (0) to proteins (1), in the space of the embeddings."""

    def __init__(self, module, rows, starts, lengths, codes):
        self.module, self.lengths, self.codes = module, lengths, codes
        with torch.no_grad():
            self.end = module.embedding(rows)
            self.starts = [module.embedding(start) for start in starts]

    def slope_at_end(self):
        """Each token's part of the slope at the protein, from the mean of the baselines."""
        return self._slopes(torch.stack(self.starts).mean(0), 1.0).numpy(), 0.0

    def integrate(self, n_steps):
        """Scores that add up to the lines' differences, and what the points missed of them."""
        # Max pooling makes the slope jump, which equal steps bear better than Gauss' points do.
        # Neighbouring points lie on lines from different baselines, so that few points see all
        # baselines and all places.
        sums = sum(
            self._slopes(self.starts[step % len(self.starts)], (step + 0.5) / n_steps)
            for step in range(n_steps)
        )
        scores = sums.numpy() / n_steps
        missing = self._differences() - scores.sum(1)
        sizes = np.abs(scores)
        return scores + sizes * (missing / np.maximum(sizes.sum(1), 1e-12))[:, np.newaxis], missing

    def _differences(self):
        with torch.no_grad():
            starts = [self._log_odds(start) for start in self.starts]
            difference = self._log_odds(self.end) - torch.stack(starts).mean(0)
        return difference.double().cpu().numpy()

    def _slopes(self, start, place):
        """Each token's part of the slope of the log-odds at a place, shape (n_rows, n_columns)."""
        # Exactly 0 at padding, and so are its scores.
        difference = self.end - start
        point = (start + place * difference).requires_grad_()
        [gradient] = torch.autograd.grad(self._log_odds(point).sum(), point)
        return (gradient * difference).sum(2).double().cpu()

    def _log_odds(self, point):
        return log_odds(self.module.read(point, self.lengths), self.codes)
