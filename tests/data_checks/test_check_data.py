"""Each problem planted in the data is found, and no other."""

import warnings

import numpy as np
import pytest
from checked_data import only_finding, random_proteins, report_of

from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.exceptions import DataQualityWarning, EmptySequenceError


def clean_data():
    return random_proteins(40), np.repeat(["cat", "dog"], 20)


def mutated(protein, n_mutations, seed=0):
    rng = np.random.RandomState(seed)
    letters = list(protein)
    for place in rng.choice(len(letters), size=n_mutations, replace=False):
        letters[place] = "W" if letters[place] != "W" else "C"
    return "".join(letters)


def test_clean_data_has_no_findings():
    report = report_of(*clean_data())
    assert report.findings == []
    assert not report.multilabel
    assert report.ok
    assert str(report).endswith("Nothing suspicious was found.")
    assert repr(report) == "DataReport(40 sequences, 2 classes, 0 warnings, 0 notes)"
    assert [cut.trait for cut in report.shortcuts] == ["first residue", "length", "composition"]


def test_warnings_can_be_turned_into_errors():
    X, y = clean_data()
    X[30] = X[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataQualityWarning)
        with pytest.raises(DataQualityWarning, match="have conflicting labels") as error:
            check_data(X, y)
    assert error.value.kind == "conflicting labels"


def test_conflicting_labels_are_a_warning():
    X, y = clean_data()
    X[30] = X[3].lower() + "*"
    report = report_of(X, y)
    conflict, duplicates = report.findings
    assert conflict.message == (
        "2 sequences have conflicting labels, such as sequence 3: ['cat', 'dog']. No model can "
        "predict all of them. Remove these sequences, or merge the labels"
    )
    assert conflict.records.tolist() == [3, 30]
    assert (duplicates.severity, duplicates.kind) == ("note", "duplicates")
    assert not report.ok


def test_duplicates_are_a_note():
    X, y = clean_data()
    X[5] = X[6] = X[4]
    finding = only_finding(report_of(X, y))
    assert finding.message == (
        "2 of 40 sequences are copies of others. With random folds, copies are in both the "
        "training and the test set"
    )
    assert finding.records.tolist() == [4, 5, 6]


@pytest.mark.slow
def test_copies_across_groups_are_a_warning():
    X, y = clean_data()
    X[5] = X[4]
    groups = np.arange(40)
    report = report_of(X, y, groups)
    assert [finding.kind for finding in report.findings] == ["copies across groups", "duplicates"]
    assert report.findings[0].records.tolist() == [4, 5]
    groups[5] = groups[4]
    assert only_finding(report_of(X, y, groups)).kind == "duplicates"


@pytest.mark.slow
def test_near_copies_are_a_warning_across_groups():
    X, y = clean_data()
    X[9] = mutated(X[8], 3)
    finding = only_finding(report_of(X, y))
    assert (finding.severity, finding.kind) == ("note", "near-copies")
    assert finding.records.tolist() == [8, 9]
    groups = np.arange(40)
    finding = only_finding(report_of(X, y, groups))
    assert (finding.severity, finding.kind) == ("warning", "near-copies across groups")
    assert finding.message == (
        "2 sequences have a near-copy (about 90% identity) in another group, so held-out groups "
        "are not new to the model. Make groups with cluster_sequences"
    )
    groups[9] = groups[8]
    assert report_of(X, y, groups).findings == []


@pytest.mark.slow
def test_distant_homologs_are_not_near_copies():
    X, y = clean_data()
    X[9] = mutated(X[8], 20)
    assert report_of(X, y).findings == []


@pytest.mark.slow
def test_fragment_is_a_near_copy():
    X, y = clean_data()
    X[9] = X[8][10:40]
    assert only_finding(report_of(X, y)).records.tolist() == [8, 9]


def test_near_copies_are_found_by_a_sample_of_kmers(monkeypatch):
    X = random_proteins(30, length=600)
    X += [mutated(protein, 10, seed) for seed, protein in enumerate(X[:10])]
    y = np.arange(40) % 2
    monkeypatch.setattr("sklearn_protlstm.data_checks._findings._MAX_PAIRS", 3000)
    finding = only_finding(report_of(X, y))
    assert finding.records.tolist() == [*range(10), *range(30, 40)]


def random_dna(n_sequences, length=60):
    rows = np.random.RandomState(1).choice(list("ACGT"), size=(n_sequences, length))
    return ["".join(row) for row in rows]


def test_dna_is_a_warning():
    _, y = clean_data()
    finding = only_finding(report_of(random_dna(40), y))
    assert (finding.severity, finding.kind) == ("warning", "nucleotide sequences")
    assert finding.message == (
        "40 of 40 sequences (100.0%) consist of the letters A, C, G, T, U and N. They look like "
        "DNA or RNA, but each letter is read as an amino acid. Translate them first, for example "
        "with Biopython's Seq.translate. The first is sequence 0"
    )
    assert finding.records.tolist() == list(range(40))


@pytest.mark.slow
def test_few_nonproteins_are_a_note():
    X = random_proteins(210)
    X[7], X[9] = random_dna(1)[0].lower(), "Q" * 60
    report = report_of(X, np.arange(210) % 2)
    assert [(f.severity, f.kind, f.records.tolist()) for f in report.findings] == [
        ("note", "nucleotide sequences", [7]),
        ("note", "one-letter sequences", [9]),
    ]
    assert report.findings[0].message.startswith("1 of 210 sequences (0.5%) consist of")
    assert report.findings[1].message == (
        "1 of 210 sequences (0.5%) repeat one letter. They carry no information. Remove them, or "
        "correct these records. The first is sequence 9"
    )


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")
@pytest.mark.parametrize("groups", [None, np.arange(40) // 2])
def test_identifiers_as_labels_are_one_warning(groups):
    X, _ = clean_data()
    y = [f"P{i:02}" for i in range(38)] + ["human", "human"]
    with pytest.warns(DataQualityWarning) as caught:
        finding = only_finding(check_data(X, y, groups))
    assert [str(w.message) for w in caught if w.category is DataQualityWarning] == [finding.message]
    assert (finding.severity, finding.kind) == ("warning", "identifier labels")
    assert finding.message == (
        "38 of 40 sequences have a label that no other sequence has, such as 'P00'. The labels "
        "look like identifiers or measurements, not classes. Pass the classes"
    )
    assert finding.records.tolist() == list(range(38))


def test_illegal_symbols_are_a_warning():
    X, y = clean_data()
    X[7] = "AC-DE?" + X[7]
    X[9] += "*"
    finding = only_finding(report_of(X, y))
    assert finding.message == (
        "1 sequence(s) contain symbols that are not residues: '-' '?'. The first is sequence 7. "
        'Correct them, or set handle_unknown="mask" in the encoder'
    )
    assert finding.records.tolist() == [7]


@pytest.mark.slow
def test_ambiguous_residues_are_a_note_or_if_many_a_warning():
    X, y = clean_data()
    X[3] = "X" + X[3][1:]
    finding = only_finding(report_of(X, y))
    assert (finding.severity, finding.kind) == ("note", "ambiguous residues")
    assert "most in class 'cat': 0.1% of its residues" in finding.message
    X[:20] = [protein[:-6] + "XXXBZJ" for protein in X[:20]]
    report = report_of(X, y)
    assert report.findings[0].kind == "ambiguous residues"
    assert "10.1% of its residues, enough to recognize the class" in report.findings[0].message


def test_rare_class_is_a_warning():
    X, _ = clean_data()
    y = np.repeat(["cat", "dog", "eel"], [20, 17, 3])
    report = report_of(X, y)
    assert only_finding(report).message == (
        "Class 'eel' has 3 distinct sequence(s), too few for 5 folds. Collect more, merge it with "
        "a similar class, or remove it"
    )
    assert report.shortcuts[0].chance == 0.5  # without eels
    X[20:] = [X[20]] * 20
    report = report_of(X, np.repeat(["cat", "dog"], 20))
    assert "Class 'dog' has 1 distinct sequence(s)" in report.findings[0].message
    assert report.shortcuts == []
    assert "Shortcuts were not measured: fewer than two classes can fill 5 folds." in str(report)


def test_class_in_few_groups_is_a_warning():
    X, y = clean_data()
    groups = np.concatenate((np.arange(20), np.repeat([100, 101], 10)))
    finding = only_finding(report_of(X, y, groups))
    assert finding.message == (
        "Class 'dog' has only 2 group(s), too few for 5 folds that do not split groups. It would "
        "be missing from training or test sets"
    )


def test_first_residue_that_predicts_the_class_is_a_warning():
    # As if the positives were cut from longer proteins.
    X = ["M" + protein for protein in random_proteins(100, 1, 59)] + random_proteins(100, 2)
    y = np.repeat([0, 1], 100)
    report = report_of(X, y)
    finding = only_finding(report)
    assert (finding.severity, finding.kind) == ("warning", "shortcut")
    n_other = sum(protein.startswith("M") for protein in X[100:])
    score = report.shortcuts[0].balanced_accuracy
    assert score == pytest.approx((1 + (1 - n_other / 100)) / 2, abs=0.02)
    assert finding.message == (
        f"The first residue alone predicts the class with a balanced accuracy of {score:.2f} "
        f"(chance 0.50). M is the first residue in 100% of class 0 and in {n_other}% of class 1. "
        "Were the sequences of one class cut from longer proteins?"
    )


def test_length_that_predicts_the_class_is_a_warning():
    X = random_proteins(60, 1, length=50) + random_proteins(60, 2, length=70)
    finding = only_finding(report_of(X, np.repeat([False, True], 60)))
    assert finding.message == (
        "The length alone predicts the class with a balanced accuracy of 1.00 (chance 0.50). The "
        "median length is 50 in class False and 70 in class True. Use sequences of similar length "
        "for all classes"
    )


def test_composition_that_predicts_the_class_is_a_note():
    X = [protein.replace("A", "W") for protein in random_proteins(60, 1)] + random_proteins(60, 2)
    finding = only_finding(report_of(X, np.repeat(["a", "b"], 60)))
    assert (finding.severity, finding.kind) == ("note", "shortcut")
    assert finding.message.startswith("The composition alone predicts the class")


@pytest.mark.slow
def test_scores_within_three_standard_errors_are_not_reported():
    # The scores of twelve sequences are often far from 0.5 by chance.
    for seed in range(8):
        y = np.random.RandomState(seed).permutation(np.repeat([0, 1], 6))
        kinds = [finding.kind for finding in report_of(random_proteins(12, seed), y).findings]
        assert kinds == []


def test_copies_do_not_change_the_shortcuts():
    X = random_proteins(20)
    y = np.arange(20) % 2
    once, thrice = report_of(X, y), report_of(X * 3, np.tile(y, 3))
    assert once.shortcuts == thrice.shortcuts


def test_report_converts_to_frames_and_text():
    X, y = clean_data()
    X[5], X[30] = X[4], "X" * 20
    report = report_of(X, y, np.arange(40) // 2)
    assert list(report.frame()) == ["severity", "kind", "n_records", "message"]
    assert report.frame()["n_records"].tolist() == [len(f.records) for f in report.findings]
    classes = report.class_frame().set_index("class")
    assert classes.loc["cat"].tolist() == [20, 19, 10, 60, 60, 60, 0]
    assert classes.loc["dog"].tolist() == [20, 20, 10, 20, 60, 60, 20 / (19 * 60 + 20)]
    assert len(report.shortcut_frame()) == 3
    lines = str(report).splitlines()
    assert lines[0] == "40 sequences, 2 classes, 20 groups"
    assert lines[2].split() == list(report.class_frame())
    assert {len(line) for line in lines[2:5]} == {len(lines[2])}
    assert "NOTE: 1 of 40 sequences are copies of others" in str(report)


@pytest.mark.slow
def test_groups_of_virus_hosts_have_no_near_copies_in_common():
    viruses = load_virus_hosts()
    by_chance = report_of(viruses.data, viruses.target)
    assert "near-copies" in {finding.kind for finding in by_chance.findings}
    by_cluster = report_of(viruses.data, viruses.target, viruses.groups)
    kinds = {finding.kind for finding in by_cluster.findings}
    assert not {"near-copies across groups", "copies across groups"} & kinds


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((["AC", "CA"], [0]), ValueError, "2 sequences but 1 labels"),
        ((["AC", "CA"], [0, 0]), ValueError, "y holds one class only"),
        ((["AC", "CA"], [0, 1], [1]), ValueError, "Found 2 sequences but 1 groups"),
        ((["AC", ""], [0, 1]), EmptySequenceError, "Sequence 1"),
        (("ACCA", [0, 1]), TypeError, "Got one sequence"),
    ],
)
def test_invalid_input_raises(arguments, error, message):
    with pytest.raises(error, match=message):
        check_data(*arguments)
