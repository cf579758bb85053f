"""Homology groups: connected components of proteins with similar sequences."""

from functools import partial
from numbers import Real

import numpy as np
from joblib import Parallel
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from tqdm.auto import tqdm

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins, join_proteins
from sklearn_protlstm._validation import check_sequences
from sklearn_protlstm.homology._alignment import Threshold, check_pairs, prepare_proteins
from sklearn_protlstm.homology._candidates import candidate_batches
from sklearn_protlstm.homology._mmseqs import (
    find_mmseqs,
    has_enough_residues,
    mmseqs_links,
)

__all__ = ["cluster_sequences"]

_METHODS = ("auto", "kmer", "mmseqs")

# Above this number of distinct proteins, method="auto" uses MMseqs2 if it is installed.
_MMSEQS_ABOVE = 20_000

# Two components are kept apart after this many pairs without a link and this many cells in their
# alignment matrices: 10 pairs of polyproteins, 25 of spike proteins, thousands of peptides.
_MIN_FAILED_PAIRS, _MIN_FAILED_CELLS = 10, 50_000_000


def cluster_sequences(
    sequences, identity=0.5, coverage=0.8, *, method="auto", n_jobs=None, verbose=0
):
    """Group homologous proteins, for the ``groups`` of cross-validation.

    With random folds, the test set contains close homologs of training proteins. A model that
    memorizes them scores like a model that generalizes. Pass the groups to
    :class:`~sklearn.model_selection.StratifiedGroupKFold` to see the difference.

    Two proteins are linked if a local alignment has

    - identical residues in at least `identity` of its columns, including columns with gaps, and
    - at least `coverage` of the residues of the *shorter* protein, so that fragments are grouped
      with full-length proteins.

    The groups are the connected components of these links: they also contain homologs of homologs.

    Parameters
    ----------
    sequences : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins of any length, in upper or lower case. Symbols other than the 20 residues, such as
        X, match nothing. Identical proteins are always in the same group.
    identity : float, default=0.5
        Minimum fraction of identical residues, above 0 and at most 1. With 0.5, groups are roughly
        families of viral proteins. Increase it if chains of links form one giant group, as with
        peptides. 0.9 only groups near-copies. Below 0.4, homologs share too few k-mers to be
        found, and short proteins are linked by chance.
    coverage : float, default=0.8
        Minimum fraction of the shorter protein in the alignment, above 0 and at most 1. Decrease
        it to group proteins that share only a domain.
    method : {"auto", "kmer", "mmseqs"}, default="auto"
        "kmer" needs no other program. "mmseqs" runs MMseqs2, the better choice for tens of
        thousands of full-length proteins. "auto" uses MMseqs2 if it is installed and there are
        more than 20,000 distinct proteins, none of which is shorter than 14 residues (MMseqs2 does
        not find homologs of short peptides). The methods can disagree near the thresholds: choose
        one to get the same groups on every machine.
    n_jobs : int or None, default=None
        Number of processes, or of threads for MMseqs2. None means 1, -1 all processors.
    verbose : int, default=0
        If above 0, show progress bars or the output of MMseqs2.

    Returns
    -------
    groups : ndarray of shape (n_samples,), dtype int64
        Group of each protein, numbered from 0 by first occurrence. Apart from these numbers, the
        groups do not depend on the order of the sequences.

    Raises
    ------
    TypeError
        If `sequences` is a single sequence, or an entry is not a sequence.
    ValueError
        If `sequences` is empty, `identity` or `coverage` is out of range, or `method` is unknown.
    EmptySequenceError
        If a protein has no residues.
    FileNotFoundError
        If ``method="mmseqs"`` and the program is not on the PATH.
    RuntimeError
        If MMseqs2 fails. The message contains its output.

    See Also
    --------
    sklearn.model_selection.StratifiedGroupKFold : Folds that do not split groups.
    sklearn_protlstm.data_checks.check_data : Finds near-copies in different groups.

    Notes
    -----
    The k-mer method uses Smith-Waterman alignment with BLOSUM62 and gap costs of 11 + 1, but
    aligns few pairs:

    1. Candidate pairs share k-mers with a gap of 0 to 3 residues in the middle. Spaced k-mers find
       more homologs than contiguous ones, because substitutions affect them more independently
       (Ma, Tromp and Li 2002). k is 4 to 6 and grows with the length. Candidates must share half
       of the k-mers expected at the thresholds for independent substitutions. Real substitutions
       are clustered and preserve more k-mers. Proteins with fewer than 4 residues have no k-mers
       and are only grouped with identical ones.
    2. Only pairs that could still join two groups are aligned, those with most shared k-mers
       first.
    3. Most pairs are decided by a chain of ungapped segments. If it meets both thresholds, the
       pair is linked. If it has less than two thirds of the identical residues that a link needs,
       the pair is not linked. All other pairs are aligned with gaps. In near-copies, identical
       residues with well conserved residues on both sides are surely aligned, so only the
       residues between them are compared. Proteins with repeats are aligned completely.
    4. Two groups are kept apart once many of their best candidates are not linked.

    This heuristic can miss links. It missed none on the proteins of
    :func:`~sklearn_protlstm.datasets.load_virus_hosts`: none of 51,964 pairs in different groups
    that share more 3-mers than by chance is linked. The time grows with the square of the number
    of proteins that share k-mers. 50,000 proteins of 100 residues take minutes.

    MMseqs2 runs ``easy-cluster`` with connected components, coverage of the shorter protein and
    sensitivity 6. It has a heuristic of its own, and misses other links.

    References
    ----------
    T. F. Smith and M. S. Waterman. Identification of common molecular subsequences. Journal of
    Molecular Biology 147 (1981) 195-197. :doi:`10.1016/0022-2836(81)90087-5`

    B. Ma, J. Tromp and M. Li. PatternHunter: faster and more sensitive homology search.
    Bioinformatics 18 (2002) 440-445. :doi:`10.1093/bioinformatics/18.3.440`

    W. Li and A. Godzik. Cd-hit: a fast program for clustering and comparing large sets of protein
    or nucleotide sequences. Bioinformatics 22 (2006) 1658-1659.
    :doi:`10.1093/bioinformatics/btl158`

    M. Steinegger and J. Söding. MMseqs2 enables sensitive protein sequence searching for the
    analysis of massive data sets. Nature Biotechnology 35 (2017) 1026-1028.
    :doi:`10.1038/nbt.3988`

    Examples
    --------
    >>> from sklearn_protlstm.homology import cluster_sequences
    >>> protein = "MNTQILVFIACVLIEAKGDKICLHWRNTPYSEQ"
    >>> fragment = protein[5:29]
    >>> mutant = protein.replace("VFIAC", "IYLSC")
    >>> unrelated = "MKWGEPAFDLHHSTTRYQNVDECPWMIGAKRLS"
    >>> cluster_sequences([protein, unrelated, fragment, mutant], method="kmer")
    array([0, 1, 0, 0])
    """
    threshold = Threshold(
        _check_fraction("identity", identity), _check_fraction("coverage", coverage)
    )
    _check_method(method)
    proteins, origin = distinct_proteins(check_sequences(sequences))
    find_components = _choose_method(method, proteins)
    components = find_components(proteins, threshold, n_jobs, verbose)
    return _number_by_appearance(components[origin])


def _check_fraction(name, fraction):
    if not isinstance(fraction, Real) or not 0 < fraction <= 1:
        raise ValueError(f"{name} must be a number above 0 and at most 1, got {fraction!r}")
    return fraction


def _check_method(method):
    if method not in _METHODS:
        raise ValueError(f"method={method!r} is not known. Choose one of {list(_METHODS)}")
    if method == "mmseqs" and not find_mmseqs():
        raise FileNotFoundError(
            'method="mmseqs" needs the program mmseqs, which is not on the PATH. Install it '
            "(Debian and Ubuntu: apt install mmseqs2; conda: conda install -c conda-forge -c "
            'bioconda mmseqs2), or use method="kmer"'
        )


def _choose_method(method, proteins):
    if method == "auto" and len(proteins) > _MMSEQS_ABOVE and find_mmseqs():
        # MMseqs2 silently misses the homologs of short peptides.
        method = "mmseqs" if all(map(has_enough_residues, proteins)) else "kmer"
    return _mmseqs_components if method == "mmseqs" else _kmer_components


def _number_by_appearance(components):
    _, first, groups = np.unique(components, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[groups]


def _mmseqs_components(proteins, threshold, n_jobs, verbose):
    """Component of each protein, found by MMseqs2."""
    pairs = mmseqs_links(proteins, threshold, n_jobs, verbose)
    return _join(np.arange(len(proteins)), pairs)


def _kmer_components(proteins, threshold, n_jobs, verbose):
    """Component of each protein, found by shared k-mers and alignments."""
    lengths = join_proteins(proteins)[1]
    components = np.arange(len(proteins))
    with Parallel(n_jobs, return_as="generator") as parallel:
        find_links = partial(
            check_pairs,
            prepared=prepare_proteins(proteins),
            threshold=threshold,
            parallel=parallel,
        )
        for pairs in candidate_batches(proteins, threshold, verbose):
            with tqdm(total=len(pairs), desc="Aligning pairs", disable=not verbose) as bar:
                components = _merge_components(components, pairs, lengths, find_links, bar)
    return components


def _merge_components(components, pairs, lengths, find_links, bar):
    """Join the components of linked pairs, and align as few pairs as possible.

    In each round, the most promising pairs of components are aligned. Afterwards, pairs within a
    component and pairs of components that keep failing need no alignment.
    """
    failed, depth = pairs[:0], 1
    while True:
        keys = _component_pairs(components, pairs)
        hopeless = _hopeless_keys(
            _component_pairs(components, failed), lengths[failed].prod(axis=1)
        )
        undecided = (keys >= 0) & ~np.isin(keys, hopeless)
        bar.update(len(pairs) - np.count_nonzero(undecided))
        pairs, keys = pairs[undecided], keys[undecided]
        if not len(pairs):
            return components
        chosen = _next_pairs(keys, len(components), depth)
        linked = []
        for part in find_links(pairs[chosen]):
            linked.extend(part)
            bar.update(len(part))
        linked = np.array(linked)
        components = _join(components, pairs[chosen[linked]])
        failed = np.concatenate((failed, pairs[chosen[~linked]]))
        pairs = np.delete(pairs, chosen, axis=0)
        # Once links are rare, larger rounds waste few alignments and save many rounds.
        depth = 1 if linked.any() else 2 * depth


def _component_pairs(components, pairs):
    """Encode the unordered pair of components as one number; -1 within a component."""
    low, high = np.sort(components[pairs], axis=1).T
    return np.where(low < high, low * len(components) + high, -1)


def _hopeless_keys(keys, cells):
    """Pairs of components with too many failed alignments to try more."""
    keys, index, n_failed = np.unique(keys, return_inverse=True, return_counts=True)
    n_cells = np.bincount(index, cells, minlength=len(keys))
    return keys[(n_failed >= _MIN_FAILED_PAIRS) & (n_cells >= _MIN_FAILED_CELLS)]


def _next_pairs(keys, n_components, depth):
    """Positions of the pairs to align next.

    The best pair of two components is an edge between them. Edges in a spanning forest of the
    best pairs can join all components at once. For each such edge, take the best `depth` pairs.
    """
    order = np.argsort(keys, kind="stable")
    edges, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    best = order[starts]
    graph = coo_matrix((best + 1.0, np.divmod(edges, n_components)), shape=(n_components,) * 2)
    forest = minimum_spanning_tree(graph.tocsr()).data.astype(np.int64) - 1
    rank = np.arange(len(keys)) - np.repeat(starts, sizes)
    return np.sort(order[np.repeat(np.isin(best, forest), sizes) & (rank < depth)])


def _join(components, pairs):
    """Relabel the components after linking pairs of proteins."""
    n = len(components)
    links = coo_matrix((np.ones(len(pairs)), components[pairs].T), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)[components]
