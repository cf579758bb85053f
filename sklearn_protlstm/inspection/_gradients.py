"""Integrated gradients and gradient x input of the log-odds, by token."""

from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_random_state

from sklearn_protlstm._encoding.token_matrix import residue_lengths
from sklearn_protlstm._training.batches import budget_batches
from sklearn_protlstm._training.build import draw_seed
from sklearn_protlstm._training.threads import worker_threads
from sklearn_protlstm.alphabets import PADDING, UNKNOWN
from sklearn_protlstm.inspection._targets import log_odds

BASELINES = ("shuffled", "unknown")

_N_SHUFFLES = 8

# Batch limits as in training, because the backward pass keeps all states. A cell is a token of a
# window.
_MAX_CELLS, _ROWS = 4096, (1, 32)


def make_baselines(tokens, kind, random_state):
    """Make a list of baselines, each a token matrix of the shape and dtype of `tokens`.

    The baselines hold the same tokens in random order (8 of them), or unknown tokens (one). The
    order depends only on the seed and the length of a row, not on the other rows.
    """
    if kind == "unknown":
        return [np.where(tokens == PADDING, PADDING, UNKNOWN).astype(tokens.dtype)]
    seed = random_state
    if not isinstance(seed, Integral):
        seed = draw_seed(check_random_state(random_state))
    baselines = [tokens.copy() for _ in range(_N_SHUFFLES)]
    for row, length in enumerate(residue_lengths(tokens)):
        rng = np.random.RandomState(seed)
        for baseline in baselines:
            baseline[row, :length] = tokens[row, rng.permutation(length)]
    return baselines


def attribute_by_gradients(parts, tokens, baselines, indices, n_steps):
    """Attribute the log-odds to tokens by gradients.

    Parameters
    ----------
    parts : FittedParts
        The classifier and its encoder.
    tokens : ndarray of shape (n_samples, n_columns)
        Token matrix.
    baselines : list of ndarray of shape (n_samples, n_columns)
        Token matrices to compare with.
    indices : ndarray of shape (n_samples,), dtype int64
        Class or label to explain for each row.
    n_steps : int or None
        Points on the paths of integrated gradients. None computes gradient x input.

    Returns
    -------
    scores : list of ndarray of float64
        One score for each column of the batch of the row, exactly 0 at padding.
    residuals : ndarray of shape (n_samples,), dtype float64
        Error of the numerical integration, before it is added to the scores. 0 for
        gradient x input.
    """
    module = parts.module
    rows, lengths = parts.network_input(tokens)
    n_tokens = residue_lengths(tokens)
    windows = parts.cut_windows(n_tokens)
    n_cells = np.bincount(windows.rows) * np.minimum(n_tokens, windows.width)
    starts = [parts.network_input(baseline)[0] for baseline in baselines]
    scores, residuals = [None] * len(tokens), np.zeros(len(tokens))

    def attribute_batch(batch):
        part = torch.from_numpy(batch).to(rows.device)
        longest = n_tokens[batch].max()
        # The caller may have disabled gradients.
        with torch.inference_mode(False), torch.enable_grad():
            paths = _BaselinePaths(
                module,
                rows[part, :longest],
                [start[part, :longest] for start in starts],
                parts.cut_windows(n_tokens[batch]),
                lengths[part],
                torch.from_numpy(indices[batch]).to(rows.device),
                parts.multilabel,
            )
            if n_steps is None:
                by_token = paths.gradient_x_input()
            else:
                by_token, residuals[batch] = paths.integrated_gradients(n_steps)
        for row, row_scores in zip(batch.tolist(), by_token):
            scores[row] = row_scores

    # cuDNN cannot run the backward pass of an LSTM in evaluation mode. The flag is global to the
    # process, so it is set once here: threads that set it would overwrite each other's value.
    with torch.backends.cudnn.flags(enabled=False), worker_threads(parts.device) as workers:
        list(workers.map(attribute_batch, budget_batches(n_cells, _MAX_CELLS, _ROWS)))
    return scores, residuals


class _BaselinePaths:
    """Straight paths in embedding space from baselines (0) to proteins (1)."""

    def __init__(self, module, rows, starts, windows, lengths, indices, multilabel):
        self.module, self.windows, self.lengths = module, windows, lengths
        self.indices, self.multilabel = indices, multilabel
        with torch.no_grad():
            self.end = module.embedding(rows)
            self.starts = [module.embedding(start) for start in starts]

    def gradient_x_input(self):
        """Gradient at the protein times its difference to the mean baseline, by token."""
        return self._contributions(torch.stack(self.starts).mean(0), 1.0).numpy()

    def integrated_gradients(self, n_steps):
        """Scores by token that add up to the difference of the log-odds, and the residuals.

        Equal steps instead of Gauss-Legendre nodes, because max pooling makes the gradient
        discontinuous. Successive points belong to different baselines, so that few points cover
        all baselines and the whole path.
        """
        sums = sum(
            self._contributions(self.starts[step % len(self.starts)], (step + 0.5) / n_steps)
            for step in range(n_steps)
        )
        scores = sums.numpy() / n_steps
        residuals = self._differences() - scores.sum(1)
        sizes = np.abs(scores)
        rates = residuals / np.maximum(sizes.sum(1), 1e-12)
        return scores + sizes * rates[:, np.newaxis], residuals

    def _differences(self):
        """Log-odds of the proteins minus the mean log-odds of their baselines."""
        with torch.no_grad():
            starts = [self._log_odds(start) for start in self.starts]
            difference = self._log_odds(self.end) - torch.stack(starts).mean(0)
        return difference.cpu().double().numpy()

    def _contributions(self, start, place):
        """Gradient at a point of the path times the whole path, by token."""
        # The difference is exactly 0 at padding, and so is its contribution.
        difference = self.end - start
        point = (start + place * difference).requires_grad_()
        [gradient] = torch.autograd.grad(self._log_odds(point).sum(), point)
        return (gradient * difference).sum(2).cpu().double()

    def _log_odds(self, point):
        logits = _read_windows(self.module, point, self.windows, self.lengths)
        return log_odds(logits, self.indices, self.multilabel)


def _read_windows(module, vectors, windows, lengths):
    """Mean logits over the windows of each row.

    They have the log-odds of the prediction. For classes it is the normalized geometric mean of the
    probabilities, which is the softmax of the mean logits. For labels it is the mean itself.
    """
    n_rows, n_steps, _ = vectors.shape
    rows, starts = (torch.from_numpy(array).to(vectors.device) for array in windows[:2])
    steps = torch.arange(min(windows.width, n_steps), device=vectors.device)
    cells = (rows * n_steps + starts)[:, None] + steps
    pieces = vectors.flatten(0, 1).index_select(0, cells.flatten()).unflatten(0, cells.shape)
    logits = module.read(pieces, lengths[rows].clamp(max=len(steps)))
    sums = logits.new_zeros(n_rows, logits.shape[1]).index_add(0, rows, logits)
    return sums / torch.bincount(rows)[:, None]
