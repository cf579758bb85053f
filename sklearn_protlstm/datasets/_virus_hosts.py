"""The bundled set of viral proteins and the hosts of their viruses."""

import csv
import gzip
import hashlib
import io
from importlib import resources

import numpy as np
from sklearn.utils import Bunch

_SHA256 = "aac7e052d7dd6fa3d952a78166e258a5bc5a97a895b293c10bb5f030895f0070"


def load_virus_hosts(*, return_X_y=False, as_frame=False):
    """Load viral proteins of six host groups.

    1,179 UniProt proteins of viruses and phages, each with the host group that its virus is
    confined to or was isolated from, and with a homology group for honest cross-validation.

    ================== =========================================
    Classes            6
    Samples per class  bacteria 209, bird 80, human 374,
                       mammal 230, pig 119, plant 167
    Homology groups    551, half of them with one protein only
    Residues           32 to 6,705, median 259
    ================== =========================================

    Labels come from the names of the viruses, so that host and virus family are confounded, and
    length alone says something. ``DESCR`` tells how labels and groups were made and what the set
    cannot show.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch. The groups are then lost; keep the
        Bunch to cross-validate.
    as_frame : bool, default=False
        If True, everything of one entry per protein is a pandas Series, and ``frame`` holds the
        whole table. Needs pandas.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Dictionary-like object with these attributes.

        data : ndarray of shape (1179,), dtype object, or Series
            Sequences in upper case. X stands for an unknown residue; one B occurs.
        target : ndarray of shape (1179,), dtype str, or Series
            Host groups. ``mammal`` is any mammal but humans and pigs.
        groups : ndarray of shape (1179,), dtype int64, or Series
            Homology group from 0 to 550, ready for the ``groups`` of
            :class:`~sklearn.model_selection.StratifiedGroupKFold`. Proteins of one group are
            relatives, and random folds would put them on both sides.
        accession : ndarray of shape (1179,), dtype object, or Series
            UniProt accessions. The proteins are sorted by them.
        organism : ndarray of shape (1179,), dtype object, or Series
            Names of the viruses, as UniProt gives them.
        target_names : list of str
            The six host groups in alphabetical order.
        frame : DataFrame of shape (1179, 5) or None
            Columns accession, organism, host, cluster (the groups) and sequence. None unless
            ``as_frame=True``.
        DESCR : str
            Provenance, licence and limits of the set.
        filename : str
            Where the file with the set lies.

    (data, target) : tuple if ``return_X_y`` is True
        Sequences and host groups, as above.

    Raises
    ------
    OSError
        If the file is not the one that the package was released with.
    ImportError
        If ``as_frame=True`` and pandas is not installed.

    See Also
    --------
    make_motif_position : Sequences of any number and length whose answer is known.
    make_motif_order : The same, with the answer in the order of two motifs.

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

    Relatives stay together when the groups decide the folds:

    >>> from sklearn.model_selection import StratifiedGroupKFold
    >>> folds = StratifiedGroupKFold(n_splits=5).split(hosts.data, hosts.target, hosts.groups)
    >>> train, test = next(folds)
    >>> set(hosts.groups[train]) & set(hosts.groups[test])
    set()
    """
    folder = resources.files("sklearn_protlstm.datasets") / "data"
    file = folder / "virus_hosts.tsv.gz"
    packed = file.read_bytes()
    _check_sha256(packed, file)
    columns = _read_columns(packed)
    frame = None
    if as_frame:
        frame = columns = _to_frame(columns)
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
        DESCR=(folder / "PROVENANCE.md").read_text(encoding="utf-8"),
        filename=str(file),
    )


def _check_sha256(packed, file):
    found = hashlib.sha256(packed).hexdigest()
    if found != _SHA256:
        raise OSError(
            f"{file} is not the file that sklearn-protlstm was released with: its SHA-256 is "
            f"{found}, expected {_SHA256}. Reinstall the package to restore it."
        )


def _read_columns(packed):
    """Columns of the packed table by name, each an array of shape (n_samples,)."""
    with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8", newline="") as lines:
        names, *rows = csv.reader(lines, delimiter="\t")
    # object: a fixed-width array would give each sequence the room of the longest
    columns = dict(zip(names, np.array(list(zip(*rows)), dtype=object)))
    columns["host"] = columns["host"].astype(str)
    columns["cluster"] = np.unique(columns["cluster"], return_inverse=True)[1]
    return columns


def _to_frame(columns):
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise ImportError(
            "load_virus_hosts(as_frame=True) needs pandas. Install it with "
            'pip install "sklearn-protlstm[plot]", or use as_frame=False.'
        ) from error
    return DataFrame(columns)
