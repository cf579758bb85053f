"""Every finding is found where it was planted, and nowhere else."""

import warnings

import numpy as np
import pytest

from sklearn_protlstm.data_checks import check_data
from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.exceptions import DataQualityWarning, EmptySequenceError

RESIDUES = np.array(list("ACDEFGHIKLMNPQRSTVWY"))


def random_proteins(n_sequences, seed=0, length=60):
    rng = np.random.RandomState(seed)
    return ["".join(rng.choice(RESIDUES, size=length)) for _ in range(n_sequences)]


def clean_data():
    return random_proteins(40), np.repeat(["cat", "dog"], 20)


def report_of(sequences, y, groups=None):
    """The report, and the kinds of the warnings that came with it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        report = check_data(sequences, y, groups)
    assert all(warning.category is DataQualityWarning for warning in caught)
    assert all(warning.filename == __file__ for warning in caught)
    assert [str(warning.message) for warning in caught] == [
        finding.message for finding in report.findings if finding.severity == "warning"
    ]
    return report


def only_finding(report):
    assert len(report.findings) == 1, report
    return report.findings[0]


def mutated(protein, n_mutations, seed=0):
    rng = np.random.RandomState(seed)
    letters = list(protein)
    for place in rng.choice(len(letters), size=n_mutations, replace=False):
        letters[place] = "W" if letters[place] != "W" else "C"
    return "".join(letters)


def test_clean_data():
    report = report_of(*clean_data())
    assert report.findings == []
    assert report.ok
    assert str(report).endswith("Nothing suspicious was found.")
    assert repr(report) == "DataReport(40 sequences, 2 classes, 0 warnings, 0 notes)"
    assert [cut.trait for cut in report.shortcuts] == ["first residue", "length", "composition"]


def test_warnings_can_be_made_errors():
    X, y = clean_data()
    X[30] = X[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataQualityWarning)
        with pytest.raises(DataQualityWarning, match="two or more labels") as error:
            check_data(X, y)
    assert error.value.kind == "conflicting labels"


def test_conflicting_labels():
    X, y = clean_data()
    X[30] = X[3].lower() + "*"
    report = report_of(X, y)
    conflict, duplicates = report.findings
    assert conflict.message == (
        "2 sequences come with two or more labels, such as sequence 3: ['cat', 'dog']. No model "
        "can get both right: drop them, or let one label stand for both"
    )
    assert conflict.records.tolist() == [3, 30]
    assert (duplicates.severity, duplicates.kind) == ("note", "duplicates")
    assert not report.ok


def test_duplicates():
    X, y = clean_data()
    X[5] = X[6] = X[4]
    finding = only_finding(report_of(X, y))
    assert finding.message == (
        "Copies of other sequences: 2 of 40. With random folds they are in training and test at "
        "once"
    )
    assert finding.records.tolist() == [4, 5, 6]


def test_copies_across_groups():
    X, y = clean_data()
    X[5] = X[4]
    groups = np.arange(40)
    report = report_of(X, y, groups)
    assert [finding.kind for finding in report.findings] == ["copies across groups", "duplicates"]
    assert report.findings[0].records.tolist() == [4, 5]
    groups[5] = groups[4]
    assert only_finding(report_of(X, y, groups)).kind == "duplicates"


def test_near_copies():
    X, y = clean_data()
    X[9] = mutated(X[8], 3)
    finding = only_finding(report_of(X, y))
    assert (finding.severity, finding.kind) == ("note", "near-copies")
    assert finding.records.tolist() == [8, 9]
    groups = np.arange(40)
    finding = only_finding(report_of(X, y, groups))
    assert (finding.severity, finding.kind) == ("warning", "near-copies across groups")
    assert finding.message == (
        "2 sequences have a near-copy (some 90 % identity) in another group, so a held-out group "
        "is not new to the model. Make groups with cluster_sequences"
    )
    groups[9] = groups[8]
    assert report_of(X, y, groups).findings == []


def test_distant_relatives_are_no_near_copies():
    X, y = clean_data()
    X[9] = mutated(X[8], 20)
    assert report_of(X, y).findings == []


def test_fragment_is_a_near_copy():
    X, y = clean_data()
    X[9] = X[8][10:40]
    assert only_finding(report_of(X, y)).records.tolist() == [8, 9]


def test_near_copies_are_found_by_a_sample_of_many_kmers(monkeypatch):
    X = random_proteins(30, length=600)
    X += [mutated(protein, 10, seed) for seed, protein in enumerate(X[:10])]
    y = np.arange(40) % 2
    monkeypatch.setattr("sklearn_protlstm.data_checks._findings._MAX_MEETINGS", 3000)
    finding = only_finding(report_of(X, y))
    assert finding.records.tolist() == [*range(10), *range(30, 40)]


def test_illegal_symbols():
    X, y = clean_data()
    X[7] = "AC-DE?" + X[7]
    X[9] += "*"
    finding = only_finding(report_of(X, y))
    assert finding.message == (
        "Symbols that are no residues: '-' '?', in 1 sequence(s); the first is sequence 7. Correct "
        'them, or give the encoder handle_unknown="mask"'
    )
    assert finding.records.tolist() == [7]


def test_few_ambiguous_residues_are_noted_and_many_warned_about():
    X, y = clean_data()
    X[3] = "X" + X[3][1:]
    finding = only_finding(report_of(X, y))
    assert (finding.severity, finding.kind) == ("note", "ambiguous residues")
    assert "most in class 'cat': 0.1% of its residues" in finding.message
    X[:20] = [protein[:-6] + "XXXBZJ" for protein in X[:20]]
    report = report_of(X, y)
    assert report.findings[0].kind == "ambiguous residues"
    assert "10.1% of its residues, enough to be told by them" in report.findings[0].message


def test_rare_classes():
    X, _ = clean_data()
    y = np.repeat(["cat", "dog", "eel"], [20, 17, 3])
    report = report_of(X, y)
    assert only_finding(report).message == (
        "Class 'eel' has 3 different sequence(s), too few for 5 folds. Collect more, merge it with "
        "a class like it, or leave it out"
    )
    assert report.shortcuts[0].chance == 0.5  # eels are left out
    X[20:] = [X[20]] * 20
    report = report_of(X, np.repeat(["cat", "dog"], 20))
    assert "Class 'dog' has 1 different sequence(s)" in report.findings[0].message
    assert report.shortcuts == []
    assert "Shortcuts were not measured: fewer than two classes can fill 5 folds." in str(report)


def test_class_in_few_groups():
    X, y = clean_data()
    groups = np.concatenate((np.arange(20), np.repeat([100, 101], 10)))
    finding = only_finding(report_of(X, y, groups))
    assert finding.message == (
        "Class 'dog' is in 2 group(s) only, too few for 5 folds that keep groups whole: some would "
        "test or train without it"
    )


def test_first_residue_jumps_out():
    # As where the positives were cut out of longer proteins.
    X = ["M" + protein for protein in random_proteins(100, 1, 59)] + random_proteins(100, 2)
    y = np.repeat([0, 1], 100)
    report = report_of(X, y)
    finding = only_finding(report)
    assert (finding.severity, finding.kind) == ("warning", "shortcut")
    n_other = sum(protein.startswith("M") for protein in X[100:])
    score = report.shortcuts[0].balanced_accuracy
    assert score == pytest.approx((1 + (1 - n_other / 100)) / 2, abs=0.02)
    assert finding.message == (
        "The first residue alone tells the classes apart with a balanced accuracy of "
        f"{score:.2f} (chance 0.50). M stands first in 100% of class 0 and in {n_other}% of class "
        "1: were the sequences of one class cut out of longer ones?"
    )


def test_length_jumps_out():
    X = random_proteins(60, 1, length=50) + random_proteins(60, 2, length=70)
    finding = only_finding(report_of(X, np.repeat([False, True], 60)))
    assert finding.message == (
        "The length alone tells the classes apart with a balanced accuracy of 1.00 (chance 0.50). "
        "The median is 50 residues in class False and 70 in class True: compare with sequences "
        "of like length"
    )


def test_composition_is_a_note():
    X = [protein.replace("A", "W") for protein in random_proteins(60, 1)] + random_proteins(60, 2)
    finding = only_finding(report_of(X, np.repeat(["a", "b"], 60)))
    assert (finding.severity, finding.kind) == ("note", "shortcut")
    assert finding.message.startswith("The composition alone tells the classes apart")


def test_luck_is_no_shortcut():
    # Twelve sequences give scores far from one half often enough, and prove nothing.
    for seed in range(8):
        y = np.random.RandomState(seed).permutation(np.repeat([0, 1], 6))
        kinds = [finding.kind for finding in report_of(random_proteins(12, seed), y).findings]
        assert kinds == []


def test_copies_do_not_help_the_shortcuts():
    X = random_proteins(20)
    y = np.arange(20) % 2
    once, thrice = report_of(X, y), report_of(X * 3, np.tile(y, 3))
    assert once.shortcuts == thrice.shortcuts


def test_frames_and_print():
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
    assert "NOTE: Copies of other sequences: 1 of 40" in str(report)


def test_virus_hosts_with_and_without_their_clusters():
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
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        check_data(*arguments)
