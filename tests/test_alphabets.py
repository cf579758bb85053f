"""Each letter has one token, and named alphabets are those of the publications."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from string import ascii_letters

import numpy as np
import pytest

from sklearn_protlstm.alphabets import ALPHABETS, ILLEGAL, PADDING, UNKNOWN, Alphabet, get_alphabet

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


def test_padding_and_unknown_are_the_first_tokens():
    assert (PADDING, UNKNOWN) == (0, 1)


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("protein", set(RESIDUES)),
        # Dayhoff 1978
        ("dayhoff6", {"AGPST", "C", "DENQ", "FWY", "HKR", "ILMV"}),
        # Murphy, Wallqvist, Levy 2000
        ("murphy10", {"LVIM", "C", "A", "G", "ST", "P", "FYW", "EDNQ", "KR", "H"}),
    ],
)
def test_named_alphabet_has_the_published_groups(name, groups):
    alphabet = ALPHABETS[name]
    assert alphabet.name == name
    assert set(map(frozenset, alphabet.groups)) == set(map(frozenset, groups))
    assert alphabet.size == len(groups)
    assert alphabet.n_tokens == len(groups) + 2
    assert sorted("".join(alphabet.groups)) == list(RESIDUES)
    assert list(alphabet.symbols) == sorted(alphabet.symbols)
    assert alphabet.legal == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_lookup_table_has_tokens_of_both_cases():
    table = Alphabet("three", groups=("Ac", "d"), ambiguous="x").lookup_table()
    assert table.dtype == np.uint8
    assert table.shape == (256,)
    meaning = {chr(byte): int(token) for byte, token in enumerate(table) if token != ILLEGAL}
    assert meaning == {"A": 2, "a": 2, "C": 2, "c": 2, "D": 3, "d": 3, "X": 1, "x": 1}


def test_lookup_table_fills_other_bytes():
    alphabet = ALPHABETS["protein"]
    table = alphabet.lookup_table(other=UNKNOWN)
    others = [byte for byte in range(256) if chr(byte) not in ascii_letters]
    assert set(table[others].tolist()) == {UNKNOWN}
    assert set(alphabet.lookup_table()[others].tolist()) == {ILLEGAL}


def test_rare_residues_can_have_tokens():
    alphabet = Alphabet("rare", groups=("u", "ca"), ambiguous="")
    assert alphabet.symbols == "UC"
    assert alphabet.legal == "ACU"
    assert alphabet.n_tokens == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": ()}, "'mine' needs at least one group, and no empty ones"),
        ({"groups": ("A", "")}, "'mine' needs at least one group, and no empty ones"),
        ({"groups": ("AC", "CD")}, "'mine': C appear.s. more than once"),
        ({"groups": ("AC", "ca")}, "A, C appear.s. more than once"),
        ({"groups": ("AU",)}, "U appear.s. more than once in the groups and the ambiguous"),
        ({"groups": ("A*",)}, r"'mine': '\*' is not a letter from A to Z"),
        ({"groups": ("A1",)}, "'1' is not a letter from A to Z"),
        ({"groups": ("Ä",)}, "'Ä' is not a letter from A to Z"),
        ({"groups": ("A",), "ambiguous": "-"}, "'-' is not a letter from A to Z"),
        ({"groups": ("A",), "ambiguous": "XX"}, "X appear.s. more than once"),
    ],
)
def test_invalid_alphabet_raises(arguments, message):
    with pytest.raises(ValueError, match=message):
        Alphabet("mine", **arguments)


def test_alphabets_are_immutable_and_compare_by_value():
    alphabet = Alphabet("two", groups=("A", "C"))
    for other in (Alphabet("two", ("A", "C")), pickle.loads(pickle.dumps(alphabet))):
        assert other == alphabet
        assert hash(other) == hash(alphabet)
    assert copy.deepcopy(alphabet) == alphabet
    assert Alphabet("two", groups=("C", "A")) != alphabet
    with pytest.raises(FrozenInstanceError):
        alphabet.groups = ("D",)


def test_get_alphabet_accepts_names_and_alphabets():
    own = Alphabet("own", groups=("A", "C"))
    assert get_alphabet(own) is own
    assert get_alphabet("murphy10") is ALPHABETS["murphy10"]


@pytest.mark.parametrize("alphabet", ["dna", None, 20, ("A", "C"), ["A", "C"]])
def test_unknown_name_raises(alphabet):
    message = (
        r"is not known\. Choose one of \['dayhoff6', 'murphy10', 'protein'\], or pass a custom"
    )
    with pytest.raises(ValueError, match=message):
        get_alphabet(alphabet)
