"""Links between proteins, found by MMseqs2."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from joblib import effective_n_jobs

from sklearn_protlstm._encoding.kmer_sets import residue_letters
from sklearn_protlstm.alphabets import UNKNOWN

__all__ = ["find_mmseqs", "has_enough_residues", "mmseqs_links"]

# The spaced k-mers of MMseqs2 span this many residues.
_MIN_RESIDUES = 14


def find_mmseqs():
    """Return the path of the program, or None if it is not on the PATH."""
    return shutil.which("mmseqs")


def has_enough_residues(protein):
    """Whether MMseqs2 can find homologs of a protein: not those of short peptides."""
    return len(protein) - protein.count(UNKNOWN) >= _MIN_RESIDUES


def mmseqs_links(proteins, threshold, n_jobs, verbose):
    """Cluster proteins with MMseqs2.

    Parameters
    ----------
    proteins : list of bytes
        As from ``distinct_proteins``.
    threshold : Threshold
        Minimum identity and coverage.
    n_jobs : int or None
        Number of threads, as in joblib.
    verbose : int
        If above 0, show the output of MMseqs2.

    Returns
    -------
    pairs : ndarray of shape (n_proteins, 2)
        Representative and member of a cluster. Connected components are the clusters.

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
        "--cov-mode": 1,  # of the target, which is the shorter protein
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
        # MMseqs2 writes errors of its scripts to stdout and errors of its programs to stderr.
        stdout=None if verbose else subprocess.PIPE,
        stderr=None if verbose else subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        output = "its output is above" if verbose else f"its output is: {done.stdout.strip()}"
        raise RuntimeError(
            f"mmseqs easy-cluster failed with exit status {done.returncode}; {output}. To cluster "
            'without MMseqs2, use method="kmer"'
        )
