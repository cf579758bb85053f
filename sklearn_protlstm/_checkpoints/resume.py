"""Checkpoints of trainings: where they are, what they belong to, and how a training resumes.

`open_checkpoint` finds the place of a training, with the state saved there or without. Its
`start` makes the callback that writes the file after every epoch. Without `checkpoint_dir` both
are objects that do nothing, so the estimators ask no questions.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.utils import check_random_state
from skorch.callbacks import Callback

from sklearn_protlstm._atomic_write import remove_drafts
from sklearn_protlstm._checkpoints.file import read_facts, read_state, write_state
from sklearn_protlstm._checkpoints.fingerprint import data_facts, describe, differences, digest
from sklearn_protlstm._checkpoints.state import check_state, net_state, restore_net
from sklearn_protlstm._training.devices import draw_seed
from sklearn_protlstm.exceptions import CheckpointMismatchError, InvalidCheckpointError

__all__ = ["NoCheckpoint", "SavedTraining", "TrainingCheckpoint", "open_checkpoint"]

# These parameters do not change the result. Of the device, only the kind counts. Of a pretrained
# model, the weights count, wherever they come from.
_WITHOUT_EFFECT = ("checkpoint_dir", "device", "pretrained", "resume", "verbose")


def open_checkpoint(estimator, rows, device, start=None):
    """Find the place of a training's checkpoint, and read it if the training resumes.

    Parameters
    ----------
    estimator : ProtLSTMClassifier or ResidueLanguageModel
        Its parameters, ``classes_`` (if it has classes) and ``vocabulary_`` are read.
    rows : TrainingSet
        All rows, before a validation part is held out.
    device : torch.device
        Where to train.
    start : PretrainedWeights or None, default=None
        Weights that the training starts from.

    Returns
    -------
    saved : SavedTraining or NoCheckpoint
        NoCheckpoint without `checkpoint_dir`.

    Raises
    ------
    ValueError
        If `resume` is set without `checkpoint_dir`.
    CheckpointMismatchError
        If all checkpoints are of other data or parameters.
    InvalidCheckpointError
        If the checkpoint cannot be read.
    """
    if estimator.checkpoint_dir is None:
        if estimator.resume:
            raise ValueError(
                f"resume={estimator.resume!r} needs checkpoint_dir: the folder with the "
                "checkpoints of the training to resume"
            )
        return NoCheckpoint(estimator.random_state)
    facts = {
        "data": data_facts(rows, getattr(estimator, "classes_", ()), estimator.vocabulary_),
        "parameters": {
            name: describe(value)
            for name, value in sorted(estimator.get_params(deep=False).items())
            if name not in _WITHOUT_EFFECT
        },
        "device": {"kind of device": device.type},
    }
    if start is not None:
        facts["data"]["pretrained weights"] = digest(start.vocabulary, *start.arrays())
    folder = Path(estimator.checkpoint_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"checkpoint-{_fingerprint(facts)}.pt"
    remove_drafts(path)
    state = None
    if estimator.resume and path.exists():
        saved_facts, state = read_state(path)
        _refuse_others({path: saved_facts}, facts)
        _check_structure(state, path)
    elif estimator.resume and estimator.resume != "matching":
        _refuse_others(_other_checkpoints(folder), facts)
    return SavedTraining(path, facts, state, estimator.random_state)


def _check_structure(state, path):
    try:
        check_state(state)
    except ValueError as error:
        raise _unfit_error(path, error) from error


def _unfit_error(path, reason):
    return InvalidCheckpointError(
        f"{path} does not fit the network of these parameters ({reason}). Delete it and train "
        "from the start, or give another checkpoint_dir",
        path=str(path),
    )


def _fingerprint(facts):
    return digest(np.frombuffer(json.dumps(facts, sort_keys=True).encode(), np.uint8))


def _other_checkpoints(folder):
    others = {}
    for path in sorted(folder.glob("checkpoint-*.pt")):
        try:
            others[path] = read_facts(path)
        except InvalidCheckpointError:
            continue  # a damaged file does not keep a training from starting
    return others


def _refuse_others(others, facts):
    by_path = {path: differences(saved, facts) for path, saved in others.items()}
    if not all(by_path.values()) or not by_path:
        return
    path, lines = min(by_path.items(), key=lambda item: len(item[1]))
    raise CheckpointMismatchError(
        f"resume=True, but the checkpoints in {path.parent} ({len(by_path)}) are of other data or "
        f"parameters. {path.name} differs in {'; '.join(lines)}. To resume it, set these back. To "
        "train from the start, give another checkpoint_dir or resume=False. Where many fits share "
        'a folder, as in a search, use resume="matching"',
        path=str(path),
        differences=lines,
    )


class NoCheckpoint:
    """Stands for a training that keeps no checkpoint; nothing here does anything."""

    finished = False
    callback = None

    def __init__(self, random_state):
        self.rng = check_random_state(random_state)

    def start(self, train, valid):
        """Return the object itself: there is nothing to write."""
        return self

    def write(self, net):
        """Do nothing."""


class SavedTraining:
    """The place of a training's checkpoint, and the state saved there.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    facts : dict
        What the training belongs to.
    state : dict or None
        Saved state; None starts a new training.
    random_state : int, RandomState instance or None
        Of the classifier. For None the checkpoint keeps the seed of the training.
    """

    def __init__(self, path, facts, state, random_state):
        self.path = path
        self.facts = facts
        self.state = state
        self.rng = check_random_state(random_state)
        self.seed = None
        if random_state is None:
            self.seed = draw_seed(self.rng) if state is None else state["seed"]
            self.rng = np.random.RandomState(self.seed)

    def start(self, train, valid):
        """Make the checkpoint of the training on these parts of the data.

        Raises CheckpointMismatchError if the saved training held out other sequences.
        """
        parts = () if valid is None else (train, valid)
        checksum = digest(*(array for part in parts for array in (part.tokens, part.labels)))
        if self.state is not None and self.state["parts"] != checksum:
            raise CheckpointMismatchError(
                "The training cannot resume, because validation_split holds out other sequences "
                f"than it did for {self.path}. Give the splitter a random_state. To train from the "
                "start, give another checkpoint_dir or resume=False",
                path=str(self.path),
                differences=["validation part"],
            )
        return TrainingCheckpoint(self, checksum)


class TrainingCheckpoint(Callback):
    """Write the state of a training after every epoch, and restore a saved one at its start.

    Parameters
    ----------
    saved : SavedTraining
        The place, and the state to resume from.
    parts : str
        Checksum of the training and validation parts.
    """

    def __init__(self, saved, parts):
        self.saved = saved
        self.parts = parts

    @property
    def callback(self):
        """The callback that the net needs."""
        return self

    @property
    def finished(self):
        """Whether the saved training has done all its epochs."""
        return self.saved.state is not None and self.saved.state["finished"]

    def on_train_begin(self, net, **kwargs):
        """Restore the saved state after all other callbacks have started."""
        if self.saved.state is not None:
            self.restore(net)

    def on_epoch_end(self, net, **kwargs):
        """Write the state."""
        self.write(net, finished=False)

    def write(self, net, finished=True):
        """Write the state of the net."""
        mine = {"finished": finished, "seed": self.saved.seed, "parts": self.parts}
        write_state(self.saved.path, mine | net_state(net), self.saved.facts)

    def restore(self, net):
        """Set an initialized net to the saved state."""
        try:
            restore_net(net, self.saved.state, finished=self.finished)
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise _unfit_error(self.saved.path, error) from error
