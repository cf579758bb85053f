"""fetch_uniprot_hosts returns what UniProt holds, and reads it from disk the second time."""

import builtins
import gzip
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from uniprot_server import BAT, HUMAN, PIG, QUERY, answer, answer_in_chunks, row, stay_silent

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import _uniprot, _uniprot_table, fetch_uniprot_hosts
from sklearn_protlstm.exceptions import AlteredCacheWarning

FILES = ["proteins.tsv.gz", "record.json"]


def test_single_keeps_proteins_with_one_host(fetch, server):
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
    assert server.n_requests == 1


def test_all_keeps_proteins_with_several_hosts(fetch):
    viruses = fetch(hosts="all")
    assert viruses.accession.tolist() == ["P1", "P2", "P4", "P5"]
    assert viruses.target[0] == ("Homo sapiens (Human)",)
    assert viruses.target[1] == ("Aves (birds)", "Homo sapiens (Human)", "Sus scrofa (Pig)")
    assert viruses.host_taxid[1] == (8782, 9606, 9823)
    assert viruses.n_several_hosts == 1
    binarizer = MultiLabelBinarizer().fit(viruses.target)
    assert binarizer.classes_.tolist() == viruses.target_names
    assert binarizer.transform(viruses.target).sum(axis=1).tolist() == [1, 3, 1, 1]


def test_first_keeps_proteins_with_several_hosts_as_one_class(fetch):
    viruses = fetch(hosts="first")
    assert viruses.accession.tolist() == ["P1", "P2", "P4", "P5"]
    assert viruses.target.tolist()[:2] == ["Homo sapiens (Human)", "Aves (birds)"]
    assert viruses.target.dtype.kind == "U"
    assert viruses.host_taxid.tolist() == [9606, 8782, 9823, 105295]
    assert viruses.target_names == sorted(set(viruses.target.tolist()))


def test_only_keeps_what_single_keeps(fetch):
    only, single = fetch(hosts="only"), fetch()
    assert only.target.tolist() == single.target.tolist()
    assert only.accession.tolist() == single.accession.tolist()
    assert only.DESCR == single.DESCR


def test_description_says_what_each_choice_leaves_out(fetch):
    left_out = {
        hosts: re.search(r"^Left out +(.*)$", fetch(hosts=hosts).DESCR, re.MULTILINE)[1]
        for hosts in ("only", "first", "all")
    }
    assert left_out == {
        "only": "1 without a host, 1 with several hosts",
        "first": "1 without a host",
        "all": "1 without a host",
    }


def test_classifier_learns_all_hosts(fetch, server):
    server.rows = [
        row(f"P{number}", hosts, "MNTQILVF"[: 4 + number % 4])
        for number, hosts in enumerate([f"{HUMAN}; {PIG}", PIG, HUMAN, BAT] * 5)
    ]
    X, y = fetch(hosts="all", return_X_y=True)
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    model.fit(X, y)
    assert model.classes_.tolist() == fetch(hosts="all").target_names
    assert model.predict_proba(X).shape == (20, 3)


def test_target_is_one_dimensional_if_all_proteins_have_two_hosts(fetch, server):
    server.rows = [row("P1", f"{HUMAN}; {PIG}"), row("P2", f"{PIG}; {BAT}")]
    assert fetch(hosts="all").target.shape == (2,)


def test_request_names_the_query_the_columns_and_the_client(fetch, server):
    requests = []

    def remember(handler):
        requests.append((handler.path, handler.parameters, dict(handler.headers)))
        handler.answer()

    server.misbehaviours = [remember]
    fetch()
    [(path, parameters, headers)] = requests
    assert path.startswith("/uniprotkb/stream?")
    assert parameters == {
        "query": [QUERY],
        "format": ["tsv"],
        "fields": ["accession,organism_name,virus_hosts,length,sequence"],
        "compressed": ["true"],
    }
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"].startswith("sklearn-protlstm/")


def test_default_server_is_uniprot():
    assert _uniprot._STREAM_URL == "https://rest.uniprot.org/uniprotkb/stream"


def test_X_y_and_frame_hold_the_same_data(fetch):
    X, y = fetch(return_X_y=True)
    assert (X.tolist(), y.tolist()) == (fetch().data.tolist(), fetch().target.tolist())
    pd = pytest.importorskip("pandas")
    viruses = fetch(as_frame=True)
    assert list(viruses.frame) == ["accession", "organism", "host", "host_taxid", "sequence"]
    columns = {"data": "sequence", "target": "host", "host_taxid": "host_taxid"}
    for name, column in columns.items():
        assert isinstance(viruses[name], pd.Series)
        assert viruses[name].tolist() == fetch()[name].tolist() == viruses.frame[column].tolist()


def test_description_states_the_provenance(fetch, server):
    viruses = fetch()
    facts = [QUERY, server.stream_url, "2025_01", viruses.sha256, "5 found, 3 kept"]
    facts += ["1 without a host, 1 with several hosts", "CC BY 4.0", "UniProt Consortium"]
    assert [fact for fact in facts if fact not in viruses.DESCR] == []


def test_second_call_reads_the_file(fetch, server, stored_files):
    first = fetch()
    second = fetch(download_if_missing=False, hosts="all")
    assert server.n_requests == 1
    assert second.sha256 == first.sha256
    assert second.release == first.release
    assert stored_files() == FILES


def test_checksum_depends_on_the_data_only(fetch, server, tmp_path):
    first = fetch(data_home=tmp_path / "a").sha256
    server.misbehaviours = [answer_in_chunks]
    assert fetch(data_home=tmp_path / "b").sha256 == first
    server.rows[-1] = row("P5", PIG, "KLMU")
    assert fetch(data_home=tmp_path / "c").sha256 != first


def test_each_query_has_its_own_folder(server, tmp_path):
    a, b = (fetch_uniprot_hosts(query, data_home=tmp_path) for query in ("a", "b"))
    assert a.folder != b.folder
    assert Path(a.folder).parent == Path(b.folder).parent == tmp_path / "uniprot_hosts"
    assert server.n_requests == 2


def test_default_data_home_is_that_of_scikit_learn(fetch, monkeypatch, tmp_path):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "elsewhere"))
    assert Path(fetch(data_home=None).folder).is_relative_to(tmp_path / "elsewhere")


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_an_error_if_downloads_are_not_allowed(fetch, server, tmp_path, name):
    message = r"The UniProt proteins for .* are not in .*uniprot_hosts.* download_if_missing=True"
    with pytest.raises(FileNotFoundError, match=message):
        fetch(download_if_missing=False)
    assert server.n_requests == 0
    assert list(tmp_path.iterdir()) == []
    (Path(fetch().folder) / name).unlink()
    with pytest.raises(FileNotFoundError, match=message):
        fetch(download_if_missing=False)


def test_cached_set_needs_no_pooch(fetch, monkeypatch, tmp_path):
    fetch()
    real_import = builtins.__import__

    def import_without_pooch(name, *args, **kwargs):
        if name.partition(".")[0] == "pooch":
            raise ImportError("No module named 'pooch'")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_without_pooch)
    assert fetch().n_found == 5
    with pytest.raises(ImportError, match=r'pip install "sklearn-protlstm\[download\]"'):
        fetch(data_home=tmp_path / "empty")


@pytest.mark.parametrize("send", [answer(), answer_in_chunks])
def test_progress_is_shown_on_request(fetch, server, capsys, tmp_path, send):
    server.rows = [row(f"P{i}", PIG, "ACDEFGHIKL" * 100) for i in range(1000)]
    fetch(data_home=tmp_path / "a")
    assert capsys.readouterr().err == ""
    server.misbehaviours = [send]
    fetch(data_home=tmp_path / "b", verbose=True)
    last_state = capsys.readouterr().err.strip().rpartition("\r")[2]
    assert re.match(r"UniProt: .*[1-9][0-9.]*k", last_state)


def flip_a_residue(path):
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content.replace(b"ACDE", b"ACDF")))


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (flip_a_residue, r"Its SHA-256 is [0-9a-f]{64}, but record\.json says [0-9a-f]{64}\."),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "incomplete or damaged"),
        (lambda path: path.write_bytes(b""), "not gzip-compressed"),
        (lambda path: path.write_text("not packed"), "it begins with 'not packed'"),
    ],
)
def test_altered_table_is_downloaded_again_with_a_warning(fetch, server, alter, message):
    first = fetch()
    path = Path(first.folder) / "proteins.tsv.gz"
    alter(path)
    message = rf"proteins\.tsv\.gz has changed since it was downloaded\. .*{message}"
    with (
        pytest.warns(AlteredCacheWarning, match=message) as caught,
        pytest.raises(FileNotFoundError, match="are not in"),
    ):
        fetch(download_if_missing=False)
    assert caught[0].message.path == str(path)
    assert caught[0].filename == __file__
    with pytest.warns(AlteredCacheWarning, match=message):
        again = fetch()
    assert again.sha256 == first.sha256
    assert server.n_requests == 2
    assert fetch().sha256 == first.sha256


@pytest.mark.parametrize("content", ["", "{}", "[1]", "not JSON", "\udcff"])
def test_altered_record_is_downloaded_again_with_a_warning(fetch, server, content):
    first = fetch()
    path = Path(first.folder) / "record.json"
    path.write_bytes(content.encode("utf-8", errors="surrogateescape"))
    with pytest.warns(AlteredCacheWarning, match=r"record\.json has changed") as caught:
        assert fetch().sha256 == first.sha256
    assert caught[0].message.path == str(path)
    assert server.n_requests == 2


def test_table_of_another_query_is_ignored(fetch, server):
    path = Path(fetch().folder) / "record.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"url": record["url"] + "x"}))
    assert fetch().n_found == 5
    assert server.n_requests == 2


FETCH = f"""
import sys
from sklearn_protlstm.datasets import _uniprot
_uniprot._STREAM_URL, data_home = sys.argv[1:]
print(_uniprot.fetch_uniprot_hosts({QUERY!r}, data_home=data_home).sha256)
"""


def start_process(server, data_home):
    command = [sys.executable, "-c", FETCH, server.stream_url, str(data_home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_killed_process_leaves_no_file(fetch, server, stored_files, tmp_path):
    reached = threading.Event()

    def keep_waiting(handler):
        reached.set()
        stay_silent(handler)

    server.misbehaviours = [keep_waiting]
    with start_process(server, tmp_path) as process:
        assert reached.wait(60)
        process.kill()
    assert process.returncode != 0
    assert stored_files() == []
    assert fetch().n_found == 5


@pytest.mark.parametrize("n_written", [0, 1])
def test_interrupted_write_is_not_read(fetch, server, monkeypatch, stored_files, n_written):
    replaced = []
    real_replace = os.replace

    def interrupt(source, target):
        if len(replaced) == n_written:
            raise KeyboardInterrupt
        replaced.append(target)
        real_replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert stored_files() == FILES[:n_written]
    assert fetch().n_found == 5
    assert server.n_requests == 2


def test_leftover_drafts_are_removed(fetch, stored_files, tmp_path):
    folder = Path(fetch().folder)
    draft = folder / ".proteins.tsv.gz.0123.part"
    draft.write_bytes(b"half")
    os.utime(draft, (0, 0))
    (folder / "record.json").unlink()
    assert fetch().n_found == 5
    assert stored_files() == FILES


@pytest.mark.slow
def test_two_processes_can_download_at_once(fetch, server, stored_files, tmp_path):
    both = threading.Barrier(2)

    def wait_for_both(handler):
        both.wait(60)
        handler.answer()

    server.misbehaviours = [wait_for_both] * 2
    with start_process(server, tmp_path) as process:
        here = fetch().sha256
        there = process.communicate(timeout=60)[0].strip()
    assert here == there == fetch(download_if_missing=False).sha256
    assert stored_files() == FILES


def test_threads_can_download_at_once(fetch, server, stored_files):
    server.rows = [row(f"P{i}", PIG) for i in range(12)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: fetch(), range(8)))
    assert {result.sha256 for result in results} == {fetch(download_if_missing=False).sha256}
    assert stored_files() == FILES


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"query": ""}, "query must be a string in UniProt's query syntax, .*; got ''"),
        ({"query": None}, "query must be a string .*; got None"),
        ({"hosts": "one"}, "hosts must be 'only', 'first' or 'all'; got 'one'"),
        ({"hosts": ["single"]}, r"hosts must be 'only', 'first' or 'all'; got \['single'\]"),
        ({"n_retries": -1}, "n_retries must be an integer of at least 0; got -1"),
        ({"n_retries": 1.5}, r"n_retries must be an integer of at least 0; got 1\.5"),
        ({"delay": -1}, "delay must be a finite number of seconds of at least 0; got -1"),
        ({"delay": float("nan")}, "delay must be .*; got nan"),
    ],
)
def test_bad_parameter_is_refused_before_the_download(server, tmp_path, parameters, message):
    with pytest.raises(ValueError, match=message):
        fetch_uniprot_hosts(**{"query": QUERY, "data_home": tmp_path} | parameters)
    assert server.n_requests == 0


def test_query_without_a_usable_protein_is_an_error(fetch, server, tmp_path):
    server.rows = [row("P1", ""), row("P2", f"{PIG}; {HUMAN}")]
    message = (
        "hosts='single'. UniProt finds 2 proteins: 1 without a host and 1 with several hosts. "
        "Widen the query, or pass hosts='all' to keep proteins with several hosts."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        fetch()
    assert fetch(hosts="all").accession.tolist() == ["P2"]
    server.rows = []
    message = r"finds 0 proteins: 0 without a host and 0 with several hosts\. Widen the query\."
    with pytest.raises(ValueError, match=message):
        fetch(data_home=tmp_path / "empty")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (HUMAN, (("Homo sapiens (Human)", 9606),)),
        (f"{PIG}; {HUMAN}", (("Sus scrofa (Pig)", 9823), ("Homo sapiens (Human)", 9606))),
        ("A; B [x] (c) [TaxID: 1]", (("A; B [x] (c)", 1),)),
    ],
)
def test_hosts_are_read_with_their_identifiers(text, expected):
    assert _uniprot_table.read_hosts(text, "P1") == expected


def test_documented_example_runs(server, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    page = (Path(__file__).parents[2] / "docs" / "uniprot.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(block, {})
    assert capsys.readouterr().out == "5 1 1\n"
