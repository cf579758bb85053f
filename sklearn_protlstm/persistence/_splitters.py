"""The splitters that a model file can store. They have parameters, but no fitted attributes."""

from importlib import import_module

__all__ = ["SPLITTERS", "is_splitter", "load_splitter"]

#: The modules of the classes, by name.
SPLITTERS = {
    "KFold": "sklearn.model_selection",
    "StratifiedKFold": "sklearn.model_selection",
    "GroupKFold": "sklearn.model_selection",
    "StratifiedGroupKFold": "sklearn.model_selection",
    "ShuffleSplit": "sklearn.model_selection",
    "StratifiedShuffleSplit": "sklearn.model_selection",
    "GroupShuffleSplit": "sklearn.model_selection",
    "MultilabelStratifiedGroupKFold": "sklearn_protlstm.model_selection",
}


def load_splitter(name):
    """Import the class of a splitter."""
    return getattr(import_module(SPLITTERS[name]), name)


def is_splitter(value):
    """Return whether a value is a splitter that a model file can store."""
    name = type(value).__name__
    return name in SPLITTERS and type(value) is load_splitter(name)
