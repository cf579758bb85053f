"""One name for each host."""

import re
from collections import Counter
from types import MappingProxyType

import numpy as np

__all__ = ["HOST_SYNONYMS", "normalise_hosts"]

#: Names of common hosts: the name to use, and others that mean the same species. Names of a whole
#: group, such as bat, duck or camel, are left out on purpose: they do not tell the species.
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

_BRACKETS_AT_THE_END = re.compile(r"(?P<outside>[^()]+)(?P<brackets>(\([^()]*\) ?)+)")


def normalise_hosts(labels, synonyms=HOST_SYNONYMS):
    """Give each host one name, by a table of synonyms and nothing else.

    A label is looked up without regard to case and to the amount of white space,

    1. as it is: ``Homo sapiens``;
    2. up to its first semicolon, as NCBI writes: ``Homo sapiens; male; age 23``;
    3. and if what remains ends with brackets, without them: ``Homo sapiens (Human)``, ``Felis
       catus (Cat) (Felis silvestris catus)``. A name in brackets that the table knows for another
       host makes the label unknown.

    What is not found stays as it came and is listed. Nothing is guessed.

    Parameters
    ----------
    labels : iterable of str
        Names of hosts, such as the labels of a table.
    synonyms : mapping of str to iterable of str, default=HOST_SYNONYMS
        The name to use for a host, and others that mean the same. Add to the table with
        ``HOST_SYNONYMS | {"duck": ["Anas platyrhynchos", "mallard"]}``; a name that the addition
        takes from another entry must be taken out there.

    Returns
    -------
    labels : ndarray of shape (n_labels,), dtype str
        One name for each host.
    unknown : dict of str to int
        Labels that were not found, and how often each occurs, the commonest first.

    Raises
    ------
    ValueError
        If the table gives one name to two hosts.
    TypeError
        If the labels are a single str, or one of them is no str.

    See Also
    --------
    read_genbank : Labels as submitters wrote them.
    read_swissprot : Labels such as "Homo sapiens (Human)".

    Examples
    --------
    >>> from sklearn_protlstm.readers import HOST_SYNONYMS, normalise_hosts
    >>> came = ["Homo sapiens; male", "HUMAN", "Sus scrofa (Pig)", "bat", "civet"]
    >>> labels, unknown = normalise_hosts(came)
    >>> print(*labels, sep=", ")
    human, human, pig, bat, civet
    >>> unknown
    {'bat': 1, 'civet': 1}
    >>> labels, unknown = normalise_hosts(came, HOST_SYNONYMS | {"masked palm civet": ["civet"]})
    >>> unknown
    {'bat': 1}
    """
    if isinstance(labels, str):
        raise TypeError(
            f"labels must be a list or array of names; got the single name {labels!r}. Did you "
            f"mean [{labels!r}]?"
        )
    names = _names_by_synonym(synonyms)
    normal, unknown = [], Counter()
    for record, label in enumerate(labels):
        if not isinstance(label, str):
            raise TypeError(
                f"labels[{record}] is {label!r} of type {type(label).__name__}; a str was wanted. "
                "Drop records without a label first."
            )
        name = _look_up(label, names)
        if name is None:
            unknown[label] += 1
        normal.append(label if name is None else name)
    return np.array(normal, dtype=str), {str(name): n for name, n in unknown.most_common()}


def _names_by_synonym(synonyms):
    names = {}
    for name, others in synonyms.items():
        if isinstance(others, str):
            others = (others,)
        for synonym in (name, *others):
            known = names.setdefault(_simplified(synonym), name)
            if known != name:
                raise ValueError(
                    f"{synonym!r} stands for both {known!r} and {name!r} in the synonyms. Take it "
                    "out of one of them."
                )
    return names


def _look_up(label, names):
    if _simplified(label) in names:
        return names[_simplified(label)]
    species = _simplified(label.partition(";")[0])
    if species in names:
        return names[species]
    match = _BRACKETS_AT_THE_END.fullmatch(species)
    if match is None:
        return None
    name = names.get(_simplified(match["outside"]))
    inside = re.findall(r"\(([^()]*)\)", match["brackets"])
    # "Homo sapiens (Pig)" is a contradiction, which nobody but the user can settle.
    contradicted = any(names.get(_simplified(other), name) != name for other in inside)
    return None if contradicted else name


def _simplified(name):
    return " ".join(name.split()).casefold()
