"""Trainings that survive the end of their process: their whole state on disk after each epoch."""

import json
from pathlib import Path

import numpy as np
from skorch.callbacks import Callback

from sklearn_protlstm._checkpoints.file import (
    read_facts,
    read_state,
    remove_leftovers,
    write_state,
)
from sklearn_protlstm._checkpoints.fingerprint import data_facts, describe, differences, digest
from sklearn_protlstm._checkpoints.state import net_state, restore_net
from sklearn_protlstm.exceptions import CheckpointMismatchError, InvalidCheckpointError

__all__ = ["TrainingCheckpoint", "open_checkpoint"]

# These parameters change nothing about the result; a device counts by its kind.
_NO_MATTER = ("checkpoint_dir", "device", "resume", "verbose")

# What skorch's scores keep of the batches of one epoch.
_CACHES = ("y_preds_", "y_trues_")


def open_checkpoint(classifier, train, device):
    """Find the place of a training's checkpoint, and read it if the training is to go on.

    Parameters
    ----------
    classifier : ProtLSTMClassifier
        Its parameters, ``classes_`` and ``vocabulary_`` are read.
    train : TrainingSet
        All rows, before any validation part is held out.
    device : torch.device
        Where to train.

    Returns
    -------
    checkpoint : TrainingCheckpoint or None
        None without `checkpoint_dir`.

    Raises
    ------
    ValueError
        If there is nothing to resume from by the parameters.
    CheckpointMismatchError
        If there are checkpoints, but of other data or parameters.
    InvalidCheckpointError
        If the checkpoint cannot be read.
    """
    if classifier.checkpoint_dir is None:
        if classifier.resume:
            raise ValueError(
                f"resume={classifier.resume!r} needs checkpoint_dir: the folder that the training "
                "to go on with wrote its checkpoints to"
            )
        return None
    facts = {
        "data": data_facts(train, classifier.classes_, classifier.vocabulary_),
        "parameters": {
            name: describe(value)
            for name, value in sorted(classifier.get_params(deep=False).items())
            if name not in _NO_MATTER
        },
        "device": {"kind of device": device.type},
    }
    folder = Path(classifier.checkpoint_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"checkpoint-{_fingerprint(facts)}.safetensors"
    remove_leftovers(path)
    state = None
    if classifier.resume and path.exists():
        there, state = read_state(path)
        _refuse_others({path: there}, facts)
    elif classifier.resume and classifier.resume != "matching":
        _refuse_others(_other_checkpoints(folder), facts)
    return TrainingCheckpoint(path, facts, state)


def _fingerprint(facts):
    return digest(np.frombuffer(json.dumps(facts, sort_keys=True).encode(), np.uint8))


def _other_checkpoints(folder):
    others = {}
    for path in sorted(folder.glob("checkpoint-*.safetensors")):
        try:
            others[path] = read_facts(path)
        except InvalidCheckpointError:
            continue  # it is in nobody's way
    return others


def _refuse_others(others, facts):
    by_path = {path: differences(there, facts) for path, there in others.items()}
    if not all(by_path.values()) or not by_path:
        return
    path, lines = min(by_path.items(), key=lambda item: len(item[1]))
    raise CheckpointMismatchError(
        f"resume=True, but the checkpoints in {path.parent} ({len(by_path)}) are of other data or "
        f"parameters. {path.name} differs in {'; '.join(lines)}. Set these back to go on with it; "
        "to train afresh, give another checkpoint_dir or resume=False; where many fits share a "
        'folder, as in a search, resume="matching"',
        path=str(path),
        differences=lines,
    )


class TrainingCheckpoint(Callback):
    """Write the state of a training after every epoch, and bring one back.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    facts : dict
        What it belongs to.
    state : dict or None, default=None
        Of the training to go on with.
    """

    def __init__(self, path, facts, state=None):
        self.path = path
        self.facts = facts
        self.state = state

    @property
    def finished(self):
        """Whether the training to go on with has come to its end."""
        return self.state is not None and self.state["finished"]

    def random_state(self, rng):
        """Give the generator that all random numbers of this training come from.

        Parameters
        ----------
        rng : numpy.random.RandomState
            The classifier's.

        Returns
        -------
        rng : numpy.random.RandomState
            The same one, unless the classifier has ``random_state=None``: then one whose seed the
            checkpoint keeps.
        """
        self.seed = None if self.state is None else self.state["seed"]
        if self.facts["parameters"]["random_state"] is not None:
            return rng
        if self.seed is None:
            self.seed = int(rng.randint(2**31 - 1))
        return np.random.RandomState(self.seed)

    def check_parts(self, train, valid):
        """Compare the validation part with the one of the training to go on with.

        Parameters
        ----------
        train, valid : TrainingSet or None
            Parts of the data; without early stopping there is no `valid`.

        Raises
        ------
        CheckpointMismatchError
            If the splitter gives other parts than it gave then.
        """
        parts = () if valid is None else (train, valid)
        self.parts = digest(*(array for part in parts for array in (part.tokens, part.labels)))
        if self.state is not None and self.state["parts"] != self.parts:
            raise CheckpointMismatchError(
                "The training cannot go on, for validation_split holds out other sequences than it "
                f"did for {self.path}. Give the splitter a random_state; to train afresh, give "
                "another checkpoint_dir or resume=False",
                path=str(self.path),
                differences=["validation part"],
            )

    def on_train_begin(self, net, **kwargs):
        """Bring the training back to where it was, after all other callbacks have begun anew.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        if self.state is not None:
            self.restore(net)

    def on_epoch_end(self, net, **kwargs):
        """Write the checkpoint.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        **kwargs : dict
            Not used.
        """
        self.write(net)

    def write(self, net, finished=False):
        """Write the checkpoint.

        Parameters
        ----------
        net : SequenceNet
            The net in training.
        finished : bool, default=False
            Whether the training has come to its end.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        state = {"finished": finished, "seed": self.seed, "parts": self.parts, **net_state(net)}
        write_state(self.path, state, self.facts)

    def restore(self, net):
        """Bring a net to the state of the training to go on with, which is then let go.

        Parameters
        ----------
        net : SequenceNet
            Initialized with the same parameters.

        Raises
        ------
        InvalidCheckpointError
            If the state does not fit the net.
        """
        state, self.state = self.state, None
        try:
            restore_net(net, state)
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InvalidCheckpointError(
                f"{self.path} does not fit the network that its parameters make ({error}). Delete "
                "it and train afresh, or give another checkpoint_dir",
                path=str(self.path),
            ) from error
