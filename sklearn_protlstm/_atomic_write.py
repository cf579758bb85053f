"""The one way in which this package writes files: whole or not at all."""

import os
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["atomic_write", "remove_drafts"]

# No file takes this long to write. An older draft belongs to a process that was killed.
_LEFTOVER_SECONDS = 3600


@contextmanager
def atomic_write(path):
    """Open a binary file that takes its name only when it is complete.

    The content goes to a draft in the same folder, which replaces the file in one step. Each
    draft has a name of its own, so several processes may write the same file: the last one wins.

    Parameters
    ----------
    path : str or path-like
        The file. One that exists is kept until the new one is complete. A symbolic link stays,
        and the file that it points to is replaced.

    Yields
    ------
    file : binary file
        Open for writing.

    Raises
    ------
    OSError
        If the file cannot be written. A file that existed before is unchanged then, and no draft
        is left.
    """
    target = Path(os.path.realpath(os.fsdecode(path)))
    draft = _draft_of(target, uuid.uuid4().hex)
    try:
        with open(draft, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        # Whatever happens here must not hide the error that led here.
        with suppress(OSError):
            draft.unlink()
        raise


def remove_drafts(path):
    """Remove the drafts that killed processes have left of a file.

    Parameters
    ----------
    path : str or path-like
        The file that they were about to write. Drafts younger than an hour may still be in use
        and stay.
    """
    target = Path(os.path.realpath(os.fsdecode(path)))
    for draft in target.parent.glob(_draft_of(target, "*").name):
        with suppress(FileNotFoundError):  # another process was faster
            if time.time() - draft.stat().st_mtime > _LEFTOVER_SECONDS:
                draft.unlink()


def _draft_of(target, name):
    # A file name has at most 255 bytes on most systems.
    return target.with_name(f".{target.name[:50]}.{name}.part")
