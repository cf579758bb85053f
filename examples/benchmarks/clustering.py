"""Time, memory and links missed of `cluster_sequences`.

    python examples/benchmarks/clustering.py [--proteins table.tsv.gz] [--jobs 2]

prints JSON: the bundled viral proteins, with every pair in different groups that shares enough
3-mers aligned (minutes); the same proteins with those of a table that has a column "sequence";
50,000 short ones; 1,000 near-copies of 1,300 residues at 90% identity. Memory is an upper bound:
the peak so far of the program and of as many of its largest worker as there are jobs.
"""

import argparse
import csv
import gzip
import json
import resource
import sys
import time

import numpy as np
from Bio.Align import PairwiseAligner, substitution_matrices
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from sklearn.metrics import adjusted_rand_score

from sklearn_protlstm._encoding.kmer_sets import (
    distinct_proteins,
    kmer_presence,
    residue_letters,
    shared_kmers,
)
from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.homology import cluster_sequences

IDENTITY, NEAR_IDENTITY, COVERAGE = 0.5, 0.9, 0.8
# How often each residue occurs in UniProtKB/Swiss-Prot, in percent.
FREQUENCIES = {
    **{"A": 8.25, "C": 1.38, "D": 5.46, "E": 6.72, "F": 3.86, "G": 7.07, "H": 2.27},
    **{"I": 5.91, "K": 5.80, "L": 9.65, "M": 2.41, "N": 4.06, "P": 4.74, "Q": 3.93},
    **{"R": 5.53, "S": 6.63, "T": 5.35, "V": 6.86, "W": 1.10, "Y": 2.92},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--proteins", help="table, tab-separated, may be packed with gzip")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--method", choices=["kmer", "mmseqs"], default="kmer")
    parser.add_argument("--short", type=int, default=50_000, help="number of short proteins")
    parser.add_argument("--near-copies", type=int, default=1000, help="number of near-copies")
    given = parser.parse_args()
    tasks = {
        "virus_hosts": (viral_proteins,),
        "with_table": (with_table, given.proteins),
        "short": (short_proteins, given.short),
        "near_copies": (near_copies, given.near_copies),
    }
    if not given.proteins:
        del tasks["with_table"]
    report = {name: measure(given.method, given.jobs, *task) for name, task in tasks.items()}
    json.dump(report, sys.stdout, indent=1)
    print()


def measure(method, jobs, make, *arguments):
    sequences, families = make(*arguments)
    identity = NEAR_IDENTITY if make is near_copies else IDENTITY
    cpu, wall = cpu_seconds(), time.perf_counter()
    groups = cluster_sequences(sequences, identity, COVERAGE, method=method, n_jobs=jobs)
    wall = time.perf_counter() - wall
    report = {
        "proteins": len(sequences),
        "identity": identity,
        "method": method,
        "jobs": jobs,
        "seconds": round(wall, 1),
        "cpu_seconds": round(cpu_seconds() - cpu, 1),
        "memory_mb": peak_memory(jobs),
        "groups": int(groups.max()) + 1,
        "largest": int(np.bincount(groups).max()),
    }
    known = groups[: len(families)]
    report["adjusted_rand_index"] = round(adjusted_rand_score(families, known), 4)
    if make is viral_proteins:
        report |= links_across(sequences, groups, jobs)
    return report


def cpu_seconds():
    # The time of workers counts when they have ended.
    get_reusable_executor().shutdown()
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_memory(jobs):
    program, worker = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (program + jobs * worker) // 1024


def viral_proteins():
    hosts = load_virus_hosts()
    return hosts.data.tolist(), hosts.groups


def with_table(path):
    sequences, families = viral_proteins()
    open_table = gzip.open if path.endswith(".gz") else open
    with open_table(path, "rt", encoding="utf-8", newline="") as lines:
        sequences += [row["sequence"] for row in csv.DictReader(lines, delimiter="\t")]
    return sequences, families


def short_proteins(n):
    """Half of them strangers, half in families of ten that differ from their ancestor."""
    rng = np.random.default_rng(0)
    sizes = [*[1] * (n // 2), *[10] * (n // 20)]
    sequences = []
    for size in sizes:
        ancestor = draw(rng, rng.integers(80, 121))
        for _ in range(size):
            mutated = rng.random(len(ancestor)) < rng.uniform(0.05, 0.3)
            child = np.where(mutated, draw(rng, len(ancestor)), ancestor)
            sequences.append("".join(child[rng.integers(0, 20) :]))
    return sequences, np.repeat(np.arange(len(sizes)), sizes)


def near_copies(n):
    """Families of twenty that differ from one ancestor, in substitutions and short deletions."""
    rng = np.random.default_rng(0)
    sequences = []
    ancestor = draw(rng, 1300)
    for _ in range(n // 20):
        founder = np.where(rng.random(1300) < 0.1, draw(rng, 1300), ancestor)
        for _ in range(20):
            copy = np.where(rng.random(1300) < rng.uniform(0, 0.05), draw(rng, 1300), founder)
            for start in rng.integers(0, 1200, 3):
                copy = np.delete(copy, slice(start, start + rng.integers(1, 6)))
            sequences.append("".join(copy))
    return sequences, np.repeat(np.arange(n // 20), 20)


def draw(rng, length):
    frequencies = np.array(list(FREQUENCIES.values()))
    return rng.choice(list(FREQUENCIES), length, p=frequencies / frequencies.sum())


def links_across(sequences, groups, jobs):
    """Align the pairs in different groups that share enough 3-mers, and count the links."""
    proteins, origin = distinct_proteins(sequences)
    of_protein = np.empty(len(proteins), dtype=int)
    of_protein[origin] = groups
    shorter, longer, n_shared = shared_kmers(kmer_presence(proteins, 3), 0, len(proteins))
    lengths = np.array(list(map(len, proteins)))
    enough = n_shared >= least_shared(lengths[shorter], lengths[longer])
    apart = of_protein[shorter] != of_protein[longer]
    texts = [residue_letters(protein).decode() for protein in proteins]
    pairs = [(texts[i], texts[j]) for i, j in zip(shorter[enough & apart], longer[enough & apart])]
    parts = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    n_links = Parallel(jobs)(delayed(count_links)(part) for part in parts)
    return {"pairs_aligned": len(pairs), "links_across": sum(n_links)}


def least_shared(shorter, longer):
    """3-mers that chance shares, and a quarter of those expected at the thresholds."""
    frequencies = np.array(list(FREQUENCIES.values())) / 100
    by_chance = 1 - np.exp(-longer * np.sum(frequencies**2) ** 3)
    return shorter * (by_chance + COVERAGE * IDENTITY**3 / 4)


def count_links(pairs):
    aligner = PairwiseAligner(
        mode="local",
        substitution_matrix=substitution_matrices.load("BLOSUM62"),
        open_gap_score=-11,
        extend_gap_score=-1,
    )
    return sum(is_link(shorter, aligner.align(shorter, longer)) for shorter, longer in pairs)


def is_link(shorter, alignments):
    if not alignments:
        return False
    top, bottom = alignments[0]
    n_identical = sum(a == b != "X" for a, b in zip(top, bottom))
    n_covered = len(top) - top.count("-")
    return n_identical >= IDENTITY * len(top) and n_covered >= COVERAGE * len(shorter)


if __name__ == "__main__":
    main()
