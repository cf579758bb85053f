"""Links between proteins as the MMseqs2 program finds them."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from joblib import effective_n_jobs

from sklearn_protlstm._encoding.kmer_sets import residue_letters
from sklearn_protlstm.alphabets import UNKNOWN

__all__ = ["find_mmseqs", "has_enough_residues", "mmseqs_links"]

# Its k-mers, which have gaps too, must fit in.
_SHORTEST = 14


def find_mmseqs():
    """Look for the program on the PATH.

    Returns
    -------
    path : str or None
        Where it is; None if it is not there.
    """
    return shutil.which("mmseqs")


def has_enough_residues(protein):
    """Tell whether MMseqs2 can find relatives of a protein.

    Parameters
    ----------
    protein : bytes
        Residue tokens.

    Returns
    -------
    is_enough : bool
        False for peptides, and for proteins with hardly a known residue.
    """
    return len(protein) - protein.count(UNKNOWN) >= _SHORTEST


def mmseqs_links(proteins, threshold, n_jobs, verbose):
    """Let MMseqs2 cluster proteins.

    Parameters
    ----------
    proteins : list of bytes
        As from ``distinct_proteins``: different ones, short ones first.
    threshold : Threshold
        Least identity and coverage of a link.
    n_jobs : int or None
        Threads, as joblib counts them.
    verbose : int
        Above 0, the messages of MMseqs2 are shown.

    Returns
    -------
    pairs : ndarray of shape (n_proteins, 2)
        The representative of a cluster and a protein in it, so that the connected components are
        the clusters.

    Raises
    ------
    RuntimeError
        If MMseqs2 fails.
    """
    with TemporaryDirectory(prefix="cluster_sequences_") as folder:
        _write_fasta(Path(folder, "proteins.fasta"), proteins)
        _run_mmseqs(folder, threshold, n_jobs, verbose)
        return np.loadtxt(Path(folder, "found_cluster.tsv"), dtype=np.int64, ndmin=2)


def _write_fasta(path, proteins):
    with open(path, "wb") as file:
        for i, protein in enumerate(proteins):
            file.write(b">%d\n%s\n" % (i, residue_letters(protein)))


def _run_mmseqs(folder, threshold, n_jobs, verbose):
    options = {
        "--min-seq-id": threshold.identity,
        "-c": threshold.coverage,
        "--cov-mode": 1,  # of the target, which is the shorter one since long ones search first
        "--cluster-mode": 1,  # connected components
        "-s": 6,
        "--max-seqs": 1000,
        "--threads": effective_n_jobs(n_jobs),
        "-v": 3 if verbose else 1,
    }
    arguments = [str(part) for option in options.items() for part in option]
    done = subprocess.run(
        ["mmseqs", "easy-cluster", "proteins.fasta", "found", "scratch", *arguments],
        cwd=folder,
        # Its shell scripts tell of errors on the one, its programs on the other.
        stdout=None if verbose else subprocess.PIPE,
        stderr=None if verbose else subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        said = "what it said is shown above" if verbose else f"it said: {done.stdout.strip()}"
        raise RuntimeError(
            f"mmseqs easy-cluster ended with exit status {done.returncode}; {said}. Use "
            'method="kmer" to do without the program'
        )
