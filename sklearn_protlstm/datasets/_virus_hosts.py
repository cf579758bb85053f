"""The bundled viral proteins and the hosts of their viruses."""

from sklearn.utils import Bunch

from sklearn_protlstm._optional import make_frame
from sklearn_protlstm.datasets._bundled import bundled_file, read_bundled_table

__all__ = ["load_virus_hosts"]

_SHA256 = "aac7e052d7dd6fa3d952a78166e258a5bc5a97a895b293c10bb5f030895f0070"


def load_virus_hosts(*, return_X_y=False, as_frame=False):
    """Load viral proteins and the host groups of their viruses (classification).

    The 1,179 proteins of viruses and phages are from UniProt. Each has the host group that its
    virus is confined to or was isolated from, and a homology group for cross-validation.

    ================== =========================================
    Classes            6
    Samples per class  bacteria 209, bird 80, human 374,
                       mammal 230, pig 119, plant 167
    Homology groups    551, half of them with one protein
    Residues           32 to 6,705, median 259
    ================== =========================================

    The host groups come from the names of the viruses. Host and virus family are therefore
    confounded, and length alone is informative. ``DESCR`` describes how labels and groups were
    made, and what the set cannot show.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch. Cross-validation needs the groups
        in the Bunch.
    as_frame : bool, default=False
        If True, return Series instead of arrays, and the whole table in ``frame``. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the following attributes.

        data : ndarray of shape (1179,), dtype object, or Series
            Sequences in upper case. X stands for an unknown residue; one B occurs.
        target : ndarray of shape (1179,), dtype str, or Series
            Host groups. ``mammal`` is any mammal except humans and pigs.
        groups : ndarray of shape (1179,), dtype int64, or Series
            Homology groups from 0 to 550, for example for
            :class:`~sklearn.model_selection.StratifiedGroupKFold`. Proteins of a group are
            related, and a random split would put them into both training and test data.
        accession : ndarray of shape (1179,), dtype object, or Series
            UniProt accessions, in ascending order.
        organism : ndarray of shape (1179,), dtype object, or Series
            Names of the viruses in UniProt.
        target_names : list of str
            The six host groups in alphabetical order.
        frame : DataFrame of shape (1179, 5) or None
            Columns accession, organism, host, cluster (the homology groups) and sequence. None
            unless ``as_frame=True``.
        DESCR : str
            Provenance, licence and limits of the set.
        filename : str
            Path of the file.

    (data, target) : tuple if ``return_X_y=True``
        Sequences and host groups as above.

    Raises
    ------
    OSError
        If the file differs from the released one.
    ImportError
        If ``as_frame=True`` and pandas is not installed.

    See Also
    --------
    load_localization : Proteins of ten places in the cell.
    fetch_uniprot_hosts : Viral proteins and hosts of any UniProt query.
    make_motif_position : Generated sequences. The class is the position of a motif.
    make_motif_order : Generated sequences. The class is the order of two motifs.

    References
    ----------
    The UniProt Consortium. UniProt: the Universal Protein Knowledgebase in 2025. Nucleic Acids
    Research 53 (2025) D609-D617. :doi:`10.1093/nar/gkae1010`

    M. Steinegger and J. Söding. MMseqs2 enables sensitive protein sequence searching for the
    analysis of massive data sets. Nature Biotechnology 35 (2017) 1026-1028.
    :doi:`10.1038/nbt.3988`

    Examples
    --------
    >>> from sklearn_protlstm.datasets import load_virus_hosts
    >>> hosts = load_virus_hosts()
    >>> hosts.target_names
    ['bacteria', 'bird', 'human', 'mammal', 'pig', 'plant']
    >>> print(hosts.accession[1], hosts.organism[1], hosts.target[1], hosts.data[1][:12])
    A0A023MHL0 Escherichia phage vB_EcoS_FFH1 bacteria MRILFSADHHIK

    With the groups, related proteins are never split:

    >>> from sklearn.model_selection import StratifiedGroupKFold
    >>> folds = StratifiedGroupKFold(n_splits=5).split(hosts.data, hosts.target, hosts.groups)
    >>> train, test = next(folds)
    >>> set(hosts.groups[train]) & set(hosts.groups[test])
    set()
    """
    file = bundled_file("virus_hosts.tsv.gz")
    columns = read_bundled_table(file, _SHA256)
    columns["host"] = columns["host"].astype(str)
    frame = None
    if as_frame:
        frame = columns = make_frame(columns, "load_virus_hosts(as_frame=True)")
    if return_X_y:
        return columns["sequence"], columns["host"]
    return Bunch(
        data=columns["sequence"],
        target=columns["host"],
        groups=columns["cluster"],
        accession=columns["accession"],
        organism=columns["organism"],
        target_names=sorted(set(columns["host"].tolist())),
        frame=frame,
        DESCR=bundled_file("PROVENANCE.md").read_text(encoding="utf-8"),
        filename=str(file),
    )
