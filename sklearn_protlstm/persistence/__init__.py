"""Save fitted models to files that contain only data, and load them without running code."""

import os
import reprlib

from sklearn_protlstm.exceptions import (
    InvalidModelContentError,
    ModelFileError,
)
from sklearn_protlstm.persistence._container import (
    FORMAT,
    deserialize,
    read_file,
    serialize,
    write_file,
)
from sklearn_protlstm.persistence._reading import Reader
from sklearn_protlstm.persistence._round_trip import changed_parameters_error, check_same_state
from sklearn_protlstm.persistence._values import truncate
from sklearn_protlstm.persistence._versions import (
    check_versions,
    package_versions,
    version_errors,
)
from sklearn_protlstm.persistence._writing import Writer

__all__ = ["load_model", "save_model"]


def save_model(model, path):
    """Save a fitted model to a file that is safe to load.

    The file uses the safetensors format. It stores weights as arrays, everything else as JSON, and
    a checksum of the whole file. Saving the same model twice gives the same bytes.

    Parameters
    ----------
    model : estimator
        Fitted model: a :class:`ProtLSTMClassifier`, an encoder, a baseline of this package, or a
        pipeline, calibration, voting or stacking of these. :doc:`/model_files` lists all classes.
    path : str or path-like
        Path of the file. An existing file is replaced in one step: after a crash, the file is
        either the old one or the new one.

    Raises
    ------
    UnsavableModelError
        If the file cannot store the model, an estimator in it, a fitted attribute or the value of a
        parameter, such as a callback. Also if parameters have changed since the model was fitted.
    NotFittedError
        If the model is not fitted.
    FileNotFoundError
        If the folder does not exist.
    IsADirectoryError
        If the path is a folder.

    See Also
    --------
    load_model : Load the model from the file.

    Notes
    -----
    The file does not store `device`, `checkpoint_dir`, `resume`, the state of the optimizer and of
    the random number generators, or the history of single batches. NumPy scalars among the
    parameters become Python numbers.

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
    data = Writer(arrays).model(model)
    description = {"format": FORMAT, "versions": package_versions(), "model": data}
    content = serialize(description, arrays)
    _check_round_trip(model, content)
    write_file(content, path)


def load_model(path, device="auto"):
    """Load a model from a file written by :func:`save_model`.

    Loading does not run code from the file, and checks all of its content. A file from an untrusted
    source can contain a bad model, but it cannot do any harm.

    Parameters
    ----------
    path : str or path-like
        Path of the file.
    device : str or torch.device, default="auto"
        Device on which a :class:`ProtLSTMClassifier` computes. It may differ from the one used for
        training. "auto" selects CUDA if available, then MPS, then the CPU.

    Returns
    -------
    model : estimator
        Fitted model. On the same machine, its predictions are bitwise identical to those of the
        saved model. ``partial_fit`` continues training from the saved weights, with a new optimizer
        and with random numbers that start again from `random_state`.

    Raises
    ------
    ModelFileError
        Base class of the next six errors, to catch them all.
    MissingModelFileError
        If the file does not exist.
    UnreadableModelFileError
        If the path is a folder or a device, or if the file cannot be opened.
    ForeignFileError
        If the file has another format.
    DamagedModelFileError
        If the file is incomplete or has changed since it was saved.
    NewerModelFileError
        If a later version of this package wrote the file in a newer format.
    InvalidModelContentError
        If the content does not describe a valid model.
    DeviceUnavailableError
        If this machine does not have the device.

    Warns
    -----
    ModelVersionWarning
        If the model has fitted classes of scikit-learn, and another minor version of scikit-learn
        saved it.

    See Also
    --------
    save_model : Save a model to a file.

    Notes
    -----
    Every version of this package reads the files of all earlier versions.

    Examples
    --------
    >>> from sklearn_protlstm import load_model
    >>> load_model("no_such_file.model")
    Traceback (most recent call last):
    sklearn_protlstm.exceptions.MissingModelFileError: no_such_file.model: the file does not ...
    """
    path = os.fsdecode(path)
    try:
        return _model_from_bytes(read_file(path), device)
    except ModelFileError as error:
        with_path = type(error)(f"{path}: {truncate(error, 1000)}", path=path)
        raise with_path from error.__cause__


def _model_from_bytes(content, device):
    description, arrays = deserialize(content)
    data = description.get("model")
    if type(data) is not dict:
        raise InvalidModelContentError("the description of the model is missing")
    with version_errors(description):
        model = Reader(arrays, device).model(data)
    if arrays:
        raise InvalidModelContentError(f"the array {reprlib.repr(min(arrays))} is not used")
    check_versions(model, description)
    return model


def _check_round_trip(model, content):
    """Load the model again before it is written.

    This finds parameters that have changed since the model was fitted: they no longer match the
    fitted attributes.
    """
    try:
        restored = _model_from_bytes(content, "cpu")
    except InvalidModelContentError as error:
        raise changed_parameters_error(str(error)) from error
    check_same_state(model, restored)
