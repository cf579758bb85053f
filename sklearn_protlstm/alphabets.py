"""Alphabets: which residues share a token, and which number it has.

Token numbers are the same for every alphabet: 0 is padding, 1 is an unknown residue, and the
groups of the alphabet follow from 2 in their own order.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["ALPHABETS", "PADDING", "UNKNOWN", "Alphabet", "get_alphabet"]

PADDING = 0
UNKNOWN = 1
FIRST_TOKEN = 2

# Marks bytes of no meaning in a look-up table; an alphabet has far fewer tokens than this.
ILLEGAL = 255

_AMBIGUOUS = "BJOUXZ"


@dataclass(frozen=True)
class Alphabet:
    """Residues in groups, one token a group.

    Parameters
    ----------
    name : str
        Shown in messages and in the estimator's ``repr``.
    groups : tuple of str
        One string for each token; the letters in it are read as that token, and its first
        letter stands for the group when tokens are turned back into letters. Lower case reads
        as upper case.
    ambiguous : str, default="BJOUXZ"
        Letters that are legal but have no token of their own and read as unknown: by IUPAC's
        code B (D or N), J (I or L), Z (E or Q), X (any), and the rare residues O (pyrrolysine)
        and U (selenocysteine). Give a group its own letter O or U to tell them apart, and leave
        the letter out here.

    Raises
    ------
    ValueError
        If a letter appears twice, or is no ASCII letter, or a group is empty.

    References
    ----------
    IUPAC-IUB Joint Commission on Biochemical Nomenclature. Nomenclature and symbolism for amino
    acids and peptides. Eur J Biochem 138 (1984) 9-37. :doi:`10.1111/j.1432-1033.1984.tb07877.x`

    Examples
    --------
    >>> from sklearn_protlstm import Alphabet
    >>> polarity = Alphabet("polarity", groups=("AVLIPFWMG", "STCYNQ", "DE", "KRH"))
    >>> polarity.n_tokens
    6
    """

    name: str
    groups: tuple[str, ...]
    ambiguous: str = _AMBIGUOUS

    def __post_init__(self):
        if not self.groups or not all(self.groups):
            raise ValueError(f"Alphabet {self.name!r} needs one or more groups, none of them empty")
        letters = "".join(self.groups) + self.ambiguous
        for letter in letters:
            if not (letter.isascii() and letter.isalpha()):
                raise ValueError(f"Alphabet {self.name!r}: {letter!r} is not a letter from A to Z")
        letters = letters.upper()
        twice = sorted({letter for letter in letters if letters.count(letter) > 1})
        if twice:
            raise ValueError(
                f"Alphabet {self.name!r}: {', '.join(twice)} appear(s) more than once among the "
                "groups and the ambiguous letters; each letter can have one meaning only"
            )

    @property
    def size(self):
        """Number of groups."""
        return len(self.groups)

    @property
    def n_tokens(self):
        """Number of tokens: padding, unknown, and one for each group."""
        return FIRST_TOKEN + self.size

    @property
    def symbols(self):
        """One letter for each group, in token order, as a string."""
        return "".join(group[0].upper() for group in self.groups)

    @property
    def legal(self):
        """Every letter that may stand in a sequence, sorted, as a string."""
        return "".join(sorted(("".join(self.groups) + self.ambiguous).upper()))

    def lookup_table(self, other=ILLEGAL):
        """Token of each of the 256 byte values.

        Parameters
        ----------
        other : int, default=255
            Entry of the bytes that are no letter of this alphabet.

        Returns
        -------
        table : ndarray of shape (256,), dtype uint8
            Indexed by the byte of a letter, upper or lower case.
        """
        table = np.full(256, other, dtype=np.uint8)
        _assign(table, self.ambiguous, UNKNOWN)
        for token, group in enumerate(self.groups, start=FIRST_TOKEN):
            _assign(table, group, token)
        return table


def _assign(table, letters, token):
    for letter in letters:
        table[ord(letter.upper())] = token
        table[ord(letter.lower())] = token


#: Alphabets by name. Dayhoff's six classes follow accepted point mutations (Dayhoff et al.,
#: Atlas of Protein Sequence and Structure 5 suppl. 3, 1978, 345-352); Murphy's ten follow
#: BLOSUM50 correlations (Murphy, Wallqvist, Levy, Protein Eng 13 (2000) 149-152,
#: doi:10.1093/protein/13.3.149).
ALPHABETS = {
    alphabet.name: alphabet
    for alphabet in (
        Alphabet("protein", tuple("ACDEFGHIKLMNPQRSTVWY")),
        Alphabet("dayhoff6", ("AGPST", "C", "DENQ", "FWY", "HKR", "ILMV")),
        Alphabet("murphy10", ("A", "C", "DENQ", "FWY", "G", "H", "ILMV", "KR", "P", "ST")),
    )
}


def get_alphabet(alphabet):
    """Return the Alphabet itself, or the one of that name.

    Parameters
    ----------
    alphabet : str or Alphabet
        A key of ``ALPHABETS`` or an alphabet of the user's own.

    Returns
    -------
    alphabet : Alphabet
        Ready for use.

    Raises
    ------
    ValueError
        If no alphabet has that name.
    """
    if isinstance(alphabet, Alphabet):
        return alphabet
    try:
        return ALPHABETS[alphabet]
    except (KeyError, TypeError):
        raise ValueError(
            f"alphabet={alphabet!r} is not known. Choose one of {sorted(ALPHABETS)}, or pass "
            "Alphabet(name, groups) with groups of your own"
        ) from None
