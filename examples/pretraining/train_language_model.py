"""Train a language model on proteins without labels, and save it as a model file.

    python examples/pretraining/train_language_model.py proteins.fasta --output my.model

An interrupted run resumes when it is called again with the same arguments. Some proteins are held
out at random, and their perplexity is printed: 20 means that all residues seem equally likely.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ResidueLanguageModel, SequenceEncoder, save_model
from sklearn_protlstm.readers import read_fasta


def main():
    """Train, judge and save."""
    arguments = parse_arguments()
    proteins = np.array(read_fasta(arguments.proteins).sequences, dtype=object)
    held_out = choose_held_out(len(proteins), arguments.held_out, arguments.seed)
    model = make_pipeline(
        # Almost all proteins are shorter. The middle of longer ones is left out.
        SequenceEncoder(max_length=arguments.max_length, handle_unknown="mask"),
        ResidueLanguageModel(
            hidden_size=arguments.hidden_size,
            max_epochs=arguments.epochs,
            random_state=arguments.seed,
            verbose=2,
            checkpoint_dir=arguments.output.with_suffix(".checkpoints"),
            resume="matching",
        ),
    )
    start = time.perf_counter()
    model.fit(proteins[~held_out])
    print(f"Trained on {np.sum(~held_out)} proteins in {time.perf_counter() - start:.0f} s")
    judged = perplexity(model, proteins[held_out])
    print(f"Perplexity of {held_out.sum()} other proteins: {judged:.3f}")
    save_model(model, arguments.output)
    print(f"Saved {arguments.output} ({arguments.output.stat().st_size / 1e6:.1f} MB)")


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("proteins", type=Path, help="FASTA file, plain or gzip")
    parser.add_argument("--output", type=Path, required=True, help="model file to write")
    parser.add_argument("--hidden-size", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--max-length", type=int, default=5000)
    parser.add_argument("--held-out", type=int, default=600, help="number of proteins")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def choose_held_out(n_proteins, n_held_out, seed):
    """Return a mask of the proteins that are only judged."""
    chosen = np.random.RandomState(seed).choice(n_proteins, n_held_out, replace=False)
    return np.isin(np.arange(n_proteins), chosen)


def perplexity(model, proteins):
    """Return how many residues seem equally likely at each position."""
    encoder, language_model = model
    return language_model.perplexity(encoder.transform(proteins))


if __name__ == "__main__":
    main()
