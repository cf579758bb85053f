"""One answer of a web service: bounded in time and size, asked for again, never from elsewhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sklearn_protlstm._version import __version__

__all__ = ["Answer", "Patience", "TransferError", "download"]

_USER_AGENT = f"sklearn-protlstm/{__version__} (Python urllib)"

# What a server says when it is busy or being mended; anything else will not pass by waiting.
_PASSING_STATUSES = {408, 425, 429, 500, 502, 503, 504}

_CHUNK_BYTES = 1 << 16


class TransferError(OSError):
    """Why an answer is of no use, in words that continue a sentence.

    Never shown by itself: who asked for the answer knows what to do about it, and says so.
    """


class _PassingError(TransferError):
    """Worth another try, after `wait` seconds if the server named a time."""

    def __init__(self, message, wait=None):
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Patience:
    """How long to wait for an answer, how often to ask, and how much to accept.

    Parameters
    ----------
    n_retries : int, default=3
        Further tries after the first.
    delay : float, default=1.0
        Seconds before the second try; doubled before each later one.
    timeout : float, default=60.0
        Longest silence of the server, in seconds.
    whole : float, default=600.0
        Longest time for one answer, in seconds, for servers that are never silent and never done.
    longest_wait : float, default=120.0
        Longest pause between two tries, in seconds. A server that asks for more is given up.
    max_bytes : int, default=67108864
        Largest answer that is accepted.
    sleep : callable, default=time.sleep
        Waits for a number of seconds.
    """

    n_retries: int = 3
    delay: float = 1.0
    timeout: float = 60.0
    whole: float = 600.0
    longest_wait: float = 120.0
    max_bytes: int = 64 << 20
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Answer:
    """What a server sent.

    Parameters
    ----------
    body : bytes
        All of it: as long as the server announced.
    headers : Message
        Header fields by name, in any case.
    """

    body: bytes
    headers: Message


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def download(url, patience):
    """Get one address, again and again if need be.

    Parameters
    ----------
    url : str
        The address. Redirects are not followed.
    patience : Patience
        How long, how often and how much.

    Returns
    -------
    Answer
        The whole answer.

    Raises
    ------
    TransferError
        If no try brought a whole answer, or an answer that no further try would change.
    """
    for n_failures in range(patience.n_retries + 1):
        try:
            return _try_once(url, patience)
        except _PassingError as error:
            failure = error
        if n_failures < patience.n_retries:
            patience.sleep(_pause(failure, n_failures, patience))
    raise TransferError(f"{failure}, at the last of {patience.n_retries + 1} tries") from failure


def _pause(failure, n_failures, patience):
    """Seconds before the next try: exponential back-off, and never less than the server asks."""
    pause = min(patience.delay * 2**n_failures, patience.longest_wait)
    if failure.wait is None:
        return pause
    if failure.wait > patience.longest_wait:
        raise TransferError(f"{failure} and asks to wait for {failure.wait:.0f} seconds")
    return max(pause, failure.wait)


def _try_once(url, patience):
    # Compression is not asked for: a small packed answer could unpack to any size.
    headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"}
    opener = build_opener(_NoRedirects)
    deadline = time.monotonic() + patience.whole
    try:
        with opener.open(Request(url, headers=headers), timeout=patience.timeout) as response:
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            if encoding != "identity":
                raise TransferError(
                    f"the answer is packed as {encoding!r}, which was not asked for"
                )
            return Answer(_read_body(response, deadline, patience), response.headers)
    except HTTPError as error:
        with error:
            raise _judge_status(error) from error
    except TransferError:
        raise
    except TimeoutError as error:
        raise _PassingError(f"there was no answer for {patience.timeout:g} seconds") from error
    except (OSError, HTTPException) as error:
        # urllib wraps what happens before the answer, and leaves bare what happens within it
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            message = f"there was no answer for {patience.timeout:g} seconds"
        else:
            message = f"the connection failed ({type(reason).__name__}: {reason})"
        raise _PassingError(message) from error


def _read_body(response, deadline, patience):
    announced = response.headers.get("Content-Length")
    announced = int(announced) if announced and announced.isdecimal() else None
    chunks, n_bytes = [], 0
    # read1 comes back with what is there, so that a trickle meets the deadline
    while chunk := response.read1(_CHUNK_BYTES):
        chunks.append(chunk)
        n_bytes += len(chunk)
        if max(n_bytes, announced or 0) > patience.max_bytes:
            raise TransferError(
                f"the answer has {max(n_bytes, announced or 0):,} bytes or more, and at most "
                f"{patience.max_bytes:,} are accepted"
            )
        if time.monotonic() > deadline:
            raise _PassingError(f"the answer was not complete after {patience.whole:g} seconds")
    if announced is not None and n_bytes != announced:
        raise _PassingError(f"the answer was cut off after {n_bytes:,} of {announced:,} bytes")
    return b"".join(chunks)


def _judge_status(error):
    """The exception that an HTTP status other than success deserves."""
    if 300 <= error.code < 400:
        target = error.headers.get("Location", "an unnamed place")
        return TransferError(f"the server points to {target!r}, and redirects are not followed")
    message = f"the server answers {error.code} {error.reason}".rstrip()
    if error.code in _PASSING_STATUSES:
        return _PassingError(message, _retry_after(error.headers))
    return TransferError(f"{message}{_server_words(error)}")


def _server_words(error):
    """The server's own explanation, on one line and short."""
    try:
        words = error.read1(_CHUNK_BYTES).decode("utf-8", errors="replace")
    except (OSError, HTTPException):
        return ""
    words = " ".join(words.split())
    return f": {words[:300]!r}" if words else ""


def _retry_after(headers):
    """Seconds that the server asks for, as a number or as a date; None if it does not ask."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date.replace(tzinfo=date.tzinfo or UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
