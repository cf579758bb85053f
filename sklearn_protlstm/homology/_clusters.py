"""Homology groups: proteins that sequence identity links are together, and their relatives too."""

from functools import partial
from numbers import Real

import numpy as np
from joblib import Parallel
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from tqdm.auto import tqdm

from sklearn_protlstm._encoding.kmer_sets import distinct_proteins, join_proteins
from sklearn_protlstm._validation import check_sequences
from sklearn_protlstm.homology._alignment import Threshold, judge_pairs, prepare_proteins
from sklearn_protlstm.homology._candidates import candidate_batches
from sklearn_protlstm.homology._mmseqs import (
    find_mmseqs,
    has_enough_residues,
    mmseqs_links,
)

__all__ = ["cluster_sequences"]

_METHODS = ("auto", "kmer", "mmseqs")

# Different proteins from which another program is worth groups that depend on the machine.
_MANY = 20_000

# Failed pairs of two clusters, and cells of their alignments, before the other pairs, which share
# fewer k-mers, are given up: 10 pairs of polyproteins, 25 of spikes, thousands of peptides.
_LEAST_FAILURES, _PATIENCE = 10, 50_000_000


def cluster_sequences(
    sequences, identity=0.5, coverage=0.8, *, method="auto", n_jobs=None, verbose=0
):
    """Group proteins by homology, for the ``groups`` of a cross-validation.

    Proteins are rarely independent: with random folds, close relatives of a test protein are in
    the training set, and a model that remembers looks like one that understands. Hand the groups
    to :class:`~sklearn.model_selection.StratifiedGroupKFold` to see the difference.

    Two proteins are linked when a local alignment of them has

    - identical residues in at least `identity` of its columns, those with gaps counted too, and
    - at least `coverage` of the residues of the *shorter* protein in it, so that a fragment
      belongs with the longer protein that contains it.

    A group is a connected component of these links: relatives of relatives are in it too.

    Parameters
    ----------
    sequences : iterable of str, bytes, Bio.Seq or SeqRecord
        Proteins of any length, in upper or lower case. Symbols that are none of the 20 residues,
        such as X, match nothing. Identical proteins are always in one group.
    identity : float, default=0.5
        Least share of identical residues, above 0 and up to 1. 0.5 separates families of viral
        proteins. Raise it where chains of links make one giant group, as with peptides; 0.9 only
        joins near-copies. Below 0.4 relatives share too few k-mers to be found by them, and
        chance alignments of short proteins pass.
    coverage : float, default=0.8
        Least share of the shorter protein in the alignment, above 0 and up to 1. Lower it to join
        proteins that have only a domain in common.
    method : {"auto", "kmer", "mmseqs"}, default="auto"
        "kmer" needs no other program; "mmseqs" runs MMseqs2, the better choice for tens of
        thousands of full-length proteins. "auto" takes MMseqs2 where it is installed for more
        than 20,000 different proteins, but not with peptides of less than 14 residues, for which
        it finds no relatives. The two search differently and can disagree on links near the
        thresholds: name one of them for groups that are the same on every machine.
    n_jobs : int or None, default=None
        Processes (threads of MMseqs2) at work. None means 1, -1 all processors.
    verbose : int, default=0
        Above 0, progress bars (or the messages of MMseqs2) are shown.

    Returns
    -------
    groups : ndarray of shape (n_samples,), dtype int64
        Group of each protein, numbered from 0 in the order of appearance. The order of the
        sequences changes the numbers, never who is together.

    Raises
    ------
    TypeError
        If `sequences` is one string, or an entry is no sequence.
    ValueError
        If there are no sequences, `identity` or `coverage` is not above 0 and up to 1, or
        `method` is unknown.
    EmptySequenceError
        If a protein has no residue.
    FileNotFoundError
        If `method` is "mmseqs" and the program is not on the PATH.
    RuntimeError
        If MMseqs2 fails; the message quotes it.

    See Also
    --------
    sklearn.model_selection.StratifiedGroupKFold : Folds that keep groups whole.
    sklearn_protlstm.splitting.check_data : Finds near-copies in different groups.

    Notes
    -----
    The k-mer method aligns by the rules of Smith and Waterman, with BLOSUM62 and gaps of 11 + 1,
    but few pairs:

    1. Candidates share k-mers whose halves stand around a gap of 0 to 3 residues. Such spaced
       k-mers find more relatives than those of neighbours alone, since substitutions hit them
       more independently of each other (Ma, Tromp and Li 2002). k is 4 to 6, more for longer
       proteins, and at least half as many must be shared as are expected at the thresholds if
       substitutions fall independently; in nature they cluster and leave more. Proteins shorter
       than 4 residues have no k-mer, so they only join their copies.
    2. Pairs that could still join two groups are judged, those with most shared k-mers first.
    3. A chain of ungapped stretches decides most of them: where it meets both thresholds no
       further alignment is needed, and where it has less than two thirds of the identical
       residues that a link needs none is tried.
    4. Two groups whose best candidates keep failing are left apart.

    So a link can be missed. None was on the proteins of
    :func:`~sklearn_protlstm.datasets.load_virus_hosts`: 51,964 pairs in different groups that
    share 3-mers beyond chance were aligned, and none is linked. The time grows with the square of
    the number of proteins that share k-mers; 50,000 proteins of some 100 residues take minutes.

    MMseqs2 runs ``easy-cluster`` with connected components and the coverage of the shorter
    protein at a sensitivity of 6. It leaves out candidates of its own, and so misses others.

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
    >>> stranger = "MKWGEPAFDLHHSTTRYQNVDECPWMIGAKRLS"
    >>> cluster_sequences([protein, stranger, fragment, mutant], method="kmer")
    array([0, 1, 0, 0])
    """
    threshold = Threshold(_check_share("identity", identity), _check_share("coverage", coverage))
    _check_method(method)
    proteins, origin = distinct_proteins(check_sequences(sequences))
    find_components = _choose_method(method, proteins)
    components = find_components(proteins, threshold, n_jobs, verbose)
    return _number_by_appearance(components[origin])


def _check_share(name, share):
    if not isinstance(share, Real) or not 0 < share <= 1:
        raise ValueError(f"{name} must be a number above 0 and up to 1, got {share!r}")
    return share


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
    if method == "auto" and len(proteins) > _MANY and find_mmseqs():
        # Peptides would lose their relatives without a word.
        method = "mmseqs" if all(map(has_enough_residues, proteins)) else "kmer"
    return _mmseqs_components if method == "mmseqs" else _kmer_components


def _number_by_appearance(components):
    _, first, groups = np.unique(components, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[groups]


def _mmseqs_components(proteins, threshold, n_jobs, verbose):
    """Component of each protein, by MMseqs2."""
    pairs = mmseqs_links(proteins, threshold, n_jobs, verbose)
    return _join(np.arange(len(proteins)), pairs)


def _kmer_components(proteins, threshold, n_jobs, verbose):
    """Component of each protein, by shared k-mers and alignments."""
    lengths = join_proteins(proteins)[1]
    components = np.arange(len(proteins))
    with Parallel(n_jobs, return_as="generator") as parallel:
        judge = partial(
            judge_pairs,
            prepared=prepare_proteins(proteins),
            threshold=threshold,
            parallel=parallel,
        )
        for pairs in candidate_batches(proteins, threshold, verbose):
            with tqdm(total=len(pairs), desc="Aligning pairs", disable=not verbose) as bar:
                components = _merge(components, pairs, lengths, judge, bar)
    return components


def _merge(components, pairs, lengths, judge, bar):
    """Join components by those pairs that are linked, judging as few as possible."""
    failed, depth = pairs[:0], 1
    while True:
        keys = _component_pairs(components, pairs)
        hopeless = _given_up(_component_pairs(components, failed), lengths[failed].prod(axis=1))
        open_ = (keys >= 0) & ~np.isin(keys, hopeless)
        bar.update(len(pairs) - np.count_nonzero(open_))
        pairs, keys = pairs[open_], keys[open_]
        if not len(pairs):
            return components
        chosen = _next_pairs(keys, len(components), depth)
        linked = []
        for verdicts in judge(pairs[chosen]):
            linked.extend(verdicts)
            bar.update(len(verdicts))
        linked = np.array(linked)
        components = _join(components, pairs[chosen[linked]])
        failed = np.concatenate((failed, pairs[chosen[~linked]]))
        pairs = np.delete(pairs, chosen, axis=0)
        # Once links get rare, ever larger rounds cost few alignments and save many rounds.
        depth = 1 if linked.any() else 2 * depth


def _component_pairs(components, pairs):
    """One number for each unordered pair of components, -1 within a component."""
    low, high = np.sort(components[pairs], axis=1).T
    return np.where(low < high, low * len(components) + high, -1)


def _given_up(keys, cells):
    keys, index, n_failed = np.unique(keys, return_inverse=True, return_counts=True)
    n_cells = np.bincount(index, cells, minlength=len(keys))
    return keys[(n_failed >= _LEAST_FAILURES) & (n_cells >= _PATIENCE)]


def _next_pairs(keys, n_components, depth):
    """Positions of the pairs to judge next.

    The best pair of any two components is an edge between them; a spanning forest of the best
    edges joins all that can be joined. For each edge in it the best `depth` pairs are taken.
    """
    order = np.argsort(keys, kind="stable")
    edges, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    best = order[starts]
    graph = coo_matrix((best + 1.0, np.divmod(edges, n_components)), shape=(n_components,) * 2)
    forest = minimum_spanning_tree(graph.tocsr()).data.astype(np.int64) - 1
    rank = np.arange(len(keys)) - np.repeat(starts, sizes)
    return np.sort(order[np.repeat(np.isin(best, forest), sizes) & (rank < depth)])


def _join(components, pairs):
    n = len(components)
    links = coo_matrix((np.ones(len(pairs)), components[pairs].T), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)[components]
