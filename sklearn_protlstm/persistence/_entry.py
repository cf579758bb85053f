"""How a model file stores a class: where the class is, and its fitted attributes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

from sklearn_protlstm.persistence._fields import Names, Number, Optional
from sklearn_protlstm.persistence._values import MAX_COLUMNS

__all__ = ["COLUMN_NAMES", "N_COLUMNS", "Entry"]

#: An estimator of sequences has no number of columns, and some matrices have no names of columns.
N_COLUMNS = Optional(Number(("int",), 1, MAX_COLUMNS))
COLUMN_NAMES = Optional(Names())


@dataclass(frozen=True)
class Entry:
    """How a model file stores a class."""

    #: A module is imported when it is needed, because loading an encoder should not import torch.
    module: str
    fields: dict = field(default_factory=dict)
    finish: Callable | None = None
    #: A module and its functions that convert the rest of the fitted state and restore it.
    functions: tuple = ()
    #: The parameter that is a list of pairs of a name and an estimator.
    named: str | None = None
    #: Whether the class occurs only in a fitted attribute of another class.
    is_part: bool = False
    has_parameters: bool = True
    #: The name in the module, if it is not the name in the file.
    class_name: str | None = None
    #: How the class is stored if `multilabel_` is True, if that differs.
    with_labels: "Entry | None" = None

    def load_class(self, name):
        """Import the class that has this name in a file."""
        return getattr(import_module(self.module), self.class_name or name)

    def all_fields(self):
        """Return the fields of the class and those that scikit-learn sets in all its classes."""
        if not self.module.startswith("sklearn."):
            return self.fields
        return {"n_features_in_": N_COLUMNS, **self.fields, "feature_names_in_": COLUMN_NAMES}

    def choose_form(self, multilabel):
        """Return the entry that describes a fitted estimator with or without labels."""
        return self.with_labels if multilabel and self.with_labels else self
