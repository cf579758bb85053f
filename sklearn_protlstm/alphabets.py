"""Alphabets: groups of residues that share a token.

In every alphabet, token 0 is padding and token 1 an unknown residue. The groups of the alphabet
follow from 2 in order.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["ALPHABETS", "PADDING", "UNKNOWN", "Alphabet", "get_alphabet"]

PADDING = 0
UNKNOWN = 1
FIRST_TOKEN = 2

# Marks invalid bytes in a lookup table. No alphabet has this many tokens.
ILLEGAL = 255

_AMBIGUOUS = "BJOUXZ"


@dataclass(frozen=True)
class Alphabet:
    """Groups of residues, with one token per group.

    Parameters
    ----------
    name : str
        Name in error messages and in the ``repr`` of estimators.
    groups : tuple of str
        One string per token, made of the letters that are read as this token. Decoding a token
        gives the first letter. Lower case is read as upper case.
    ambiguous : str, default="BJOUXZ"
        Valid letters that are read as unknown. In the IUPAC code, these are B (D or N), J (I or
        L), Z (E or Q), X (any) and the rare residues O (pyrrolysine) and U (selenocysteine). To
        give O or U a token, add it to `groups` and omit it here.

    Raises
    ------
    ValueError
        If a letter occurs twice or is not an ASCII letter, or if a group is missing or empty.

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
            raise ValueError(f"Alphabet {self.name!r} needs at least one group, and no empty ones")
        letters = "".join(self.groups) + self.ambiguous
        for letter in letters:
            if not (letter.isascii() and letter.isalpha()):
                raise ValueError(f"Alphabet {self.name!r}: {letter!r} is not a letter from A to Z")
        letters = letters.upper()
        twice = sorted({letter for letter in letters if letters.count(letter) > 1})
        if twice:
            raise ValueError(
                f"Alphabet {self.name!r}: {', '.join(twice)} appear(s) more than once in the "
                "groups and the ambiguous letters. Use each letter once"
            )

    @property
    def size(self):
        """Number of groups."""
        return len(self.groups)

    @property
    def n_tokens(self):
        """Number of tokens: one per group, padding and unknown."""
        return FIRST_TOKEN + self.size

    @property
    def symbols(self):
        """First letter of each group, as a string."""
        return "".join(group[0].upper() for group in self.groups)

    @property
    def legal(self):
        """Valid letters, sorted, as a string."""
        return "".join(sorted(("".join(self.groups) + self.ambiguous).upper()))

    def lookup_table(self, other=ILLEGAL):
        """Make a table with the token of each byte.

        Parameters
        ----------
        other : int, default=255
            Value for bytes that are not letters of this alphabet.

        Returns
        -------
        table : ndarray of shape (256,), dtype uint8
            Tokens, indexed by the byte of an upper- or lower-case letter.
        """
        table = np.full(256, other, dtype=np.uint8)
        _set_token(table, self.ambiguous, UNKNOWN)
        for token, group in enumerate(self.groups, start=FIRST_TOKEN):
            _set_token(table, group, token)
        return table


def _set_token(table, letters, token):
    for letter in letters:
        table[ord(letter.upper())] = token
        table[ord(letter.lower())] = token


#: Alphabets by name. The six groups of "dayhoff6" are based on accepted point mutations (Dayhoff
#: et al., Atlas of Protein Sequence and Structure 5 suppl. 3, 1978, 345-352). The ten groups of
#: "murphy10" are based on correlations in BLOSUM50 (Murphy, Wallqvist, Levy, Protein Eng 13 (2000)
#: 149-152, doi:10.1093/protein/13.3.149).
ALPHABETS = {
    alphabet.name: alphabet
    for alphabet in (
        Alphabet("protein", tuple("ACDEFGHIKLMNPQRSTVWY")),
        Alphabet("dayhoff6", ("AGPST", "C", "DENQ", "FWY", "HKR", "ILMV")),
        Alphabet("murphy10", ("A", "C", "DENQ", "FWY", "G", "H", "ILMV", "KR", "P", "ST")),
    )
}


def get_alphabet(alphabet):
    """Get an alphabet by name.

    Parameters
    ----------
    alphabet : str or Alphabet
        A key of ``ALPHABETS``, or an alphabet to return unchanged.

    Returns
    -------
    alphabet : Alphabet
        The alphabet.

    Raises
    ------
    ValueError
        If there is no alphabet of this name.

    Examples
    --------
    >>> from sklearn_protlstm.alphabets import get_alphabet
    >>> get_alphabet("dayhoff6").groups
    ('AGPST', 'C', 'DENQ', 'FWY', 'HKR', 'ILMV')
    """
    if isinstance(alphabet, Alphabet):
        return alphabet
    try:
        return ALPHABETS[alphabet]
    except (KeyError, TypeError):
        raise ValueError(
            f"alphabet={alphabet!r} is not known. Choose one of {sorted(ALPHABETS)}, or pass a "
            "custom Alphabet(name, groups)"
        ) from None
