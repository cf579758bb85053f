"""The bundled eukaryotic proteins and their places in the cell."""

import numpy as np
from sklearn.utils import Bunch

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.datasets._bundled import bundled_file, read_bundled_table

__all__ = ["load_localization"]

_SHA256 = "01f7caeb4cff393534ddd544f5bf5ec720c8d8b0ab22d088810ac1498144ddb6"

_TWO_PLACES = "Cytoplasm-Nucleus"


def load_localization(*, return_X_y=False, as_frame=False):
    """Load eukaryotic proteins and their places in the cell (classification).

    The 4,423 proteins are from UniProt. The authors of DeepLoc selected them, with the subcellular
    location that experiments found for each. The signal for a location is often at an end of the
    protein: a signal peptide or a transit peptide at the N-terminus, SKL or KDEL at the
    C-terminus. The same residues elsewhere mean nothing, so this set rewards models that know
    positions.

    ================== =========================================================
    Classes            10
    Samples per class  Cell membrane 434, Cytoplasm 781,
                       Endoplasmic reticulum 268, Extracellular 636,
                       Golgi apparatus 118, Lysosome/Vacuole 106,
                       Mitochondrion 502, Nucleus 1,282, Peroxisome 53,
                       Plastid 243
    Parts              train 2,768, validation 1,655
    Homology groups    3,710, most of them with one protein
    Residues           40 to 13,100, median 425
    ================== =========================================================

    ``DESCR`` describes where proteins and labels come from, how the groups were made, and what
    the set cannot show.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch. A split needs the parts or the
        groups in the Bunch.
    as_frame : bool, default=False
        If True, return Series instead of arrays, and the whole table in ``frame``. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : ndarray of shape (4423,), dtype object, or Series
            Sequences in upper case. X stands for an unknown residue; B, U and Z occur seven times.
        target : ndarray of shape (4423,), dtype str, or Series
            Places in the cell.
        groups : ndarray of shape (4423,), dtype int64, or Series
            Homology groups from 0 to 3709, for example for
            :class:`~sklearn.model_selection.StratifiedGroupKFold`. They were made by
            :func:`~sklearn_protlstm.homology.cluster_sequences` with its defaults (50 % identity).
        part : ndarray of shape (4423,), dtype str, or Series
            ``"train"`` or ``"validation"``. Train on one part and test on the other to compare
            with the figures in this documentation: few proteins have relatives in the other part
            (12 groups). ``"train"`` is the test set of DeepLoc, and ``"validation"`` is a part of
            its training set, so do not compare with figures of DeepLoc itself.
        membrane : ndarray of shape (4423,), dtype str, or Series
            ``"membrane"`` if the protein is bound to a membrane, ``"soluble"`` or ``"unknown"``.
        accession : ndarray of shape (4423,), dtype object, or Series
            UniProt accessions, in ascending order.
        target_names : list of str
            The ten places in alphabetical order.
        frame : DataFrame of shape (4423, 6) or None
            Columns accession, location, membrane, part, cluster (the homology groups) and
            sequence. None unless ``as_frame=True``.
        DESCR : str
            Provenance, licence and limits of the set.
        filename : str
            Path of the file. It also holds 23 proteins of two places, cytoplasm and nucleus, which
            this function leaves out.

    (data, target) : tuple if ``return_X_y=True``
        Sequences and places as above.

    Raises
    ------
    OSError
        If the file differs from the released one.
    ImportError
        If ``as_frame=True`` and pandas is not installed.

    See Also
    --------
    load_virus_hosts : Viral proteins of six host groups.
    make_motif_position : Generated sequences. The class is the position of a motif.
    sklearn_protlstm.homology.cluster_sequences : Groups homologous proteins.

    References
    ----------
    J. J. Almagro Armenteros, C. K. Sønderby, S. K. Sønderby, H. Nielsen and O. Winther. DeepLoc:
    prediction of protein subcellular localization using deep learning. Bioinformatics 33 (2017)
    3387-3395. :doi:`10.1093/bioinformatics/btx431`

    The UniProt Consortium. UniProt: the Universal Protein Knowledgebase in 2025. Nucleic Acids
    Research 53 (2025) D609-D617. :doi:`10.1093/nar/gkae1010`

    Examples
    --------
    >>> from sklearn_protlstm.datasets import load_localization
    >>> cell = load_localization()
    >>> cell.target_names[:4]
    ['Cell membrane', 'Cytoplasm', 'Endoplasmic reticulum', 'Extracellular']
    >>> train, validation = cell.part == "train", cell.part == "validation"
    >>> len(cell.data[train]), len(cell.data[validation])
    (2768, 1655)

    Three proteins end with KDEL, which keeps them in the endoplasmic reticulum:

    >>> ends_with_kdel = [protein.endswith("KDEL") for protein in cell.data]
    >>> cell.target[ends_with_kdel].tolist()
    ['Endoplasmic reticulum', 'Endoplasmic reticulum', 'Endoplasmic reticulum']
    """
    file = bundled_file("localization.tsv.gz")
    columns = _drop_two_places(read_bundled_table(file, _SHA256))
    for name in ("location", "part", "membrane"):
        columns[name] = columns[name].astype(str)
    frame = None
    if as_frame:
        frame = columns = make_frame(columns, "load_localization(as_frame=True)")
    if return_X_y:
        return columns["sequence"], columns["location"]
    return Bunch(
        data=columns["sequence"],
        target=columns["location"],
        groups=columns["cluster"],
        part=columns["part"],
        membrane=columns["membrane"],
        accession=columns["accession"],
        target_names=sorted(set(columns["location"].tolist())),
        frame=frame,
        DESCR=bundled_file("PROVENANCE_localization.md").read_text(encoding="utf-8"),
        filename=str(file),
    )


def _drop_two_places(columns):
    """Keep proteins of one place. The groups that are left are numbered from 0 again."""
    one_place = columns["location"] != _TWO_PLACES
    columns = {name: column[one_place] for name, column in columns.items()}
    columns["cluster"] = np.unique(columns["cluster"], return_inverse=True)[1]
    return columns
