"""Replace the synonyms of a host by one name."""

import re
from collections import Counter
from types import MappingProxyType

import numpy as np

from sklearn_protlstm._labels.form import is_multilabel
from sklearn_protlstm.readers._several_labels import make_label_array

__all__ = ["HOST_SYNONYMS", "normalise_hosts"]

#: The name to use for each common host, and its synonyms. Names of a group, such as bat, duck or
#: camel, are left out because they do not identify a species.
HOST_SYNONYMS = MappingProxyType(
    {
        "African green monkey": ("Chlorocebus aethiops", "Cercopithecus aethiops", "grivet"),
        "alpaca": ("Vicugna pacos", "Lama pacos"),
        "American mink": ("Neogale vison", "Neovison vison", "Mustela vison"),
        "Bactrian camel": ("Camelus bactrianus",),
        "Canada goose": ("Branta canadensis",),
        "cat": ("Felis catus", "Felis silvestris catus", "domestic cat"),
        "cattle": ("Bos taurus", "cow", "domestic cattle"),
        "chicken": ("Gallus gallus", "Gallus gallus domesticus", "domestic chicken"),
        "chimpanzee": ("Pan troglodytes",),
        "common vampire bat": ("Desmodus rotundus",),
        "crab-eating macaque": ("Macaca fascicularis", "cynomolgus monkey", "cynomolgus macaque"),
        "dog": ("Canis lupus familiaris", "Canis familiaris", "domestic dog"),
        "domestic duck": ("Anas platyrhynchos domesticus", "Anas platyrhynchos f. domestica"),
        "donkey": ("Equus asinus",),
        "dromedary": ("Camelus dromedarius", "dromedary camel", "Arabian camel"),
        "ferret": ("Mustela putorius furo", "domestic ferret"),
        "fruit fly": ("Drosophila melanogaster",),
        "goat": ("Capra hircus", "domestic goat"),
        "golden hamster": ("Mesocricetus auratus", "Syrian hamster"),
        "guinea pig": ("Cavia porcellus", "domestic guinea pig"),
        "honey bee": ("Apis mellifera", "honeybee", "western honey bee"),
        "horse": ("Equus caballus", "Equus ferus caballus", "domestic horse"),
        "human": ("Homo sapiens",),
        "llama": ("Lama glama",),
        "mallard": ("Anas platyrhynchos", "mallard duck"),
        "mouse": ("Mus musculus", "house mouse"),
        "ostrich": ("Struthio camelus",),
        "pig": ("Sus scrofa", "Sus scrofa domesticus", "Sus domesticus", "swine", "domestic pig"),
        "pigeon": ("Columba livia", "rock pigeon", "rock dove", "domestic pigeon"),
        "quail": ("Coturnix japonica", "Japanese quail"),
        "rabbit": ("Oryctolagus cuniculus", "European rabbit", "domestic rabbit"),
        "raccoon": ("Procyon lotor",),
        "rat": ("Rattus norvegicus", "brown rat", "Norway rat"),
        "red fox": ("Vulpes vulpes",),
        "rhesus macaque": ("Macaca mulatta", "rhesus monkey"),
        "sheep": ("Ovis aries", "domestic sheep"),
        "turkey": ("Meleagris gallopavo", "common turkey", "wild turkey"),
        "water buffalo": ("Bubalus bubalis", "domestic water buffalo"),
        "yellow fever mosquito": ("Aedes aegypti",),
        "zebrafish": ("Danio rerio",),
    }
)

_TRAILING_BRACKETS = re.compile(r"(?P<name>[^()]+)(?P<brackets>(\([^()]*\) ?)+)")


def normalise_hosts(labels, synonyms=HOST_SYNONYMS):
    """Give each host one name, using only a table of synonyms.

    A label is looked up in three ways, which all ignore case and extra white space:

    1. as it is: ``Homo sapiens``;
    2. up to its first semicolon, as NCBI writes hosts: ``Homo sapiens; male; age 23``;
    3. like 2, without brackets at the end: ``Homo sapiens (Human)``, ``Felis catus (Cat) (Felis
       silvestris catus)``.

    If the table has a name in the brackets, or after a semicolon, for a different host, the label
    is unknown: ``Homo sapiens (Pig)``, ``human; pig``.

    Unknown labels stay unchanged and are listed. The function does not guess.

    Parameters
    ----------
    labels : iterable of str, or of lists, tuples or sets of str
        Names of hosts, such as the labels of a table. Or all hosts of each record.
    synonyms : mapping of str to iterable of str, default=HOST_SYNONYMS
        The name to use for each host, and its synonyms. Extend the default with
        ``HOST_SYNONYMS | {"masked palm civet": ["civet"]}``. A name must not belong to two hosts.

    Returns
    -------
    labels : ndarray of shape (n_labels,), dtype str or object
        The normalised names. Tuples of different names if a record has several hosts.
    unknown : dict of str to int
        Each unknown label with its number of occurrences, the most frequent first.

    Raises
    ------
    ValueError
        If `synonyms` gives one name to two hosts.
    TypeError
        If `labels` is a single str, or one of the labels is not a str, or a str next to lists.

    See Also
    --------
    read_genbank : Labels as submitters write them.
    read_swissprot : Labels such as "Homo sapiens (Human)".

    Examples
    --------
    >>> from sklearn_protlstm.readers import HOST_SYNONYMS, normalise_hosts
    >>> hosts = ["Homo sapiens; male", "HUMAN", "Sus scrofa (Pig)", "bat", "civet"]
    >>> labels, unknown = normalise_hosts(hosts)
    >>> print(*labels, sep=", ")
    human, human, pig, bat, civet
    >>> unknown
    {'bat': 1, 'civet': 1}
    >>> labels, unknown = normalise_hosts(hosts, HOST_SYNONYMS | {"masked palm civet": ["civet"]})
    >>> unknown
    {'bat': 1}

    Several hosts of one record, of which two are the same:

    >>> labels, unknown = normalise_hosts([("Homo sapiens", "human", "swine"), ("bat",)])
    >>> labels.tolist()
    [('human', 'pig'), ('bat',)]
    """
    if isinstance(labels, str):
        raise TypeError(
            f"labels must be a list or array of names; got the single name {labels!r}. Did you "
            f"mean [{labels!r}]?"
        )
    name_of, unknown = _invert(synonyms), Counter()
    labels = list(labels)
    if is_multilabel(labels):
        several = [_hosts_of(record, label) for record, label in enumerate(labels)]
        names = [
            tuple(dict.fromkeys(_normalise(host, record, name_of, unknown) for host in hosts))
            for record, hosts in enumerate(several)
        ]
        normalised = make_label_array(names)
    else:
        names = [_normalise(label, record, name_of, unknown) for record, label in enumerate(labels)]
        normalised = np.array(names, dtype=str)
    return normalised, {str(name): n for name, n in unknown.most_common()}


def _hosts_of(record, hosts):
    if isinstance(hosts, set | frozenset):
        return sorted(hosts)
    if not isinstance(hosts, list | tuple):
        raise TypeError(
            f"labels[{record}] must be a list of hosts, as for other records; got {hosts!r} of "
            f"type {type(hosts).__name__}. Put a single name in a list."
        )
    return hosts


def _normalise(label, record, name_of, unknown):
    """Return the name of a host, and count it if it is unknown."""
    if not isinstance(label, str):
        raise TypeError(
            f"labels[{record}] must be a str; got {label!r} of type {type(label).__name__}. "
            "Drop records without a label first."
        )
    name = _look_up(label, name_of)
    if name is None:
        unknown[label] += 1
        return label
    return name


def _invert(synonyms):
    """Map each synonym, simplified, to the name to use."""
    name_of = {}
    for name, others in synonyms.items():
        if isinstance(others, str):
            others = (others,)
        for synonym in (name, *others):
            known = name_of.setdefault(_simplify(synonym), name)
            if known != name:
                raise ValueError(
                    f"{synonym!r} stands for both {known!r} and {name!r} in the synonyms. Remove "
                    "it from one of them."
                )
    return name_of


def _look_up(label, name_of):
    """Return the name of a host, or None if it is unknown or the label names another host too."""
    if _simplify(label) in name_of:
        return name_of[_simplify(label)]
    species, *notes = map(_simplify, label.split(";"))
    match = _TRAILING_BRACKETS.fullmatch(species)
    if species not in name_of and match is not None:
        species = _simplify(match["name"])
        notes += map(_simplify, re.findall(r"\(([^()]*)\)", match["brackets"]))
    name = name_of.get(species)
    # Only the user can resolve a contradiction such as "Homo sapiens (Pig)".
    contradicts = any(name_of.get(note, name) != name for note in notes)
    return None if contradicts else name


def _simplify(name):
    return " ".join(name.split()).casefold()
