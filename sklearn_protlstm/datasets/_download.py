"""Download one answer of a web service with pooch, and say plainly why a download failed.

pooch sends the request, reads the answer and shows the progress bar. This module adds what pooch
cannot do:

- wait as long as the server asks, and give up at once if waiting does not help;
- limit the size and the duration of a download, and refuse redirects;
- return the response headers, which name the release of a database.

pooch's own cache is for files whose checksum is known in advance. The answer to a query changes
with each release of the database, so its cache is in `_uniprot_cache`.
"""

import io
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tqdm.auto import tqdm

from sklearn_protlstm._version import __version__

_HEADERS = {"User-Agent": f"sklearn-protlstm/{__version__}", "Accept-Encoding": "identity"}

# The server is busy or under maintenance. Waiting does not help with any other status.
_TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504}

_CHUNK_BYTES = 1 << 14


class TransferError(OSError):
    """A failed download. The message is a clause for the caller to build a sentence from."""


class TransientError(TransferError):
    """A failure that a retry may mend. `wait` is the delay in seconds that the server asks for."""

    def __init__(self, message, wait=None):
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class DownloadLimits:
    """When to retry and how much to accept. All times are in seconds."""

    n_retries: int = 3
    delay: float = 1.0  # before the first retry; doubled before each further one
    max_delay: float = 120.0
    timeout: float = 60.0  # of a silent server
    max_duration: float = 3600.0  # of a server that is never silent and never done
    max_bytes: int = 1 << 30
    sleep: Callable[[float], None] = time.sleep


def download(url, parse, limits, *, verbose=False):
    """Download `url` and return ``parse(body, headers)``. Retry if a TransientError is raised.

    `parse` may raise it too: an incomplete answer can show only in its content.
    """
    _check_pooch()
    for n_failures in range(limits.n_retries + 1):
        try:
            return parse(*_request(url, limits, verbose))
        except TransientError as error:
            failure = error
        if n_failures < limits.n_retries:
            limits.sleep(_delay_before_retry(failure, n_failures, limits))
    n_attempts = limits.n_retries + 1
    raise TransferError(f"{failure} (attempt {n_attempts} of {n_attempts})") from failure


def _check_pooch():
    try:
        import pooch  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "fetch_uniprot_hosts needs pooch to download data. Install it with "
            'pip install "sklearn-protlstm[download]".'
        ) from error


def _delay_before_retry(failure, n_failures, limits):
    """Double the delay after each failure, and wait at least as long as the server asks."""
    delay = min(limits.delay * 2**n_failures, limits.max_delay)
    if failure.wait is None:
        return delay
    if failure.wait > limits.max_delay:
        raise TransferError(f"{failure} and asked to wait for {failure.wait:.0f} seconds")
    return max(delay, failure.wait)


def _request(url, limits, verbose):
    """Send one request and return the body as bytes, and the headers."""
    from pooch import HTTPDownloader
    from requests.exceptions import RequestException

    handled = sys.exception()
    responses = []

    def check_response(response, **_):
        responses.append(response)
        _check_status(response)

    body = _BoundedBody(limits)
    bar = _ProgressBar(desc="UniProt", unit="B", unit_scale=True, disable=not verbose)
    send = HTTPDownloader(
        progressbar=bar,
        chunk_size=_CHUNK_BYTES,
        timeout=limits.timeout,
        headers=_HEADERS,
        allow_redirects=False,
        hooks={"response": check_response},
    )
    try:
        send(url, body, None)
    except RequestException as error:
        raise TransientError(_explain(error, handled, limits)) from error
    finally:
        bar.close()
        for response in responses:
            response.close()
    return body.getvalue(), responses[0].headers


class _BoundedBody(io.BytesIO):
    """Collect the chunks of an answer up to a size and a deadline."""

    def __init__(self, limits):
        super().__init__()
        self._limits = limits
        self._deadline = time.monotonic() + limits.max_duration

    def write(self, chunk):
        if self.tell() + len(chunk) > self._limits.max_bytes:
            raise TransferError(f"the answer exceeds {self._limits.max_bytes:,} bytes")
        if time.monotonic() > self._deadline:
            raise TransientError(
                f"the download was not complete after {self._limits.max_duration:g} seconds"
            )
        return super().write(chunk)


class _ProgressBar(tqdm):
    """Keep the byte count of a stream of unknown length, which pooch resets to 0 at the end."""

    def __bool__(self):  # pooch asks, and tqdm refuses to answer without a total
        return True

    def reset(self, total=None):
        if self.total:
            super().reset(total)


def _check_status(response):
    if response.status_code == 200:
        return
    if response.is_redirect:
        target = response.headers["Location"]
        raise TransferError(f"the server redirects to {target!r}, and redirects are not followed")
    message = f"the server answered {response.status_code} {response.reason}".rstrip()
    if response.status_code in _TRANSIENT_STATUSES:
        raise TransientError(message, _retry_after(response))
    raise TransferError(message + _server_message(response))


def _server_message(response):
    """Return the beginning of the server's own explanation on one line."""
    from urllib3.exceptions import HTTPError

    try:
        text = response.raw.read(4096, decode_content=True).decode("utf-8", errors="replace")
    except (OSError, HTTPError):
        return ""
    text = " ".join(text.split())
    return f": {text[:300]!r}" if text else ""


def _retry_after(response):
    """Return the delay in seconds that the server asks for as a number or a date, or None."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date.replace(tzinfo=date.tzinfo or UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _explain(error, handled, limits):
    """Name the root cause: the outer exceptions only repeat the address.

    `handled` is the exception that the caller was handling. It is not part of the failure.
    """
    cause = error
    while (deeper := cause.__cause__ or cause.__context__) not in (None, handled):
        cause = deeper
    if isinstance(cause, TimeoutError):
        return f"the server did not answer for {limits.timeout:g} seconds"
    return f"the connection failed ({cause!r})"
