"""The files of a small run."""

import numpy as np
import pytest

from sklearn_protlstm.readers import write_fasta


@pytest.fixture
def files(tmp_path):
    """The path of a FASTA file of 25 records, and the path of the output."""
    rng = np.random.RandomState(0)
    sequences = ["".join(rng.choice(list("ACDE"), size=rng.randint(1, 9))) for _ in range(25)]
    path = tmp_path / "proteins.fasta"
    write_fasta(sequences, path, ids=[f"p{number}" for number in range(25)])
    return path, tmp_path / "predictions.tsv"
