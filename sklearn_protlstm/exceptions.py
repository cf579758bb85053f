"""Errors and warnings of this package, with the facts as attributes.

Read the attributes to drop bad records or to count truncated sequences. Do not parse the messages.
"""

import inspect

__all__ = [
    "AlteredCacheWarning",
    "BatchMemoryWarning",
    "CheckpointMismatchError",
    "DamagedModelFileError",
    "DataQualityWarning",
    "DeviceMemoryError",
    "DeviceUnavailableError",
    "DownloadError",
    "EmptySequenceError",
    "FileInUseError",
    "ForeignFileError",
    "InvalidCheckpointError",
    "InvalidModelContentError",
    "InvalidResidueError",
    "InvalidSequenceError",
    "MissingModelFileError",
    "ModelFileError",
    "ModelVersionWarning",
    "NewerModelFileError",
    "NonFiniteLossError",
    "ResumeError",
    "SequenceFileError",
    "SequenceFileWarning",
    "TruncationWarning",
    "UnreadableModelFileError",
    "UnsavableModelError",
]


class _PicklesAttributes:
    # By default, exceptions are unpickled with the message alone. Parallel searches send them
    # between processes, so the other arguments must survive too. Each argument of __init__ after
    # the message is an attribute of the same name.
    def __reduce__(self):
        _, *names = inspect.signature(self.__init__).parameters
        arguments = (str(self), *(getattr(self, name) for name in names))
        return type(self), arguments, vars(self)  # vars has the notes of add_note


class InvalidSequenceError(_PicklesAttributes, ValueError):
    """Raised if a record is not a protein sequence.

    Parameters
    ----------
    message : str
        Error message.
    record : int
        Index of the record in the input, counted from 0: the record is ``X[record]``.
    """

    def __init__(self, message, record):
        super().__init__(message)
        self.record = record


class EmptySequenceError(InvalidSequenceError):
    """Raised if a record has no residues.

    Parameters
    ----------
    message : str
        Error message.
    record : int
        Index of the record in the input, counted from 0.
    """


class InvalidResidueError(InvalidSequenceError):
    """Raised if a sequence has a symbol that is not in the alphabet.

    Parameters
    ----------
    message : str
        Error message.
    record : int
        Index of the record in the input, counted from 0.
    position : int
        Position of the residue in the sequence, counted from 1 as in biology.
    symbol : str
        The invalid character.
    """

    def __init__(self, message, record, position, symbol):
        super().__init__(message, record)
        self.position = position
        self.symbol = symbol


class SequenceFileError(_PicklesAttributes, ValueError):
    """Raised if a sequence file, or a record in it, cannot be read.

    Parameters
    ----------
    message, file : str
        Error message and name of the file.
    record : int or None, default=None
        Index of the record in the file, counted from 0. None if the error concerns the whole file.
    line : int or None, default=None
        The invalid line, or the last line read, counted from 1. None if no line applies.
    """

    def __init__(self, message, file, record=None, line=None):
        super().__init__(message)
        self.file = file
        self.record = record
        self.line = line


class ResumeError(_PicklesAttributes, ValueError):
    """Raised if an existing file of predictions belongs to a different run.

    Parameters
    ----------
    message, file : str
        Error message and file of predictions.
    row : int or None, default=None
        First row that does not match, counted from 0 below the header. None if the header does
        not match, or if no single row is known.
    """

    def __init__(self, message, file, row=None):
        super().__init__(message)
        self.file = file
        self.row = row


class FileInUseError(_PicklesAttributes, OSError):
    """Raised if another process or thread writes to a file of predictions.

    Parameters
    ----------
    message, file : str
        Error message and file of predictions.
    process : int or None, default=None
        Id of the process that writes to it. None if it is not known.
    """

    def __init__(self, message, file, process=None):
        super().__init__(message)
        self.file = file
        self.process = process


class NonFiniteLossError(_PicklesAttributes, ArithmeticError):
    """Raised if a loss or a gradient becomes infinite or NaN during training.

    Parameters
    ----------
    message : str
        Error message.
    epoch : int
        Epoch in which this happened, counted from 1.
    """

    def __init__(self, message, epoch):
        super().__init__(message)
        self.epoch = epoch


class DeviceUnavailableError(_PicklesAttributes, ValueError):
    """Raised if this machine does not have the requested device.

    Parameters
    ----------
    message, device : str
        Error message and requested device, such as "cuda:1".
    """

    def __init__(self, message, device):
        super().__init__(message)
        self.device = device


class UnsavableModelError(_PicklesAttributes, TypeError):
    """Raised if a model file cannot hold the model or one of its parameters.

    Parameters
    ----------
    message, name : str
        Error message and name of the step or parameter, as in ``set_params``.
    """

    def __init__(self, message, name):
        super().__init__(message)
        self.name = name


class ModelFileError(_PicklesAttributes, ValueError):
    """Raised if a model cannot be loaded from a file. Base class of the errors below.

    Parameters
    ----------
    message : str
        Error message.
    path : str or None, default=None
        The file.
    """

    def __init__(self, message, path=None):
        super().__init__(message)
        self.path = path


class UnreadableModelFileError(ModelFileError, OSError):
    """Raised if the path cannot be opened as a file.

    Parameters
    ----------
    message, path : str
        See :class:`ModelFileError`.
    """


class MissingModelFileError(UnreadableModelFileError, FileNotFoundError):
    """Raised if the path does not exist.

    Parameters
    ----------
    message, path : str
        See :class:`ModelFileError`.
    """


class ForeignFileError(ModelFileError):
    """Raised if the file is not a model file, but a pickle for example.

    Parameters
    ----------
    message, path : str
        See :class:`ModelFileError`.
    """


class DamagedModelFileError(ModelFileError):
    """Raised if the model file was truncated or changed after it was written.

    Parameters
    ----------
    message, path : str
        See :class:`ModelFileError`.
    """


class NewerModelFileError(ModelFileError):
    """Raised if the format of the model file needs a later version of the package.

    Parameters
    ----------
    message, path : str
        See :class:`ModelFileError`.
    """


class InvalidModelContentError(ModelFileError):
    """Raised if the model file is undamaged, but its content is not a valid model.

    Parameters
    ----------
    message, path : str
        See :class:`ModelFileError`.
    """


class TruncationWarning(_PicklesAttributes, UserWarning):
    """Sequences longer than the longest training sequence were truncated.

    Parameters
    ----------
    message : str
        Warning message.
    n_truncated : int
        Number of truncated sequences.
    """

    def __init__(self, message, n_truncated):
        super().__init__(message)
        self.n_truncated = n_truncated


class SequenceFileWarning(_PicklesAttributes, UserWarning):
    """Records were read although they deviate slightly from their file format.

    Parameters
    ----------
    message, file : str
        Warning message and name of the file.
    n_records : int
        Number of such records.
    """

    def __init__(self, message, file, n_records):
        super().__init__(message)
        self.file = file
        self.n_records = n_records


class DataQualityWarning(_PicklesAttributes, UserWarning):
    """A problem in the data makes scores unreliable.

    Parameters
    ----------
    message, kind : str
        Warning message and kind of finding, such as "conflicting labels".
    """

    def __init__(self, message, kind):
        super().__init__(message)
        self.kind = kind


class DownloadError(_PicklesAttributes, OSError):
    """Raised if a data set could not be downloaded completely.

    Nothing incomplete is kept. Call the function again to start the download again.

    Parameters
    ----------
    message, url, folder : str
        Error message, URL that failed and folder of the download.
    """

    def __init__(self, message, url, folder):
        super().__init__(message)
        self.url = url
        self.folder = folder


class AlteredCacheWarning(_PicklesAttributes, UserWarning):
    """A downloaded file has changed since it was stored.

    Parameters
    ----------
    message, path : str
        Warning message and path of the file.
    """

    def __init__(self, message, path):
        super().__init__(message)
        self.path = path


class InvalidCheckpointError(_PicklesAttributes, ValueError):
    """Raised if a file is not a valid checkpoint, or is damaged.

    Parameters
    ----------
    message, path : str
        Error message and path of the file.
    """

    def __init__(self, message, path):
        super().__init__(message)
        self.path = path


class CheckpointMismatchError(_PicklesAttributes, ValueError):
    """Raised if the data or the parameters differ from those of every checkpoint.

    Parameters
    ----------
    message, path : str
        Error message and path of the most similar checkpoint.
    differences : list of str
        What differs, with both values in each entry.
    """

    def __init__(self, message, path, differences):
        super().__init__(message)
        self.path = path
        self.differences = differences


class DeviceMemoryError(_PicklesAttributes, MemoryError):
    """Raised if the memory of a device cannot hold a single sequence.

    Parameters
    ----------
    message, device : str
        Error message and name of the device.
    n_residues : int
        Length of the sequence in tokens.
    """

    def __init__(self, message, device, n_residues):
        super().__init__(message)
        self.device = device
        self.n_residues = n_residues


class BatchMemoryWarning(_PicklesAttributes, UserWarning):
    """A batch did not fit into the memory of a device and was split into smaller parts.

    Parameters
    ----------
    message, device : str
        Warning message and name of the device.
    n_rows : int
        Most sequences per part from now on.
    """

    def __init__(self, message, device, n_rows):
        super().__init__(message)
        self.device = device
        self.n_rows = n_rows


class ModelVersionWarning(_PicklesAttributes, UserWarning):
    """A model file was saved with another minor version of scikit-learn.

    Parameters
    ----------
    message, saved, installed : str
        Warning message, and the versions of scikit-learn that saved the file and that load it.
    """

    def __init__(self, message, saved, installed):
        super().__init__(message)
        self.saved = saved
        self.installed = installed
