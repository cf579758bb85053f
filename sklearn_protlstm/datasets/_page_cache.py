"""Downloaded pages on disk: each file whole or absent, and checked when it is read."""

import gzip
import hashlib
import json
import os
import warnings
import zlib
from dataclasses import asdict, dataclass
from uuid import uuid4

from sklearn_protlstm.exceptions import AlteredCacheWarning

__all__ = ["Page", "read_page", "write_page"]


@dataclass(frozen=True)
class Page:
    """One page of a search result.

    Parameters
    ----------
    text : str
        The page as it came.
    url : str
        Where it came from.
    next_url : str or None
        Where the next page is; None for the last one.
    release : str or None
        Release of the database, if the server named it.
    total : int or None
        Number of entries on all pages, if the server named it.
    """

    text: str
    url: str
    next_url: str | None
    release: str | None
    total: int | None


def write_page(path, page):
    """Store a page: at once and whole, whatever happens meanwhile.

    Parameters
    ----------
    path : Path
        The file. One that exists is replaced.
    page : Page
        What to store. Its SHA-256 goes into the file.
    """
    facts = asdict(page)
    text = facts.pop("text")
    content = json.dumps(facts).encode("ascii") + b"\n" + text.encode("utf-8")
    digest = hashlib.sha256(content).hexdigest().encode("ascii")
    # The name is drawn anew, so that two processes with one goal never write the same file.
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        unfinished.write_bytes(gzip.compress(digest + b"\n" + content, mtime=0))
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def read_page(path, url):
    """Read a stored page, if it is there and the one wanted.

    Parameters
    ----------
    path : Path
        The file.
    url : str
        Where the page should have come from.

    Returns
    -------
    Page or None
        None if there is no such file, if it holds a page from elsewhere, or if it was altered.

    Warns
    -----
    AlteredCacheWarning
        If the content does not have the SHA-256 that was stored with it.
    """
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        return None
    content = _unpack(packed)
    if content is None:
        warnings.warn(
            AlteredCacheWarning(
                f"{path} is not what was downloaded: its SHA-256 is not the one stored with it. "
                "The file is left out, and downloaded again where that is allowed.",
                str(path),
            ),
            stacklevel=2,
        )
        return None
    facts, _, text = content.partition(b"\n")
    page = Page(text=text.decode("utf-8"), **json.loads(facts))
    return page if page.url == url else None


def _unpack(packed):
    """The content of a file if its SHA-256 is right, else None."""
    try:
        digest, _, content = gzip.decompress(packed).partition(b"\n")
    except (OSError, EOFError, zlib.error):
        return None
    return content if hashlib.sha256(content).hexdigest().encode("ascii") == digest else None
