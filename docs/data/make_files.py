"""Write the FASTA files of the page "Get started" from the bundled data set.

    python docs/data/make_files.py

virus_hosts.fasta has 200 proteins with the host in the header. unknown.fasta has six proteins
without it, of families that are not in the first file.
"""

from pathlib import Path

import numpy as np

from sklearn_protlstm.datasets import load_virus_hosts
from sklearn_protlstm.readers import SequenceTable, write_fasta

HERE = Path(__file__).parent
N_KNOWN = {"human": 80, "bacteria": 70, "plant": 50}
N_UNKNOWN = 2
MIN_LENGTH, MAX_LENGTH = 60, 400


def main():
    viruses = load_virus_hosts()
    known, unknown = choose(viruses)
    write_fasta(as_table(viruses, known), HERE / "virus_hosts.fasta", label_key="host")
    write_fasta(viruses.data[unknown], HERE / "unknown.fasta", ids=viruses.accession[unknown])


def as_table(viruses, places):
    return SequenceTable(
        list(viruses.accession[places]),
        list(viruses.data[places]),
        viruses.target[places],
        {"description": list(viruses.organism[places])},
    )


def choose(viruses):
    """Places of the proteins of both files: whole families, in random order."""
    known, unknown = [], []
    lengths = np.array([len(protein) for protein in viruses.data])
    fits = (lengths >= MIN_LENGTH) & (lengths <= MAX_LENGTH)
    families = np.random.RandomState(0).permutation(np.unique(viruses.groups))
    for host, n_known in N_KNOWN.items():
        of_host = fits & (viruses.target == host)
        members = [np.flatnonzero(of_host & (viruses.groups == family)) for family in families]
        members = [places for places in members if len(places)]
        n_families = np.searchsorted(np.cumsum([len(places) for places in members]), n_known) + 1
        known += list(np.concatenate(members[:n_families])[:n_known])
        unknown += [places[0] for places in members[n_families:][:N_UNKNOWN]]
    return sorted(known), sorted(unknown)


if __name__ == "__main__":
    main()
