"""A lock on an open file. The system removes it with the process that holds it."""

import warnings

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

__all__ = ["lock_file"]

# Windows also keeps other processes from reading the locked byte, so it is far from the first rows.
_LOCKED_BYTE = 2**31 - 2


def lock_file(file, name):
    """Lock a file until it is closed, and return whether no one else holds the lock.

    A file system without locks gives a warning and True.
    """
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        warnings.warn(
            f"{name} cannot be locked on this file system ({error}). Do not start a second run "
            "that writes to it.",
            stacklevel=3,
        )
    return True


def _lock(file):
    if fcntl is None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
