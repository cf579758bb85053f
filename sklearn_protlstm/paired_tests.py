"""Alias of :mod:`significance`, kept for old imports."""

from sklearn_protlstm.significance import *  # noqa: F403
from sklearn_protlstm.significance import __all__ as __all__
