"""A server in a thread plays UniProt, well and badly; no test leaves this machine."""

import gzip
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_protlstm.datasets import _download, _uniprot, _uniprot_pages, fetch_uniprot_hosts
from sklearn_protlstm.exceptions import AlteredCacheWarning, DownloadError

HUMAN = "Homo sapiens (Human) [TaxID: 9606]"
PIG = "Sus scrofa (Pig) [TaxID: 9823]"
BAT = "Pipistrellus abramus (Japanese pipistrelle) (Pipistrellus javanicus abramus) [TaxID: 105295]"
HEADER = "Entry\tOrganism\tVirus hosts\tLength\tSequence"
QUERY = "(reviewed:true) AND (organism_name:'A & B = ü')"


def row(accession, hosts, sequence="MNTQ", organism="Influenza A virus (strain A/x/1934 H1N1)"):
    return "\t".join([accession, organism, hosts, str(len(sequence)), sequence])


PAGES = [
    [row("P1", HUMAN, "MNTQILVF"), row("P2", f"Aves (birds) [TaxID: 8782]; {HUMAN}; {PIG}")],
    [row("P3", "", "ACDX"), row("P4", PIG, "ACDE")],
    [row("P5", BAT, "KLMU", organism="Bat virus")],
]


class Service(ThreadingHTTPServer):
    """UniProt's search: pages by cursor, and misbehaviour by page, each for one request."""

    daemon_threads = True

    def __init__(self, pages):
        super().__init__(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.pages = pages
        self.total = sum(map(len, pages))
        self.release = "2025_01"
        self.misbehave = {}
        self.requests = []
        self.over = threading.Event()

    def handle_error(self, *_):
        """A client that hangs up is what some tests are about."""

    @property
    def search_url(self):
        return f"{self.origin}/uniprotkb/search"

    def link_from(self, number, query):
        if number == len(self.pages):
            return None
        cursor = f"?{query.split('&cursor=')[0]}&cursor={number + 1}"
        return f'<{self.search_url}{cursor}>; rel="next"'


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlsplit(self.path)
        self.asked = parse_qs(address.query)
        self.number = int(self.asked.get("cursor", ["1"])[0])
        self.link = self.server.link_from(self.number, address.query)
        self.server.requests.append(self.number)
        planned = self.server.misbehave.get(self.number)
        if planned:
            planned.pop(0)(self)
        else:
            self.answer()

    @property
    def text(self):
        return "\n".join([HEADER, *self.server.pages[self.number - 1], ""])

    def answer(self, text=None, status=200, **headers):
        body = self.text if text is None else text
        body = body.encode() if isinstance(body, str) else body
        standard = {
            "Content-Length": len(body),
            "Link": self.link,
            "X-Total-Results": self.server.total,
            "X-UniProt-Release": self.server.release,
        }
        self.send_response(status)
        for name, value in (standard | headers).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def answer(text=None, status=200, headers=None):
    return lambda handler: handler.answer(text, status, **(headers or {}))


def say_nothing(handler):
    handler.server.over.wait(20)


def trickle(handler):
    """Never silent for long, and never done."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"E")
        handler.wfile.flush()


def hang_up(handler):
    handler.connection.close()


def hang_up_amid_chunks(handler):
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"5\r\nEntry\r\nff\r\n\tOrg")


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Service([list(page) for page in PAGES])
    monkeypatch.setattr(_uniprot, "_SEARCH_URL", server.search_url)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fetch(service, tmp_path):
    return partial(fetch_uniprot_hosts, QUERY, data_home=tmp_path, delay=0)


@pytest.fixture
def fetch_patiently(service, tmp_path):
    """The download alone, with pauses that are written down instead of waited for."""

    def run(**patience):
        pauses = []
        _uniprot._fetch(
            QUERY,
            data_home=tmp_path,
            download_if_missing=True,
            verbose=False,
            search_url=service.search_url,
            patience=_download.Patience(sleep=pauses.append, **patience),
        )
        return pauses

    return run


def stored_pages(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


def test_single_hosts(fetch, service):
    viruses = fetch()
    assert viruses.data.tolist() == ["MNTQILVF", "ACDE", "KLMU"]
    assert viruses.data.dtype == object
    assert viruses.target.tolist() == [
        "Homo sapiens (Human)",
        "Sus scrofa (Pig)",
        "Pipistrellus abramus (Japanese pipistrelle) (Pipistrellus javanicus abramus)",
    ]
    assert viruses.target.dtype.kind == "U"
    assert viruses.host_taxid.tolist() == [9606, 9823, 105295]
    assert viruses.host_taxid.dtype == np.int64
    assert viruses.accession.tolist() == ["P1", "P4", "P5"]
    assert viruses.organism[2] == "Bat virus"
    assert viruses.target_names == sorted(viruses.target)
    counts = viruses.n_found, viruses.n_without_host, viruses.n_several_hosts
    assert counts == (5, 1, 1)
    assert viruses.release == "2025_01"
    assert viruses.frame is None
    assert service.requests == [1, 2, 3]


def test_all_hosts(fetch):
    viruses = fetch(hosts="all")
    assert viruses.accession.tolist() == ["P1", "P2", "P4", "P5"]
    assert viruses.target[0] == ("Homo sapiens (Human)",)
    assert viruses.target[1] == ("Aves (birds)", "Homo sapiens (Human)", "Sus scrofa (Pig)")
    assert viruses.host_taxid[1] == (8782, 9606, 9823)
    assert viruses.n_several_hosts == 1
    binarizer = MultiLabelBinarizer().fit(viruses.target)
    assert binarizer.classes_.tolist() == viruses.target_names
    assert binarizer.transform(viruses.target).sum(axis=1).tolist() == [1, 3, 1, 1]


def test_all_hosts_where_every_protein_has_as_many(fetch, service):
    service.pages, service.total = [[row("P1", f"{HUMAN}; {PIG}"), row("P2", f"{PIG}; {BAT}")]], 2
    assert fetch(hosts="all").target.shape == (2,)


def test_what_is_asked_for(fetch, service):
    asked = []

    def remember(handler):
        asked.append((handler.path, handler.asked, dict(handler.headers)))
        handler.answer()

    service.misbehave[1] = [remember]
    fetch()
    [(path, parameters, headers)] = asked
    assert path.startswith("/uniprotkb/search?")
    assert parameters == {
        "query": [QUERY],
        "format": ["tsv"],
        "fields": ["accession,organism_name,virus_hosts,length,sequence"],
        "size": ["500"],
    }
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"].startswith("sklearn-protlstm/")


def test_the_service_is_uniprot():
    source = Path(_uniprot.__file__).read_text(encoding="utf-8")
    assert '_SEARCH_URL = "https://rest.uniprot.org/uniprotkb/search"\n' in source


def test_X_y_and_frame(fetch):
    X, y = fetch(return_X_y=True)
    assert (X.tolist(), y.tolist()) == (fetch().data.tolist(), fetch().target.tolist())
    pd = pytest.importorskip("pandas")
    viruses = fetch(as_frame=True)
    assert list(viruses.frame) == ["accession", "organism", "host", "host_taxid", "sequence"]
    columns = {"data": "sequence", "target": "host", "host_taxid": "host_taxid"}
    for name, column in columns.items():
        assert isinstance(viruses[name], pd.Series)
        assert viruses[name].tolist() == fetch()[name].tolist() == viruses.frame[column].tolist()


def test_description_tells_the_facts(fetch, service):
    viruses = fetch()
    facts = [QUERY, service.search_url, "2025_01", viruses.sha256, "5 found, 3 kept"]
    facts += ["1 without a host, 1 with several hosts", "CC BY 4.0", "UniProt Consortium"]
    assert [fact for fact in facts if fact not in viruses.DESCR] == []


def test_one_download_for_all_calls(fetch, service):
    first = fetch()
    again = fetch(download_if_missing=False, hosts="all")
    assert service.requests == [1, 2, 3]
    assert again.sha256 == first.sha256
    assert stored_pages(first.folder) == ["page_00001.gz", "page_00002.gz", "page_00003.gz"]


def test_checksum_is_that_of_the_data(fetch, service, tmp_path):
    first = fetch(data_home=tmp_path / "a").sha256
    assert fetch(data_home=tmp_path / "b").sha256 == first
    service.pages[2][0] = row("P5", PIG, "KLMU")
    assert fetch(data_home=tmp_path / "c").sha256 != first


def test_queries_have_folders_of_their_own(service, tmp_path):
    a, b = (fetch_uniprot_hosts(query, data_home=tmp_path) for query in ("a", "b"))
    assert a.folder != b.folder
    assert Path(a.folder).parent == Path(b.folder).parent == tmp_path / "uniprot_hosts"
    assert service.requests == [1, 2, 3] * 2


def test_data_home_is_scikit_learns(fetch, monkeypatch, tmp_path):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "elsewhere"))
    assert Path(fetch(data_home=None).folder).is_relative_to(tmp_path / "elsewhere")


def test_missing_and_not_allowed(fetch, service, tmp_path):
    message = r"Page 1 of the proteins .* is not in .*uniprot_hosts.* download_if_missing=True"
    with pytest.raises(FileNotFoundError, match=message):
        fetch(download_if_missing=False)
    assert service.requests == []
    assert list(tmp_path.iterdir()) == []
    folder = Path(fetch().folder)
    (folder / "page_00003.gz").unlink()
    with pytest.raises(FileNotFoundError, match="Page 3 of the proteins"):
        fetch(download_if_missing=False)


def test_progress_is_shown_on_request(fetch, capsys, tmp_path):
    fetch(data_home=tmp_path / "a")
    assert capsys.readouterr().err == ""
    fetch(data_home=tmp_path / "b", verbose=True)
    assert "5/5" in capsys.readouterr().err


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_back_off_doubles_and_starts_anew_for_each_page(fetch_patiently, service, status):
    service.misbehave = {1: [answer("", status)] * 3, 2: [answer("", status)]}
    assert fetch_patiently(delay=0.5) == [0.5, 1, 2, 0.5]
    assert service.requests == [1, 1, 1, 1, 2, 2, 3]


def test_back_off_is_bounded(fetch_patiently, service):
    service.misbehave[1] = [answer("", 500)] * 4
    assert fetch_patiently(delay=10, n_retries=4, longest_wait=25) == [10, 20, 25, 25]


def test_retry_after_is_honoured(fetch_patiently, service):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True)
    wishes = ["7", "0", "whenever", past, past.replace("GMT", "-0000")]
    service.misbehave[2] = [answer("", 429, {"Retry-After": wish}) for wish in [*wishes, soon]]
    *pauses, last = fetch_patiently(delay=1, n_retries=6)
    assert pauses == [7, 2, 4, 8, 16]
    assert 50 < last <= 60


def test_retry_after_is_bounded(fetch_patiently, service):
    service.misbehave[2] = [answer("", 503, {"Retry-After": "86400"})]
    message = r"the server answers 503 Service Unavailable and asks to wait for 86400 seconds\."
    with pytest.raises(DownloadError, match=message):
        fetch_patiently()
    assert service.requests == [1, 2]


def test_number_of_tries_is_bounded(fetch, service):
    service.misbehave[2] = [answer("", 500)] * 3
    with pytest.raises(DownloadError) as caught:
        fetch(n_retries=2)
    assert service.requests == [1, 2, 2, 2]
    assert caught.value.url.startswith(service.search_url)
    folder, host = Path(caught.value.folder), urlsplit(service.origin).netloc
    assert str(caught.value) == (
        f"Page 2 of the proteins for {QUERY!r} did not come from {host}: "
        "the server answers 500 Internal Server Error, at the last of 3 tries. "
        f"Page 1 is kept in {folder}: call again later to go on from there, or delete that folder "
        "to start anew. Without a network, make the same call on another machine and copy its "
        f"{folder.name} to {folder.parent}, or use load_virus_hosts(), which needs none."
    )
    assert stored_pages(folder) == ["page_00001.gz"]
    assert fetch().n_found == 5
    assert service.requests == [1, 2, 2, 2, 2, 3]


def test_no_network(fetch, service, monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    monkeypatch.setattr(_uniprot, "_SEARCH_URL", f"http://127.0.0.1:{port}/search")
    message = (
        r"Page 1 .* did not come from 127\.0\.0\.1:\d+: the connection failed "
        r"\(ConnectionRefusedError: .*\), at the last of 4 tries\. Call again later\. "
        r"Without a network, .* use load_virus_hosts\(\)"
    )
    with pytest.raises(OSError, match=message):
        fetch()


@pytest.mark.parametrize(
    ("misbehaviour", "patience", "message"),
    [
        (say_nothing, {"timeout": 0.1}, r"there was no answer for 0\.1 seconds"),
        (trickle, {"whole": 0.1}, r"the answer was not complete after 0\.1 seconds"),
        (hang_up, {}, "the connection failed "),
        (hang_up_amid_chunks, {}, r"the connection failed \(IncompleteRead"),
        (
            answer("Entry\tOrg", headers={"Content-Length": 1000}),
            {},
            "the answer was cut off after 9 of 1,000 bytes",
        ),
    ],
    ids=["silence", "trickle", "hang up", "chunks", "cut off"],
)
def test_broken_transfers_are_tried_again(
    fetch_patiently, service, tmp_path, misbehaviour, patience, message
):
    service.misbehave[2] = [misbehaviour]
    with pytest.raises(DownloadError, match=f"Page 2 .*{message}.*, at the last of 1 tries"):
        fetch_patiently(n_retries=0, **patience)
    assert stored_pages(tmp_path) == ["page_00001.gz"]
    service.misbehave[2] = [misbehaviour]
    assert fetch_patiently(n_retries=1, delay=3, **patience) == [3]
    assert service.requests == [1, 2, 2, 2, 3]


def test_server_need_not_hang_up(fetch_patiently, service):
    def stay_connected(handler):
        handler.answer()
        say_nothing(handler)

    service.misbehave[1] = [stay_connected]
    assert fetch_patiently(timeout=1) == []
    assert service.requests == [1, 2, 3]


def page_of(*lines):
    return "\n".join([HEADER, *lines, ""])


@pytest.mark.parametrize(
    ("misbehaviour", "message"),
    [
        (
            answer("Error\n'foo' is no  field", 400),
            r"""the server answers 400 Bad Request: "Error 'foo' is no field"\.""",
        ),
        (answer("", 404), r"the server answers 404 Not Found\."),
        (
            answer("", 302, {"Location": "https://example.org/x"}),
            r"points to 'https://example\.org/x', and redirects are not followed",
        ),
        (
            answer("<!DOCTYPE html>\n<p>Log in"),
            "it begins with '<!DOCTYPE html>' where the columns Entry, Organism, .* were expected",
        ),
        (answer(HEADER.replace("Organism", "Taxon") + "\n"), r"it begins with 'Entry\\tTaxon"),
        (answer(""), "it begins with '' where"),
        (answer(HEADER.encode() + b"\nP3\t\xff"), "byte 46 of the answer is not UTF-8"),
        (
            answer(gzip.compress(b"Entry"), headers={"Content-Encoding": "gzip"}),
            "packed as 'gzip', which was not asked for",
        ),
        (answer(page_of("P3\tVirus\t")), r"line 'P3\\tVirus\\t' has 3 columns instead of 5"),
        (
            answer(page_of(row("P3", PIG, "MNTQ")[:-1])),
            "protein P3 has 3 residues, but its length is '4'",
        ),
        (answer(page_of(row("", PIG))), r"has no accession or no sequence"),
        (answer(page_of(row("P3", PIG, ""))), r"has no accession or no sequence"),
        (answer(page_of(row("P3", "Pig"))), "protein P3 has the hosts 'Pig', which cannot be read"),
        (answer(page_of(row("P3", f"{PIG}; and others"))), "which cannot be read as 'name"),
        (answer(page_of(row("P3", PIG), row("P1", PIG))), "holds protein P1, which came before"),
        (answer(page_of()), "it holds no protein, but links to a next page"),
        (
            answer(page_of(*(row(f"Q{i}", PIG) for i in range(4)))),
            "with it there are 6 proteins, but 5 were announced",
        ),
        (
            answer(headers={"Link": None}),
            "with it there are 4 proteins and no next page, but 5 were announced",
        ),
        (
            answer(headers={"X-UniProt-Release": "2025_02"}),
            "it is of UniProt release 2025_02, but the pages before it are of 2025_01",
        ),
        (
            answer(headers={"Link": '<https://evil.example/s?cursor=3>; rel="next"'}),
            r"leads to https://evil\.example, which is not followed from http://127\.0\.0\.1:\d+",
        ),
        (answer(headers={"Link": "<file:///etc/passwd>; rel=next"}), "leads to file://, which"),
        (answer(headers={"Link": '<//[evil>; rel="next"'}), r"is no address: '//\[evil'"),
    ],
)
def test_wrong_answers_end_at_once_and_are_not_kept(fetch, service, misbehaviour, message):
    service.misbehave[2] = [misbehaviour]
    with pytest.raises(DownloadError, match=f"Page 2 of .*{message}") as caught:
        fetch()
    assert service.requests == [1, 2]
    assert stored_pages(caught.value.folder) == ["page_00001.gz"]
    assert fetch().n_found == 5
    assert service.requests == [1, 2, 2, 3]


@pytest.mark.parametrize("origin", ["http://localhost:{}", "https://127.0.0.1:{}", "http://a@b:{}"])
def test_next_page_is_of_the_same_server(fetch, service, origin):
    origin = origin.format(service.server_port)
    service.misbehave[1] = [answer(headers={"Link": f'<{origin}/s>; rel="next"'})]
    with pytest.raises(DownloadError, match=f"leads to {origin}, which is not followed"):
        fetch()
    assert service.requests == [1]


def test_loop_of_links_ends(fetch, service):
    def back_to_the_second(handler):
        query = urlsplit(handler.path).query
        handler.answer(Link=handler.server.link_from(1, query))

    service.misbehave[3] = [back_to_the_second]
    with pytest.raises(DownloadError, match=r"Page 3 .* leads back to a page read before"):
        fetch()
    assert service.requests == [1, 2, 3]


@pytest.mark.parametrize("headers", [{}, {"Content-Length": None}])
def test_size_is_bounded(fetch_patiently, service, headers):
    service.misbehave[1] = [answer("E" * 1001, headers=headers)]
    with pytest.raises(DownloadError, match="1,001 bytes or more, and at most 1,000 are accepted"):
        fetch_patiently(max_bytes=1000)
    assert service.requests == [1]


def test_totals_and_releases_are_not_required(fetch, service):
    service.total = service.release = None
    viruses = fetch()
    assert (viruses.n_found, viruses.release) == (5, None)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], None),
        (['<https://h/s?cursor=2>; rel="next"'], "https://h/s?cursor=2"),
        (["<https://h/s?f=a,b>; rel=next"], "https://h/s?f=a,b"),
        (['<https://H/a>; rel="prev", <https://H/b>; title="x"; rel="next"'], "https://H/b"),
        (['<https://h/a>; rel="prev"', '<https://h/b>; rel="next"'], "https://h/b"),
        (["</s?cursor=2>; rel=next"], "https://h/s?cursor=2"),
        (['<https://h/a>; rel="nextish"'], None),
        (['<https://h/a>; rel="last"'], None),
    ],
)
def test_link_header(links, expected):
    assert _uniprot_pages._next_url(links, "https://h/s?f=a,b") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (HUMAN, (("Homo sapiens (Human)", 9606),)),
        (f"{PIG}; {HUMAN}", (("Sus scrofa (Pig)", 9823), ("Homo sapiens (Human)", 9606))),
        ("A; B [x] (c) [TaxID: 1]", (("A; B [x] (c)", 1),)),
    ],
)
def test_hosts_are_read(text, expected):
    assert _uniprot_pages._read_hosts(text, "P1") == expected


def flip_a_byte(path):
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-3] ^= 1
    path.write_bytes(gzip.compress(content))


@pytest.mark.parametrize(
    "alter",
    [
        flip_a_byte,
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("not packed"),
    ],
)
def test_altered_page_is_replaced_with_a_warning(fetch, service, alter):
    first = fetch()
    path = Path(first.folder) / "page_00002.gz"
    alter(path)
    message = r"page_00002\.gz is not what was downloaded: its SHA-256 .* downloaded again"
    with (
        pytest.warns(AlteredCacheWarning, match=message) as caught,
        pytest.raises(FileNotFoundError, match="Page 2"),
    ):
        fetch(download_if_missing=False)
    assert caught[0].message.path == str(path)
    with pytest.warns(AlteredCacheWarning, match=message):
        again = fetch()
    assert again.sha256 == first.sha256
    assert service.requests == [1, 2, 3, 2]
    assert fetch().sha256 == first.sha256


def test_page_from_elsewhere_is_not_taken_for_this_one(fetch, service):
    folder = Path(fetch().folder)
    (folder / "page_00002.gz").write_bytes((folder / "page_00003.gz").read_bytes())
    assert fetch().n_found == 5
    assert service.requests == [1, 2, 3, 2]


FETCH = f"""
import sys
from sklearn_protlstm.datasets import _uniprot
_uniprot._SEARCH_URL, data_home = sys.argv[1:]
print(_uniprot.fetch_uniprot_hosts({QUERY!r}, data_home=data_home).sha256)
"""


def start_process(service, data_home):
    command = [sys.executable, "-c", FETCH, service.search_url, str(data_home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_killed_process_is_resumed_without_a_page_twice(fetch, service, tmp_path):
    reached = threading.Event()

    def wait_for_the_end(handler):
        reached.set()
        say_nothing(handler)

    service.misbehave[3] = [wait_for_the_end]
    with start_process(service, tmp_path) as process:
        assert reached.wait(60)
        process.kill()
    assert process.returncode != 0
    assert stored_pages(tmp_path) == ["page_00001.gz", "page_00002.gz"]
    assert fetch().n_found == 5
    assert service.requests == [1, 2, 3, 3]


def test_killed_while_writing(fetch, service, monkeypatch, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert stored_pages(tmp_path) == []
    # what a kill leaves of a file is never read
    folder = next((tmp_path / "uniprot_hosts").iterdir())
    (folder / "page_00001.gz.0123.part").write_bytes(b"half")
    assert fetch().n_found == 5
    assert service.requests == [1, 1, 2, 3]


def test_processes_at_once(fetch, service, tmp_path):
    together = threading.Barrier(2)

    def wait_for_the_other(handler):
        together.wait(60)
        handler.answer()

    service.misbehave[1] = [wait_for_the_other] * 2
    with start_process(service, tmp_path) as process:
        here = fetch().sha256
        there = process.communicate(timeout=60)[0].strip()
    assert here == there == fetch(download_if_missing=False).sha256
    assert len(stored_pages(tmp_path)) == 3


def test_threads_at_once(fetch, service, tmp_path):
    service.pages = [[row(f"P{i}", PIG)] for i in range(12)]
    service.total = 12
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: fetch(), range(8)))
    assert {result.sha256 for result in results} == {fetch(download_if_missing=False).sha256}
    assert len(stored_pages(tmp_path)) == 12


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"query": ""}, "query must be a string in UniProt's query syntax, .*; got ''"),
        ({"query": None}, "query must be a string .*; got None"),
        ({"hosts": "one"}, "hosts must be 'single' or 'all'; got 'one'"),
        ({"hosts": ["single"]}, r"hosts must be 'single' or 'all'; got \['single'\]"),
        ({"n_retries": -1}, "n_retries must be an integer of at least 0; got -1"),
        ({"n_retries": 1.5}, r"n_retries must be an integer of at least 0; got 1\.5"),
        ({"delay": -1}, "delay must be a number of seconds of at least 0; got -1"),
        ({"delay": float("nan")}, "delay must be .*; got nan"),
    ],
)
def test_bad_parameters(service, tmp_path, parameters, message):
    with pytest.raises(ValueError, match=message):
        fetch_uniprot_hosts(**{"query": QUERY, "data_home": tmp_path} | parameters)
    assert service.requests == []


def test_nothing_left(fetch, service, tmp_path):
    service.pages, service.total = [[row("P1", ""), row("P2", f"{PIG}; {HUMAN}")]], 2
    message = (
        "hosts='single': UniProt finds 2, of which 1 have no host and 1 have several. "
        "Widen the query, or keep proteins with several hosts with hosts='all'."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        fetch()
    assert fetch(hosts="all").accession.tolist() == ["P2"]
    service.pages, service.total = [[]], 0
    message = r"finds 0, of which 0 have no host and 0 have several\. Widen the query\."
    with pytest.raises(ValueError, match=message):
        fetch(data_home=tmp_path / "empty")


def test_page_about_it(service, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    page = (Path(__file__).parents[2] / "docs" / "uniprot.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(block, {})
    assert capsys.readouterr().out == "5 1 1\n"
