"""Synonyms of hosts become one name, by the table and the documented rules only."""

import numpy as np
import pytest

from sklearn_protlstm.readers import HOST_SYNONYMS, normalise_hosts


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Homo sapiens", "human"),
        ("human", "human"),
        ("HUMAN", "human"),
        ("  homo\t SAPIENS ", "human"),
        ("Homo sapiens; male; age 23", "human"),
        ("Homo sapiens (Human)", "human"),
        ("Homo sapiens (Human); male; age 23", "human"),
        ("Human (Homo sapiens)", "human"),
        ("Homo sapiens (patient 3)", "human"),
        ("Homo sapiens(Human)", "human"),
        ("Gallus gallus (Chicken)", "chicken"),
        ("Felis catus (Cat) (Felis silvestris catus)", "cat"),
        ("swine", "pig"),
        ("Canis lupus familiaris", "dog"),
        ("Camelus dromedarius", "dromedary"),
        # Unknown: a group of species, or a notation that the rules do not cover.
        ("bat", None),
        ("hostsl", None),
        ("duck", None),
        ("Canis lupus", None),
        ("Homo", None),
        ("Homo sapiens, male", None),
        ("male; Homo sapiens", None),
        ("(Homo sapiens)", None),
        ("Homo sapiens (Human", None),
        ("Homo sapiens (Pig)", None),
        ("Homo sapiens (Human) (Pig)", None),
        ("Homo sapiens (Pig) (Human)", None),
        ("human;pig", None),
        ("Homo sapiens; Canis lupus familiaris", None),
        ("Homo sapiens (Human); swine", None),
        ("human; Homo sapiens", "human"),
        ("Homo sapiens (a (b))", None),
        ("Homo (Human) sapiens", None),
        ("Sus scrofa and Homo sapiens", None),
        ("Homo-sapiens", None),
        ("", None),
    ],
)
def test_label_is_looked_up_by_the_rules(label, name):
    labels, unknown = normalise_hosts([label])
    assert labels.tolist() == [label if name is None else name]
    assert unknown == ({label: 1} if name is None else {})


def test_order_is_kept_and_unknown_names_are_counted():
    hosts = np.array(["bat", "pig", "civet", "Sus scrofa", "bat"])
    labels, unknown = normalise_hosts(hosts)
    assert labels.tolist() == ["bat", "pig", "civet", "pig", "bat"]
    assert labels.dtype.kind == "U"
    assert list(unknown.items()) == [("bat", 2), ("civet", 1)]
    assert hosts[3] == "Sus scrofa"
    assert normalise_hosts([])[0].tolist() == []


def test_normalised_names_stay_unchanged():
    names = list(HOST_SYNONYMS)
    labels, unknown = normalise_hosts(names)
    assert labels.tolist() == names
    assert unknown == {}
    assert len(names) >= 30


def test_synonyms_can_be_extended():
    synonyms = HOST_SYNONYMS | {"civet": ["Paguma larvata"], "bat": "Myotis myotis"}
    labels, unknown = normalise_hosts(["Paguma larvata", "Myotis myotis", "human"], synonyms)
    assert labels.tolist() == ["civet", "bat", "human"]
    assert unknown == {}
    assert "civet" not in HOST_SYNONYMS
    with pytest.raises(TypeError):
        HOST_SYNONYMS["civet"] = ["Paguma larvata"]


def test_synonym_of_two_hosts_raises():
    with pytest.raises(ValueError, match="'Mallard' stands for both 'mallard' and 'duck' in the"):
        normalise_hosts(["duck"], HOST_SYNONYMS | {"duck": ["Mallard"]})


def test_invalid_labels_raise():
    with pytest.raises(TypeError, match=r"got the single name 'human'\. Did you mean \['human'\]"):
        normalise_hosts("human")
    with pytest.raises(TypeError, match=r"labels\[1\] must be a str; got None of type NoneType"):
        normalise_hosts(["human", None])
