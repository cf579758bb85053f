"""Estimators warn of sequences that are not proteins: DNA, RNA and repeats of one letter."""

import numpy as np
import pytest

from sklearn_protlstm import (
    Alphabet,
    KmerVectorizer,
    PropertyVectorizer,
    SequenceEncoder,
    make_kmer_baseline,
)
from sklearn_protlstm._encoding.nonproteins import kind_of_nonprotein
from sklearn_protlstm.exceptions import DataQualityWarning

ADVICE = (
    "consist of the letters A, C, G, T, U and N. They look like DNA or RNA, but each letter is "
    "read as an amino acid. Translate them first, for example with Biopython's Seq.translate"
)
REPEATED = "repeat one letter. They carry no information. Remove them, or correct these records"


def random_sequences(letters, n_sequences, length=60, seed=0):
    rng = np.random.RandomState(seed)
    return ["".join(row) for row in rng.choice(list(letters), size=(n_sequences, length))]


PROTEINS = random_sequences("ACDEFGHIKLMNPQRSTVWY", 100)
DNA = random_sequences("ACGT", 100)


@pytest.mark.parametrize(
    ("sequence", "kind"),
    [
        ("ATGAATACGCAAATTCTCGTA", "nucleotide sequences"),
        ("augaauacgcaaauucucgua", "nucleotide sequences"),
        ("ATGNNNNNNNNNNNNNNNNNNCGT", "nucleotide sequences"),
        ("ATGAATACGCAAATTCTCGTA*", "nucleotide sequences"),
        ("ATGAATACGCAAATTCTCG", None),  # 19 letters
        ("ATGAATACGCAAATTCTCGTAK", None),
        ("MATGAATACGCAAATTCTCGTA", None),
        ("AAT" * 20, None),  # a repeat of antifreeze glycoproteins
        ("GA" * 20, None),  # a repeat of silk
        ("A" * 20, "one-letter sequences"),
        ("Aa" * 10 + "*", "one-letter sequences"),
        ("Q" * 200, "one-letter sequences"),
        ("X" * 20, "one-letter sequences"),
        ("A" * 19, None),
        ("A" * 20 + "K", None),
        ("A", None),
    ],
)
def test_kind_of_a_sequence(sequence, kind):
    assert kind_of_nonprotein(sequence) == kind


def test_real_proteins_are_proteins(proteins):
    assert not any(map(kind_of_nonprotein, proteins.sequences))


@pytest.mark.parametrize("estimator", [SequenceEncoder(), KmerVectorizer(), PropertyVectorizer()])
@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform"])
def test_methods_warn_of_dna_once_at_the_line_of_the_call(estimator, method):
    estimator.fit(PROTEINS)
    with pytest.warns(DataQualityWarning) as caught:
        getattr(estimator, method)(PROTEINS[:40] + DNA[:20])
    assert len(caught) == 1
    assert str(caught[0].message) == f"20 of 60 sequences (33.3%) {ADVICE}"
    assert caught[0].message.kind == "nucleotide sequences"
    assert caught[0].filename == __file__


@pytest.mark.parametrize("estimator", [SequenceEncoder(), KmerVectorizer(), PropertyVectorizer()])
def test_methods_warn_of_repeats(estimator):
    with pytest.warns(DataQualityWarning) as caught:
        estimator.fit(["A" * 50, *PROTEINS[:9]])
    assert [str(w.message) for w in caught] == [f"1 of 10 sequences (10.0%) {REPEATED}"]
    assert caught[0].message.kind == "one-letter sequences"


def test_each_kind_has_a_warning():
    with pytest.warns(DataQualityWarning) as caught:
        SequenceEncoder().fit([*DNA[:2], "K" * 30, *PROTEINS[:7]])
    assert [w.message.kind for w in caught] == ["nucleotide sequences", "one-letter sequences"]


def test_fewer_than_1_percent_are_no_warning():
    # pytest turns warnings into errors.
    SequenceEncoder().fit([DNA[0], *PROTEINS])
    with pytest.warns(DataQualityWarning, match=r"1 of 100 sequences \(1\.0%\)"):
        SequenceEncoder().fit([DNA[0], *PROTEINS[1:]])


def test_short_sequences_are_no_warning():
    short = random_sequences("ACGT", 50, length=19)
    assert KmerVectorizer().fit(short).transform(short).shape == (50, 64)


def test_many_sequences_are_sampled_but_counted_exactly():
    mixed = [s for pair in zip(PROTEINS * 8, DNA * 8) for s in pair]
    with pytest.warns(DataQualityWarning, match=r"800 of 1600 sequences \(50\.0%\)"):
        SequenceEncoder().fit(mixed)
    SequenceEncoder().fit(PROTEINS * 16)


def test_alphabet_of_nucleotides_reads_dna_without_a_warning():
    dna = Alphabet("dna", groups=("A", "C", "G", "T"), ambiguous="N")
    assert SequenceEncoder(alphabet=dna).fit_transform(DNA).max() == 5
    with pytest.warns(DataQualityWarning, match="repeat one letter"):
        SequenceEncoder(alphabet=dna).fit([*DNA, "A" * 60, "C" * 60])


@pytest.mark.parametrize("alphabet", ["dayhoff6", "murphy10"])
def test_reduced_alphabets_warn_of_dna(alphabet):
    with pytest.warns(DataQualityWarning, match="They look like DNA or RNA"):
        SequenceEncoder(alphabet=alphabet).fit(DNA)


def test_pipeline_warns_once_for_each_call():
    model = make_kmer_baseline().fit(PROTEINS, ["dog", "human"] * 50)
    with pytest.warns(DataQualityWarning) as caught:
        model.predict(DNA)
    assert [str(w.message) for w in caught] == [f"100 of 100 sequences (100.0%) {ADVICE}"]
