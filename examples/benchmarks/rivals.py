"""Ways to train and apply the same network, each timed through the same two calls.

The network: embedding 32, bidirectional LSTM, final states, linear head. All ways see the same
sequences, labels and batch size; every one but the library starts from ready-made token matrices.
``workers.py`` runs those of ``TORCH_WAYS`` in processes of their own.
"""

import time
import warnings
from functools import partial

import numpy as np
import torch
from skorch import NeuralNetClassifier
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm._encoding.token_matrix import residue_lengths
from sklearn_protlstm._network.module import SequenceLSTM
from sklearn_protlstm._training import inference as prediction
from sklearn_protlstm._training.batches import bucket_batches, budget_batches, cut_shares
from sklearn_protlstm._training.threads import worker_threads

EMBEDDING_DIM = 32


class EncodedProblem:
    """A token matrix with labels, and the size of network and batch.

    Parameters
    ----------
    tokens : ndarray of shape (n_samples, n_steps)
        Right-padded with 0.
    labels : ndarray of shape (n_samples,), dtype int64
        Class numbers.
    hidden_size : int
        Units of each direction.
    batch_size : int
        Rows of a batch.
    """

    def __init__(self, tokens, labels, hidden_size, batch_size):
        self.tokens, self.labels = tokens, labels
        self.hidden_size, self.batch_size = hidden_size, batch_size
        self.lengths = residue_lengths(tokens)
        self.n_classes = int(labels.max()) + 1
        self.n_residues = int(self.lengths.sum())

    @classmethod
    def load(cls, path):
        """Read what ``workers.Worker`` has saved."""
        data = np.load(path)
        sizes = (int(data[name]) for name in ("hidden_size", "batch_size"))
        return cls(data["tokens"], data["labels"], *sizes)


class Problem(EncodedProblem):
    """Sequences with labels, encoded once.

    Parameters
    ----------
    sequences : list of str
        Proteins.
    y : array-like of shape (n_samples,)
        Labels.
    hidden_size : int
        Units of each direction.
    batch_size : int
        Rows of a batch.
    """

    def __init__(self, sequences, y, hidden_size, batch_size):
        self.sequences, self.y = list(sequences), np.asarray(y)
        labels = np.unique(self.y, return_inverse=True)[1].astype(np.int64)
        tokens = SequenceEncoder().fit_transform(self.sequences)
        super().__init__(tokens, labels, hidden_size, batch_size)


class Library:
    """This library through its public interface; epochs as its own history reports them."""

    name = "sklearn_protlstm"

    def __init__(self, problem):
        self.problem = problem
        self.encoder = SequenceEncoder()

    def _classifier(self, max_epochs):
        return ProtLSTMClassifier(
            hidden_size=self.problem.hidden_size,
            embedding_dim=EMBEDDING_DIM,
            pooling="last",
            dropout=0,
            token_dropout=0,
            batch_size=self.problem.batch_size,
            max_epochs=max_epochs,
            random_state=0,
        )

    def train_epoch(self):
        # The first epoch warms up; the second is timed.
        tokens = self.encoder.fit_transform(self.problem.sequences)
        self.classifier = self._classifier(2).fit(tokens, self.problem.y)
        return self.classifier.history_[-1]["dur"]

    def predict(self):
        start = time.perf_counter()
        self.classifier.predict_proba(self.encoder.transform(self.problem.sequences))
        return time.perf_counter() - start


class BareLoop:
    """The same modules on batches cut beforehand: no scikit-learn, no skorch. Practical limit."""

    name = "bare loop, worker threads"

    def __init__(self, problem):
        self.problem = problem
        torch.manual_seed(0)
        self.module = SequenceLSTM(
            torch.randn(22, EMBEDDING_DIM),
            problem.n_classes,
            freeze_embedding=False,
            hidden_size=problem.hidden_size,
            num_layers=1,
            bidirectional=True,
            pooling=("last",),
            dropout=0,
            token_dropout=0,
        )
        self.optimizer = torch.optim.AdamW(self.module.parameters(), fused=True)
        rng = np.random.RandomState(0)
        self.batches = [
            self._cut(rows) for rows in bucket_batches(problem.lengths, problem.batch_size, rng)
        ]
        self.large_batches = [
            self._cut(rows)
            for rows in budget_batches(problem.lengths, prediction.MAX_CELLS, prediction.ROWS)
        ]

    def _cut(self, rows):
        lengths = self.problem.lengths[rows]
        tokens = self.problem.tokens[rows, : lengths.max()].astype(np.int32)
        return (
            torch.from_numpy(tokens),
            torch.from_numpy(lengths),
            torch.from_numpy(self.problem.labels[rows]),
        )

    def train_epoch(self):
        parameters = list(self.module.parameters())

        def learn(share):
            tokens, lengths, labels = share
            compute_loss = partial(nn.functional.cross_entropy, target=labels)
            *_, gradients = self.module.learn_two_ways(
                tokens, lengths, compute_loss, None, workers.both
            )
            return [gradients[parameter] for parameter in parameters], len(labels)

        with worker_threads(torch.device("cpu")) as workers:
            start = time.perf_counter()
            for batch in self.batches:
                tokens, lengths, labels = batch
                shares = [
                    (tokens[rows, : lengths[rows].max()], lengths[rows], labels[rows])
                    for rows in cut_shares(*tokens.shape, two_ways=True)
                ]
                results = list(workers.map(learn, reversed(shares)))
                for i, parameter in enumerate(parameters):
                    parameter.grad = sum(g[i] * (rows / len(labels)) for g, rows in results)
                nn.utils.clip_grad_norm_(parameters, 1.0)
                self.optimizer.step()
            return time.perf_counter() - start

    def predict(self):
        def apply(batch):
            with torch.inference_mode():
                return self.module(batch[0], batch[1])

        with worker_threads(torch.device("cpu")) as workers:
            start = time.perf_counter()
            list(workers.map(apply, reversed(self.large_batches)))
            return time.perf_counter() - start


class BareLoopTorchThreads(BareLoop):
    """The same loop with torch's own threads inside each operation."""

    name = "bare loop, torch's threads"

    def train_epoch(self):
        parameters = list(self.module.parameters())
        start = time.perf_counter()
        for tokens, lengths, labels in self.batches:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.module(tokens, lengths), labels).backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            self.optimizer.step()
        return time.perf_counter() - start

    def predict(self):
        start = time.perf_counter()
        with torch.inference_mode():
            for tokens, lengths, _ in self.large_batches:
                self.module(tokens, lengths)
        return time.perf_counter() - start


class TextbookLSTM(nn.Module):
    """Embedding, torch's bidirectional LSTM, final states, head, as tutorials write it."""

    def __init__(self, n_classes, hidden_size, packed):
        super().__init__()
        self.packed = packed
        self.embedding = nn.Embedding(22, EMBEDDING_DIM, padding_idx=0)
        self.lstm = nn.LSTM(EMBEDDING_DIM, hidden_size, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden_size, n_classes)

    def forward(self, tokens):
        vectors = self.embedding(tokens)
        if self.packed:
            lengths = (tokens != 0).sum(1)
            vectors = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        _, (final, _) = self.lstm(vectors)
        return self.head(torch.cat([final[0], final[1]], 1))


class Padded:
    """Plain PyTorch, all rows padded to the longest of all."""

    name = "PyTorch, padded"
    packed = False

    def __init__(self, problem):
        self.problem = problem
        torch.manual_seed(0)
        self.module = TextbookLSTM(problem.n_classes, problem.hidden_size, self.packed)
        self.optimizer = torch.optim.AdamW(self.module.parameters())
        self.tokens = torch.from_numpy(problem.tokens.astype(np.int32))
        self.labels = torch.from_numpy(problem.labels)

    def train_epoch(self):
        self.module.train()
        start = time.perf_counter()
        for rows in torch.randperm(len(self.tokens)).split(self.problem.batch_size):
            self.optimizer.zero_grad()
            logits = self.module(self.tokens[rows])
            nn.functional.cross_entropy(logits, self.labels[rows]).backward()
            self.optimizer.step()
        return time.perf_counter() - start

    def predict(self):
        self.module.eval()
        start = time.perf_counter()
        with torch.inference_mode():
            for rows in torch.arange(len(self.tokens)).split(self.problem.batch_size):
                self.module(self.tokens[rows])
        return time.perf_counter() - start


class Packed(Padded):
    """Plain PyTorch with pack_padded_sequence, shuffled batches."""

    name = "PyTorch, packed"
    packed = True


class SkorchDefault:
    """skorch with its default DataLoader on the padded matrix."""

    name = "skorch, default"

    def __init__(self, problem):
        self.problem = problem
        self.tokens = problem.tokens.astype(np.int32)
        self.net = NeuralNetClassifier(
            TextbookLSTM(problem.n_classes, problem.hidden_size, packed=False),
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.AdamW,
            batch_size=problem.batch_size,
            train_split=None,
            callbacks__valid_acc=None,
            verbose=0,
        ).initialize()

    def train_epoch(self):
        self.net.partial_fit(self.tokens, self.problem.labels, epochs=1)
        return self.net.history[-1]["dur"]

    def predict(self):
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.net.predict_proba(self.tokens)
        return time.perf_counter() - start


TORCH_WAYS = (BareLoopTorchThreads, Padded, SkorchDefault, Packed)
