"""Failed downloads are retried if waiting may help, explained if not, and never stored."""

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from uniprot_server import (
    HEADER,
    PIG,
    QUERY,
    answer,
    answer_in_chunks,
    hang_up,
    hang_up_within_a_chunk,
    row,
    send_without_end,
    stay_silent,
    table_of,
)

from sklearn_protlstm.datasets import _uniprot
from sklearn_protlstm.exceptions import DownloadError


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_delay_doubles_with_each_retry(fetch_with_limits, server, status):
    server.misbehaviours = [answer("", status)] * 3
    assert fetch_with_limits(delay=0.5) == [0.5, 1, 2]
    assert server.n_requests == 4


def test_delay_is_bounded(fetch_with_limits, server):
    server.misbehaviours = [answer("", 500)] * 4
    assert fetch_with_limits(delay=10, n_retries=4, max_delay=25) == [10, 20, 25, 25]


def test_retry_after_is_honoured(fetch_with_limits, server):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True)
    values = ["7", "0", "whenever", past, past.replace("GMT", "-0000"), soon]
    server.misbehaviours = [answer("", 429, Retry_After=value) for value in values]
    *delays, last = fetch_with_limits(delay=1, n_retries=6)
    assert delays == [7, 2, 4, 8, 16]
    assert 50 < last <= 60


def test_too_long_a_retry_after_is_an_error(fetch_with_limits, server):
    server.misbehaviours = [answer("", 503, Retry_After="86400")]
    message = r"answered 503 Service Unavailable and asked to wait for 86400 seconds\."
    with pytest.raises(DownloadError, match=message):
        fetch_with_limits()
    assert server.n_requests == 1


def test_number_of_retries_is_bounded(fetch, server, stored_files):
    server.misbehaviours = [answer("", 500)] * 3
    with pytest.raises(DownloadError) as caught:
        fetch(n_retries=2)
    assert server.n_requests == 3
    assert caught.value.url.startswith(server.stream_url)
    folder = Path(caught.value.folder)
    assert str(caught.value) == (
        f"Downloading the UniProt proteins for query={QUERY!r} failed: "
        "the server answered 500 Internal Server Error (attempt 3 of 3). Try again later, or try "
        f"the query on https://www.uniprot.org. Without a network, copy {folder.name} from the "
        f"same folder of another machine to {folder.parent}, or use load_virus_hosts(), which "
        "needs no network."
    )
    assert stored_files() == []
    assert fetch().n_found == 5
    assert server.n_requests == 4


def test_missing_network_is_explained(fetch, server, monkeypatch):
    with type(server)() as closed:
        stream_url = closed.stream_url
    monkeypatch.setattr(_uniprot, "_STREAM_URL", stream_url)
    message = (
        r"the connection failed \(ConnectionRefusedError\(.*\)\) \(attempt 4 of 4\)\. "
        r"Try again later, .* Without a network, .* use load_virus_hosts\(\)"
    )
    with pytest.raises(OSError, match=message):
        fetch()
    try:
        raise KeyError("unrelated")
    except KeyError:
        with pytest.raises(OSError, match=message):
            fetch()


@pytest.mark.parametrize(
    ("misbehaviour", "limits", "message"),
    [
        (stay_silent, {"timeout": 0.1}, r"the server did not answer for 0\.1 seconds"),
        (send_without_end, {"max_duration": 0.1}, r"was not complete after 0\.1 seconds"),
        (hang_up, {}, "the connection failed "),
        (hang_up_within_a_chunk, {}, r"the connection failed \("),
        (
            answer("Entry\tOrg", Content_Length=1000),
            {},
            r"the connection failed \(IncompleteRead\(9 bytes read, 991 more expected\)",
        ),
        (answer(table_of(row("P1", PIG))[:-9]), {}, "table is incomplete or damaged"),
        (
            answer(table_of(row("P1", PIG), "Error encountered when streaming data. Try later.")),
            {},
            "UniProt broke off with 'Error encountered when streaming data'",
        ),
        (answer("Error encountered when streaming data."), {}, "UniProt broke off with "),
        (answer(X_Total_Results=6), {}, "the table holds 5 proteins, but UniProt announced 6"),
    ],
    ids=["silence", "endless", "hang up", "chunks", "cut off", "gzip", "stream", "text", "total"],
)
def test_incomplete_answer_is_retried(
    fetch_with_limits, server, stored_files, misbehaviour, limits, message
):
    server.misbehaviours = [misbehaviour]
    with pytest.raises(DownloadError, match=rf"{message}.* \(attempt 1 of 1\)"):
        fetch_with_limits(n_retries=0, **limits)
    assert stored_files() == []
    server.misbehaviours = [misbehaviour]
    assert fetch_with_limits(n_retries=1, delay=3, **limits) == [3]
    assert server.n_requests == 3


def test_download_ends_with_the_content_even_if_the_connection_stays(fetch_with_limits, server):
    def stay_connected(handler):
        handler.answer()
        stay_silent(handler)

    server.misbehaviours = [stay_connected]
    assert fetch_with_limits(timeout=1) == []
    assert server.n_requests == 1


@pytest.mark.parametrize(
    ("misbehaviour", "message"),
    [
        (
            answer("Error\n'foo' is no  field", 400),
            r"""the server answered 400 Bad Request: "Error 'foo' is no field"\.""",
        ),
        (answer("", 404), r"the server answered 404 Not Found\."),
        (
            answer("", 302, Location="https://example.org/x"),
            r"redirects to 'https://example\.org/x', and redirects are not followed",
        ),
        (
            answer("<!DOCTYPE html>\n<p>Log in"),
            "the answer is not gzip-compressed; it begins with '<!DOCTYPE html>",
        ),
        (
            answer(gzip.compress(b"<!DOCTYPE html>\n")),
            "the table begins with '<!DOCTYPE html>', but the columns Entry, Organism, .* were",
        ),
        (
            answer(gzip.compress(HEADER.replace("Organism", "Taxon").encode())),
            r"the table begins with 'Entry\\tTaxon",
        ),
        (answer(gzip.compress(b"")), "the table begins with '', but"),
        (answer(""), "it begins with ''"),
        (
            answer(gzip.compress(HEADER.encode() + b"\nP3\t\xff")),
            r"byte 3 of the line b'P3\\t\\xff' is not UTF-8",
        ),
        (answer(table_of("P3\tVirus\t")), r"line 'P3\\tVirus\\t' has 3 columns instead of 5"),
        (
            answer(table_of(row("P3", PIG, "MNTQ")[:-1])),
            "protein P3 has 3 residues, but its length is '4'",
        ),
        (answer(table_of(row("", PIG))), r"has no accession or no sequence"),
        (answer(table_of(row("P3", PIG, ""))), r"has no accession or no sequence"),
        (answer(table_of(row("P3", "Pig"))), "hosts of protein P3 do not read 'name .*': 'Pig'"),
        (answer(table_of(row("P3", f"{PIG}; and others"))), "do not read 'name"),
        (answer(table_of(row("P1", PIG), row("P1", PIG))), "the table holds protein P1 twice"),
        (answer(table_of(row("P1", PIG, "A" * (1 << 21)))), "but its length is '2097152'"),
    ],
)
def test_wrong_answer_is_an_error_at_once(fetch, server, stored_files, misbehaviour, message):
    server.misbehaviours = [misbehaviour]
    with pytest.raises(DownloadError, match=message):
        fetch()
    assert server.n_requests == 1
    assert stored_files() == []
    assert fetch().n_found == 5
    assert server.n_requests == 2


@pytest.mark.parametrize("send", [answer(), answer_in_chunks])
def test_size_is_bounded(fetch_with_limits, server, send):
    server.misbehaviours = [send]
    with pytest.raises(DownloadError, match="the answer exceeds 50 bytes"):
        fetch_with_limits(max_bytes=50)
    assert server.n_requests == 1


def test_table_compressed_once_more_in_transit_is_read(fetch, server):
    body = gzip.compress(table_of(*server.rows))
    server.misbehaviours = [answer(body, Content_Encoding="gzip")]
    assert fetch().n_found == 5


def test_total_and_release_are_optional(fetch, server):
    server.release = None
    viruses = fetch()
    assert (viruses.n_found, viruses.release) == (5, None)
    assert "Release       None" in viruses.DESCR


def test_announced_total_is_accepted_if_right(fetch, server):
    server.total = 5
    assert fetch().n_found == 5
