"""The bundled eukaryotic proteins and their places in the cell."""

import numpy as np
from sklearn.utils import Bunch

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.datasets._bundled import bundled_file, read_bundled_table

__all__ = ["load_localization"]

_SHA256 = "01f7caeb4cff393534ddd544f5bf5ec720c8d8b0ab22d088810ac1498144ddb6"

# Between the names of two places, as in "Cytoplasm-Nucleus".
_SEPARATOR = "-"


def load_localization(*, several=False, return_X_y=False, as_frame=False):
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
    several : bool, default=False
        Whether to include proteins of several places, as labels that need not exclude each other.
        These are 23 more proteins of the part ``"validation"``, which are in both the cytoplasm and
        the nucleus. ``target`` is then a matrix with a column for each place, ready for a
        multi-label classifier.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch. A split needs the parts or the
        groups in the Bunch.
    as_frame : bool, default=False
        If True, return Series instead of arrays, and the whole table in ``frame``. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : ndarray of shape (n_samples,), dtype object, or Series
            4,423 sequences in upper case, or 4,446 if ``several=True``. X stands for an unknown
            residue; B, U and Z occur seven times.
        target : ndarray of shape (n_samples,), dtype str, or Series
            Places in the cell. If ``several=True``, an ndarray of shape (n_samples, 10), dtype
            int64, or a DataFrame: 1 where a protein is known to be, 0 elsewhere. The columns are
            in the order of ``target_names``.
        groups : ndarray of shape (n_samples,), dtype int64, or Series
            Homology groups from 0 to 3709, or to 3729 if ``several=True``, for example for
            :class:`~sklearn.model_selection.StratifiedGroupKFold`. They were made by
            :func:`~sklearn_protlstm.homology.cluster_sequences` with its defaults (50 % identity).
        part : ndarray of shape (n_samples,), dtype str, or Series
            ``"train"`` or ``"validation"``. Train on one part and test on the other to compare
            with the figures in this documentation: few proteins have relatives in the other part
            (12 groups). ``"train"`` is the test set of DeepLoc, and ``"validation"`` is a part of
            its training set, so do not compare with figures of DeepLoc itself.
        membrane : ndarray of shape (n_samples,), dtype str, or Series
            ``"membrane"`` if the protein is bound to a membrane, ``"soluble"`` or ``"unknown"``.
        accession : ndarray of shape (n_samples,), dtype object, or Series
            UniProt accessions, in ascending order.
        target_names : list of str
            The ten places in alphabetical order.
        frame : DataFrame of shape (n_samples, n_columns) or None
            Columns accession, location, membrane, part, cluster (the homology groups) and
            sequence. If ``several=True``, a column for each place replaces location. None unless
            ``as_frame=True``.
        DESCR : str
            Provenance, licence and limits of the set.
        filename : str
            Path of the file, with all 4,446 proteins.

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
    make_motif_labels : Generated sequences with several labels.
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

    Proteins that are in two places have both labels:

    >>> cell = load_localization(several=True)
    >>> cell.target.shape
    (4446, 10)
    >>> in_two = cell.target[cell.target.sum(axis=1) == 2]
    >>> len(in_two), dict(zip(cell.target_names, in_two[0].tolist()))["Nucleus"]
    (23, 1)
    """
    file = bundled_file("localization.tsv.gz")
    columns = read_bundled_table(file, _SHA256)
    if not several:
        columns = _keep_one_place(columns)
    for name in ("location", "part", "membrane"):
        columns[name] = columns[name].astype(str)
    target_names = sorted(set(_SEPARATOR.join(columns["location"]).split(_SEPARATOR)))
    if several:
        columns |= _mark_places(columns.pop("location"), target_names)
    frame = None
    if as_frame:
        frame = columns = make_frame(columns, "load_localization(as_frame=True)")
    target = _select_target(columns, target_names) if several else columns["location"]
    if return_X_y:
        return columns["sequence"], target
    return Bunch(
        data=columns["sequence"],
        target=target,
        groups=columns["cluster"],
        part=columns["part"],
        membrane=columns["membrane"],
        accession=columns["accession"],
        target_names=target_names,
        frame=frame,
        DESCR=bundled_file("PROVENANCE_localization.md").read_text(encoding="utf-8"),
        filename=str(file),
    )


def _keep_one_place(columns):
    """Keep proteins of one place. The groups that are left are numbered from 0 again."""
    one_place = np.array([_SEPARATOR not in places for places in columns["location"]])
    columns = {name: column[one_place] for name, column in columns.items()}
    columns["cluster"] = np.unique(columns["cluster"], return_inverse=True)[1]
    return columns


def _mark_places(locations, names):
    """Return a column for each place: 1 for the proteins that are there, 0 for the others."""
    of_proteins = [places.split(_SEPARATOR) for places in locations.tolist()]
    return {name: np.array([int(name in places) for places in of_proteins]) for name in names}


def _select_target(columns, names):
    if isinstance(columns, dict):
        return np.column_stack([columns[name] for name in names])
    return columns[names]
