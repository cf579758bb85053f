"""Named errors and warnings that carry their facts.

A caller who wants to drop bad records, or to count what was cut, reads the attributes instead
of parsing the message.
"""

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
    "ForeignFileError",
    "InvalidCheckpointError",
    "InvalidModelContentError",
    "InvalidResidueError",
    "InvalidSequenceError",
    "MissingModelFileError",
    "ModelFileError",
    "NewerModelFileError",
    "NonFiniteLossError",
    "ResumeError",
    "SequenceFileError",
    "SequenceFileWarning",
    "TruncationWarning",
    "UnreadableModelFileError",
    "UnsavableModelError",
]


class _CarriesFacts:
    # Exceptions pickle as class(*args), and ours take more than the message. They cross process
    # borders in parallel searches, so they must survive the journey whole.
    _facts = ()

    def __reduce__(self):
        return type(self), (str(self), *(getattr(self, fact) for fact in self._facts))


class InvalidSequenceError(_CarriesFacts, ValueError):
    """A record that cannot be read as a protein sequence.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    record : int
        Position of the record in the input, counted from 0, so that ``X[record]`` is it.
    """

    _facts = ("record",)

    def __init__(self, message, record):
        super().__init__(message)
        self.record = record


class EmptySequenceError(InvalidSequenceError):
    """A record without a single residue.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    record : int
        Position of the record in the input, counted from 0.
    """


class InvalidResidueError(InvalidSequenceError):
    """A symbol that is no residue of the alphabet.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    record : int
        Position of the record in the input, counted from 0.
    position : int
        Residue number within the sequence, counted from 1 as biologists do.
    symbol : str
        The offending character.
    """

    _facts = ("record", "position", "symbol")

    def __init__(self, message, record, position, symbol):
        super().__init__(message, record)
        self.position = position
        self.symbol = symbol


class SequenceFileError(_CarriesFacts, ValueError):
    """A file of sequences, or one record of it, cannot be read.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    file : str
        Name of the file.
    record : int or None, default=None
        Position of the record in the file, counted from 0; None if it is the file as a whole.
    line : int or None, default=None
        How far the file was read, in lines, or the line at fault, counted from 1; None if no
        line is meant.
    """

    _facts = ("file", "record", "line")

    def __init__(self, message, file, record=None, line=None):
        super().__init__(message)
        self.file = file
        self.record = record
        self.line = line


class ResumeError(_CarriesFacts, ValueError):
    """A file of predictions does not belong to the run that is to continue it.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    file : str
        The file of predictions.
    row : int or None, default=None
        Row that does not fit, counted from 0 without the header; None if it is the header.
    """

    _facts = ("file", "row")

    def __init__(self, message, file, row=None):
        super().__init__(message)
        self.file = file
        self.row = row


class NonFiniteLossError(_CarriesFacts, ArithmeticError):
    """Training met a loss or a gradient that is not a finite number.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    epoch : int
        Epoch in which it happened, counted from 1.
    """

    _facts = ("epoch",)

    def __init__(self, message, epoch):
        super().__init__(message)
        self.epoch = epoch


class DeviceUnavailableError(_CarriesFacts, ValueError):
    """The requested device does not exist on this machine.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    device : str
        The device that was asked for.
    """

    _facts = ("device",)

    def __init__(self, message, device):
        super().__init__(message)
        self.device = device


class UnsavableModelError(_CarriesFacts, TypeError):
    """A model, or a parameter of it, that a model file cannot hold.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    name : str
        The step or the parameter, named as in ``set_params``.
    """

    _facts = ("name",)

    def __init__(self, message, name):
        super().__init__(message)
        self.name = name


class ModelFileError(_CarriesFacts, ValueError):
    """A file from which no model can be loaded.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """

    _facts = ("path",)

    def __init__(self, message, path=None):
        super().__init__(message)
        self.path = path


class UnreadableModelFileError(ModelFileError, OSError):
    """A path that cannot be opened as a file.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """


class MissingModelFileError(UnreadableModelFileError, FileNotFoundError):
    """A path where there is nothing.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """


class ForeignFileError(ModelFileError):
    """A file of another kind, such as a pickle.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """


class DamagedModelFileError(ModelFileError):
    """A model file that was cut short or altered after it was written.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """


class NewerModelFileError(ModelFileError):
    """A model file of a format that a later version of the package introduced.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """


class InvalidModelContentError(ModelFileError):
    """A model file as it was written, whose content makes no model.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str or None, default=None
        The file.
    """


class TruncationWarning(_CarriesFacts, UserWarning):
    """Sequences longer than the encoder learned were cut.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    n_truncated : int
        Number of sequences that were cut.
    """

    _facts = ("n_truncated",)

    def __init__(self, message, n_truncated):
        super().__init__(message)
        self.n_truncated = n_truncated


class SequenceFileWarning(_CarriesFacts, UserWarning):
    """Records were read although they are not quite as their format wants them.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    file : str
        Name of the file.
    n_records : int
        Number of such records.
    """

    _facts = ("file", "n_records")

    def __init__(self, message, file, n_records):
        super().__init__(message)
        self.file = file
        self.n_records = n_records


class DataQualityWarning(_CarriesFacts, UserWarning):
    """Something in the data casts doubt on any score.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    kind : str
        Kind of the finding, such as "conflicting labels".
    """

    _facts = ("kind",)

    def __init__(self, message, kind):
        super().__init__(message)
        self.kind = kind


class DownloadError(_CarriesFacts, OSError):
    """A data set could not be downloaded whole.

    What had arrived before is kept, and the same call goes on from there.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    url : str
        Address that did not answer as it should.
    folder : str
        Folder in which the pages that did arrive are kept.
    """

    _facts = ("url", "folder")

    def __init__(self, message, url, folder):
        super().__init__(message)
        self.url = url
        self.folder = folder


class AlteredCacheWarning(_CarriesFacts, UserWarning):
    """A downloaded file is no longer what it was when it was stored.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str
        The file.
    """

    _facts = ("path",)

    def __init__(self, message, path):
        super().__init__(message)
        self.path = path


class InvalidCheckpointError(_CarriesFacts, ValueError):
    """A file in the place of a checkpoint is none, or is damaged.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str
        The file.
    """

    _facts = ("path",)

    def __init__(self, message, path):
        super().__init__(message)
        self.path = path


class CheckpointMismatchError(_CarriesFacts, ValueError):
    """A training was to go on whose data or parameters were others.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    path : str
        The checkpoint that is most alike.
    differences : list of str
        What differs, one entry each, with both values.
    """

    _facts = ("path", "differences")

    def __init__(self, message, path, differences):
        super().__init__(message)
        self.path = path
        self.differences = differences


class DeviceMemoryError(_CarriesFacts, MemoryError):
    """The memory of a device does not even hold one sequence's way through the network.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    device : str
        The device.
    n_residues : int
        Tokens of the sequence.
    """

    _facts = ("device", "n_residues")

    def __init__(self, message, device, n_residues):
        super().__init__(message)
        self.device = device
        self.n_residues = n_residues


class BatchMemoryWarning(_CarriesFacts, UserWarning):
    """The memory of a device was too small for a batch, which was cut into smaller parts.

    Parameters
    ----------
    message : str
        The full sentence shown to the user.
    device : str
        The device.
    n_rows : int
        Sequences that are computed at once from now on, at most.
    """

    _facts = ("device", "n_rows")

    def __init__(self, message, device, n_rows):
        super().__init__(message)
        self.device = device
        self.n_rows = n_rows
