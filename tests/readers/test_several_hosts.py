"""A record with several hosts is dropped, or keeps its first host or all of them."""

import io
import pickle
import re
from functools import partial

import numpy as np
import pytest
from reader_cases import CSV, GENBANK, SWISSPROT
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.exceptions import DataQualityWarning, InvalidSequenceError
from sklearn_protlstm.readers import (
    ReadReport,
    SequenceTable,
    normalise_hosts,
    read_fasta,
    read_genbank,
    read_swissprot,
    read_table,
    write_fasta,
)

# b and c have the same hosts in another order, d has the first host of b, f has no host.
FASTA = (
    ">a host=dog\nMNTQ\n>b host=human; pig;human\nAKGD\n>c host=pig;human\nAKGD\n"
    ">d host=human\nAKGD\n>e host=pig;\nMNTQA\n>f host= ;\nMNTQAK\n"
)
TABLE = (
    "id,seq,host\na,MNTQ,dog\nb,AKGD,human; pig;human\nc,AKGD,pig;human\nd,AKGD,human\n"
    "e,MNTQA,pig;\nf,MNTQAK, ;\n"
)

read_fasta_hosts = partial(
    read_fasta, label="host=(.*)$", label_separator=";", unlabelled="drop", duplicates="drop"
)
read_table_hosts = partial(
    read_table, sequence="seq", label="host", id="id", delimiter=",", label_separator=";"
)
# Each reader with a function that opens a file with several hosts.
CASES = {
    "read_fasta": (read_fasta_hosts, lambda: io.StringIO(FASTA)),
    "read_table": (read_table_hosts, lambda: io.StringIO(TABLE)),
    "read_genbank": (read_genbank, lambda: GENBANK),
    "read_swissprot": (read_swissprot, lambda: SWISSPROT),
}


def read_all(name="read_fasta", **params):
    read, open_file = CASES[name]
    return read(open_file(), hosts="all", **params)


def hosts_by_id(table):
    return dict(zip(table.ids, table.labels.tolist()))


def test_all_hosts_in_fasta_headers_are_read():
    table = read_all(duplicates="keep")
    assert hosts_by_id(table) == {
        "a": ("dog",),
        "b": ("human", "pig"),
        "c": ("pig", "human"),
        "d": ("human",),
        "e": ("pig",),
    }
    assert (table.labels.dtype, table.labels.shape) == (object, (5,))
    assert table.report.first_ids == {"no label": ("f",)}


def test_all_hosts_in_cells_are_read():
    assert hosts_by_id(read_all("read_table")) == hosts_by_id(read_all(duplicates="keep"))


def test_all_hosts_of_a_genbank_source_are_read():
    table = read_all("read_genbank")
    assert hosts_by_id(table)["MDA00006.1"] == ("Homo sapiens", "Canis lupus familiaris")
    assert hosts_by_id(table)["PV_1"] == ("Sus scrofa",)
    assert table.report.counts == {"no translation": 1, "no host": 1, "no CDS": 1}


def test_all_hosts_of_a_swissprot_entry_are_read():
    hosts = hosts_by_id(read_all("read_swissprot"))
    assert hosts["X0AAA3"] == ("Homo sapiens (Human)", "Canis lupus familiaris (Dog)")
    assert hosts["X0AAA6"] == ("Felis catus (Cat) (Felis silvestris catus)",)
    taxids = hosts_by_id(read_all("read_swissprot", label="host_taxonomy_id"))
    assert taxids["X0AAA3"] == ("9606", "9615")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("duplicates", ["keep", "drop"])
def test_report_counts_what_the_other_choices_keep(name, duplicates):
    read, open_file = CASES[name]
    params = {"duplicates": duplicates}
    by_choice = {hosts: read(open_file(), hosts=hosts, **params) for hosts in ("first", "only")}
    everything = read_all(name, **params)
    counts = {"all": len(everything)} | {hosts: len(table) for hosts, table in by_choice.items()}
    assert everything.report.n_kept_by_hosts == counts
    assert counts["all"] > counts["only"]
    assert [table.report.n_kept_by_hosts for table in by_choice.values()] == [{}, {}]


def test_duplicates_have_the_same_hosts_in_any_order():
    table = read_all()
    assert table.ids == ["a", "b", "d", "e"]
    assert str(table.report) == (
        "the open file: 4 of 6 records kept, 2 dropped\n"
        "  duplicate: 1 (c)\n"
        "  no label: 1 (f)\n"
        '  hosts="all" keeps 4, hosts="first" keeps 4, hosts="only" keeps 3'
    )
    assert read_fasta_hosts(io.StringIO(FASTA), hosts="first").ids == ["a", "b", "c", "e"]
    assert str(ReadReport("a.gb", 3, n_kept_by_hosts={"all": 3, "only": 2})) == (
        'a.gb: all 3 records kept\n  hosts="all" keeps 3, hosts="only" keeps 2'
    )


@pytest.mark.parametrize("name", ["read_genbank", "read_swissprot"])
@pytest.mark.parametrize(("former", "hosts"), [("drop", "only"), ("first", "first")])
def test_former_name_of_the_parameter_works(name, former, hosts):
    read, open_file = CASES[name]
    expected = read(open_file(), hosts=hosts)
    table = read(open_file(), several_hosts=former)
    assert (table.ids, table.labels.tolist()) == (expected.ids, expected.labels.tolist())
    assert table.report == expected.report
    if hosts == "only":
        assert read(open_file()).report == expected.report


def test_first_host_and_hosts_alone_are_one_class():
    first = read_fasta_hosts(io.StringIO(FASTA), hosts="first", duplicates="keep")
    assert hosts_by_id(first) == {"a": "dog", "b": "human", "c": "pig", "d": "human", "e": "pig"}
    only = read_fasta_hosts(io.StringIO(FASTA))
    assert hosts_by_id(only) == {"a": "dog", "d": "human", "e": "pig"}
    assert only.report.counts == {"several labels": 2, "no label": 1}
    assert first.labels.dtype.kind == only.labels.dtype.kind == "U"


def test_text_is_one_label_without_a_separator():
    table = read_table(CSV, sequence="Sequence", label="Host", id="Accession")
    assert table.labels.tolist()[0] == "Homo sapiens"
    file = io.StringIO(">b host=human;pig\nAKGD\n")
    assert read_fasta(file, label="host=(.*)$").labels.tolist() == ["human;pig"]


def test_labels_are_ignored_if_label_is_none():
    table = read_genbank(GENBANK, label=None, hosts="all")
    assert table.labels is None
    assert table.report == read_genbank(GENBANK, label=None).report


@pytest.mark.parametrize("name", CASES)
def test_unknown_choice_of_hosts_raises(name):
    read, open_file = CASES[name]
    with pytest.raises(ValueError, match=r"hosts must be 'only', 'first' or 'all'; got 'both'\."):
        read(open_file(), hosts="both")


def test_two_names_of_the_parameter_raise():
    message = r"hosts='all' and several_hosts='first' are two names of one parameter\. Pass hosts o"
    with pytest.raises(ValueError, match=message):
        read_genbank(GENBANK, hosts="all", several_hosts="first")
    with pytest.raises(ValueError, match=r"several_hosts must be 'drop' or 'first'; got 'all'\."):
        read_genbank(GENBANK, several_hosts="all")


@pytest.mark.parametrize(
    "read",
    [
        partial(read_fasta, io.StringIO(FASTA), label="host=(.*)$"),
        partial(read_table, CSV, sequence="Sequence", label="Host"),
    ],
)
def test_separator_is_checked(read):
    message = r"hosts='all' needs label_separator, the text between the labels of a record, such as"
    with pytest.raises(ValueError, match=message):
        read(hosts="all")
    with pytest.raises(ValueError, match=r"label_separator must be a text such as ';', or None; g"):
        read(label_separator="")


def test_table_counts_and_shows_all_labels():
    table = read_all()
    assert repr(table) == "SequenceTable(4 records, length 4 to 5, 3 labels, 2 dropped)"
    assert table[1].label == ("human", "pig")
    assert table[1:3].labels.tolist() == [("human", "pig"), ("human",)]
    assert "human; pig" in table._repr_html_()
    assert table.X_y()[1] is table.labels
    pytest.importorskip("pandas")
    assert table.to_frame()["label"].tolist() == table.labels.tolist()
    assert pickle.loads(pickle.dumps(table)).labels.tolist() == table.labels.tolist()


@pytest.mark.parametrize("labels", [[("a", "b"), ("b", "c")], [["a"], ["b"]]])
def test_label_lists_of_equal_length_stay_lists(labels):
    table = SequenceTable(["p1", "p2"], ["MNTQ", "AKGD"], labels)
    assert repr(table).endswith(f"{len({x for row in labels for x in row})} labels)")
    assert table[::-1].labels.tolist() == labels[::-1]
    assert table[1].label == labels[1]


def test_classifier_learns_all_labels_of_a_table():
    table = read_all(duplicates="keep")
    train, test = train_test_split(table, test_size=1, random_state=0)
    assert train.labels.tolist() == [hosts_by_id(table)[id_] for id_ in train.ids]
    model = make_pipeline(SequenceEncoder(), ProtLSTMClassifier(max_epochs=1, random_state=0))
    model.fit(table, table.labels)
    assert model.classes_.tolist() == ["dog", "human", "pig"]
    assert model.predict(test).shape == (1, 3)


def test_labels_are_written_and_read_back(tmp_path):
    table = read_all()
    write_fasta(table, tmp_path / "x.fasta", label_key="hosts")
    assert (tmp_path / "x.fasta").read_text().splitlines()[2].endswith(" hosts=human;pig")
    back = read_fasta(tmp_path / "x.fasta", label="hosts=(.*)$", label_separator=";", hosts="all")
    assert hosts_by_id(back) == hosts_by_id(table)
    write_fasta(table, tmp_path / "x.fasta", label_key="hosts", label_separator=" | ")
    assert (tmp_path / "x.fasta").read_text().splitlines()[2].endswith(" hosts=human | pig")


@pytest.mark.parametrize("labels", [("Homo sapiens; male",), (), ("dog", "dog"), ("dog ",), ("",)])
def test_labels_that_would_not_be_read_back_raise(labels, tmp_path):
    table = SequenceTable(["a", "b"], ["MNTQ", "AKGD"], [("dog",), labels])
    message = r"Record 1 \(counted from 0\) has the labels .* with label_separator=';'\. .*another"
    with pytest.raises(InvalidSequenceError, match=message) as error:
        write_fasta(table, tmp_path / "x.fasta", label_key="host")
    assert error.value.record == 1
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="label_separator must be a text such as ';'"):
        write_fasta(table, tmp_path / "x.fasta", label_separator="")


def test_each_of_several_hosts_gets_its_name():
    submitted = [("Homo sapiens", "human; male", "swine"), ("bat",), (), ("bat", "Sus scrofa")]
    labels, unknown = normalise_hosts(np.fromiter(submitted, dtype=object, count=4))
    assert labels.tolist() == [("human", "pig"), ("bat",), (), ("bat", "pig")]
    assert (labels.dtype, unknown) == (object, {"bat": 2})
    assert normalise_hosts([{"swine", "Homo sapiens"}])[0].tolist() == [("human", "pig")]
    message = r"labels\[1\] must be a list of hosts, as for other records; got 'pig' of type str\."
    with pytest.raises(TypeError, match=message):
        normalise_hosts([["human"], "pig"])
    with pytest.raises(TypeError, match=r"labels\[0\] must be a str; got None of type NoneType"):
        normalise_hosts([["human", None]])


def test_identifiers_among_several_labels_warn():
    file = io.StringIO("".join(f">p{n} x=A{n};B{n}\nMNTQ{'AKGDKICLVW'[n]}\n" for n in range(10)))
    message = "10 of 10 records have a label that no other record has, such as 'A0'"
    with pytest.warns(DataQualityWarning, match=message):
        read_fasta(file, label="x=(.*)$", label_separator=";", hosts="all")


def test_table_without_records_has_no_labels_to_learn():
    table = read_all(min_length=100)
    assert (table.labels.shape, table.labels.dtype) == ((0,), object)
    assert table.report.n_kept_by_hosts == {"all": 0, "first": 0, "only": 0}
    with pytest.raises(ValueError, match="no records to learn from"):
        table.X_y()


def test_pattern_that_stops_at_the_separator_raises():
    file = io.StringIO(">p1 host=human;pig\nMNTQ\n")
    message = (
        r"finds 'human' and stops at the separator ';', so it would lose the "
        r"labels behind it. Use a pattern that finds all of them, such as r'host=(\S+)'."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        read_fasta(file, label=r"host=(\w+)", label_separator=";", hosts="all")


def test_other_separator_warns():
    file = io.StringIO(">p1 host=human,pig\nMNTQ\n>p2 host=dog\nAKGD\n")
    message = "label_separator=';' is in no label. 'human,pig' looks like several labels."
    with pytest.warns(DataQualityWarning, match=re.escape(message)) as caught:
        read_fasta(file, label=r"host=(\S+)", label_separator=";", hosts="all")
    assert caught[0].message.kind == "joined labels"
    # With the right one, nothing warns.
    where = file.seek(0)
    table = read_fasta(file, label=r"host=(\S+)", label_separator=",", hosts="all")
    assert (where, table.labels.tolist()) == (0, [("human", "pig"), ("dog",)])
