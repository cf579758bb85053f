"""Save fitted models as files that hold data only, and load them without running any code."""

import os
import reprlib
from importlib.metadata import PackageNotFoundError, version

from sklearn_protlstm._version import __version__
from sklearn_protlstm.exceptions import (
    InvalidModelContentError,
    ModelFileError,
    UnsavableModelError,
)
from sklearn_protlstm.persistence._container import FORMAT, pack, read, unpack, write
from sklearn_protlstm.persistence._estimators import describe, estimators_of, restore
from sklearn_protlstm.persistence._values import shorten

__all__ = ["load_model", "save_model"]

_PACKAGES = ("numpy", "scikit-learn", "skorch", "torch")


def save_model(model, path):
    """Save a fitted model as one file that anyone can load without trusting it.

    The file is in the safetensors format: weights as arrays, everything else as JSON, and a
    checksum over all of it. The same model gives the same bytes.

    Parameters
    ----------
    model : ProtLSTMClassifier, SequenceEncoder, KmerVectorizer or Pipeline
        Fitted. The steps of a pipeline must be of the first three classes.
    path : str or path-like
        Name of the file. It is replaced if it exists, in one step: a crash leaves the old file
        or the new one, never half of one.

    Raises
    ------
    UnsavableModelError
        If the model, a step or the value of a parameter is nothing that the file can hold, such
        as a callback, or if parameters were changed after fitting.
    NotFittedError
        If the model was not fitted.
    FileNotFoundError
        If the folder does not exist.
    IsADirectoryError
        If the path is a folder.

    See Also
    --------
    load_model : The way back.

    Notes
    -----
    Every parameter is kept but one: `device` belongs to the machine, and ``load_model`` is told
    it anew. Numbers of NumPy's types become Python's. The state of the optimizer and of the
    random numbers is left out, and of the history of each epoch the list of its batches.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn_protlstm import SequenceEncoder, load_model, save_model
    >>> encoder = SequenceEncoder().fit(["ACD", "MNTQ"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(encoder, Path(folder) / "encoder.model")
    ...     load_model(Path(folder) / "encoder.model").transform(["MAC"])
    array([[12,  2,  3,  0]], dtype=uint8)
    """
    path = os.fsdecode(path)
    arrays = {}
    data = describe(model, arrays)
    content = pack({"format": FORMAT, "versions": _versions(), "model": data}, arrays)
    _check_restored(model, content)
    write(content, path)


def load_model(path, device="auto"):
    """Load a model from a file of :func:`save_model`.

    Nothing in the file is run: it holds data, every part of which is checked. A stranger's file
    can be wrong, but it can do no harm.

    Parameters
    ----------
    path : str or path-like
        Name of the file.
    device : str or torch.device, default="auto"
        Where a :class:`ProtLSTMClassifier` is to compute, on whatever device it was trained:
        "auto" is CUDA, else MPS, else the CPU.

    Returns
    -------
    model : ProtLSTMClassifier, SequenceEncoder, KmerVectorizer or Pipeline
        Fitted, with the same predictions to the bit on the same machine. ``fit`` works as ever;
        ``partial_fit`` goes on from the weights with a fresh optimizer and with random numbers
        that start again from `random_state`.

    Raises
    ------
    ModelFileError
        If no model can be loaded; of its kinds, MissingModelFileError and
        UnreadableModelFileError tell of the path, ForeignFileError of other formats,
        DamagedModelFileError of files cut short or altered, NewerModelFileError of formats of
        the future, and InvalidModelContentError of contents that make no model.
    DeviceUnavailableError
        If this machine has no such device.

    See Also
    --------
    save_model : Writes such files.

    Notes
    -----
    Files have a format number, and every number of the past stays readable.

    Examples
    --------
    >>> from sklearn_protlstm import load_model
    >>> load_model("no_such_file.model")
    Traceback (most recent call last):
    sklearn_protlstm.exceptions.MissingModelFileError: no_such_file.model: there is no such file...
    """
    path = os.fsdecode(path)
    try:
        return _restore_all(read(path), device)
    except ModelFileError as error:
        named = type(error)(f"{path}: {shorten(error, 1000)}", path=path)
        raise named from error.__cause__


def _versions():
    """What the model was saved with, for those who have to look into a file later."""
    versions = {"sklearn_protlstm": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # installed by other means than a Python package
            continue
    return versions


def _restore_all(content, device):
    description, arrays = unpack(content)
    data = description.get("model")
    if type(data) is not dict:
        raise InvalidModelContentError("there is no description of a model")
    model = restore(data, arrays, device)
    if arrays:
        raise InvalidModelContentError(f"nothing uses the array {reprlib.repr(min(arrays))}")
    return model


def _check_restored(model, content):
    """Load what would be saved, as parameters may have been changed after fitting."""
    try:
        restored = _restore_all(content, "cpu")
    except InvalidModelContentError as error:
        raise _changed_error(str(error)) from error
    for one, other in zip(estimators_of(model), estimators_of(restored)):
        for name in ("alphabet_", "max_length_", "n_tokens_"):
            if getattr(one, name, None) != getattr(other, name, None):
                raise _changed_error(
                    f"{name} is {getattr(one, name)!r}, not {getattr(other, name)!r}"
                )
        if hasattr(one, "net_") and one.net_.module_.pooling != other.net_.module_.pooling:
            raise _changed_error(
                f"the network pools {one.net_.module_.pooling}, not {other.net_.module_.pooling}"
            )


def _changed_error(reason):
    return UnsavableModelError(
        "The parameters do not describe what was fitted; they seem to have been changed after "
        f"fitting ({reason}). Fit again, or set them back, before saving",
        name="model",
    )
