"""Throw anything at SequenceEncoder: a matrix that decodes to what went in, or a named error.

    python tests/fuzz/fuzz_encoder.py --executions 100000 --seed 0

Where atheris is installed it guides the search by coverage, and further arguments after ``--``
are libFuzzer's. Otherwise a seeded generator makes the input.
"""

import argparse
import random
import sys
import time
import warnings
from collections import Counter
from contextlib import nullcontext

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

try:
    import atheris
except ImportError:
    atheris = None

with nullcontext() if atheris is None else atheris.instrument_imports(["sklearn_protlstm"]):
    from sklearn_protlstm._encoding.encoder import SequenceEncoder
    from sklearn_protlstm.alphabets import ALPHABETS
    from sklearn_protlstm.exceptions import EmptySequenceError, InvalidResidueError

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
# What the message has to begin with, for errors of Python's own kinds.
SPOKEN = {
    TypeError: ("Sequence ", "Got one sequence"),
    ValueError: ("Found 0 sequences", "Expected one column", "Sequence "),
}
# Empty, stops, gaps, spaces, digits, other scripts, an astral character, lone surrogates, NUL.
ODD = ["", "*", "**", "MN*TQ", "M-N", "M N", "7", "é", "ΑΒ", "𝕄", "\ud800", "\x00", "ß", "İ"]
OTHER_KINDS = [None, 7, 0.5, float("nan"), b"MNTQ", b"\xff", b"", ["M"], ("M", "N"), {"M": 1}]


class Source:
    """Choices from a stream of bytes; 0 when it has run out."""

    def __init__(self, content):
        self.content = list(content)

    def below(self, n):
        return self.content.pop() % n if self.content else 0

    def choose(self, options):
        return options[self.below(len(options))]


def make_record(source):
    kind = source.below(16)
    if kind == 15:
        return source.choose(ODD)
    if kind == 14:
        return source.choose(OTHER_KINDS)
    letters = RESIDUES if kind > 3 else "BJOUXZbjouxzacdef"
    record = "".join(source.choose(letters) for _ in range(1 + source.below(12)))
    if kind == 4:
        place = source.below(len(record) + 1)
        record = record[:place] + source.choose(ODD) + record[place:]
    return record.lower() if kind == 5 else record + "*" * (kind == 6)


def make_encoder(source):
    return SequenceEncoder(
        k=1 + source.below(6),
        stride=1 + source.below(3),
        alphabet=source.choose(sorted(ALPHABETS)),
        max_length=source.choose([None, None, 1, 3, 8]),
        truncation=source.choose(["middle", "right", "left", "error"]),
        handle_unknown=source.choose(["error", "mask"]),
    )


def execute(content):
    """Encode what the bytes describe, check the result, and tell what came of it."""
    source = Source(content)
    encoder = make_encoder(source)
    records = [make_record(source) for _ in range(source.below(6))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matrix = encoder.fit_transform(records)
    except (EmptySequenceError, InvalidResidueError, InvalidParameterError) as error:
        return type(error).__name__
    except (TypeError, ValueError) as error:
        if not str(error).startswith(SPOKEN[type(error)]):
            raise
        return type(error).__name__
    check(encoder, records, matrix)
    return "encoded"


def check(encoder, records, matrix):
    lengths = np.count_nonzero(matrix, axis=1)
    assert matrix.shape == (len(records), encoder.max_length_)
    assert matrix.max() < encoder.n_tokens_
    # Padding stands behind the last token alone.
    assert all((row[:length] > 0).all() for row, length in zip(matrix, lengths))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = [encoder.transform([record])[0] for record in records]
    assert np.array_equal(matrix, alone)
    if encoder.k == 1 and encoder.stride == 1 and encoder.alphabet == "protein":
        for record, row, text in zip(records, matrix, encoder.inverse_transform(matrix)):
            letters = record.decode("latin-1") if isinstance(record, bytes) else record
            # Sharp s and the like have upper cases of two letters, and are no residues.
            letters = [letter.upper() for letter in letters.removesuffix("*")]
            known = "".join(letter if letter in RESIDUES else "X" for letter in letters)
            assert known == text or len(known) > len(row), (record, text)


def run_generator(executions, seed):
    rng = random.Random(seed)
    outcomes, start = Counter(), time.perf_counter()
    for execution in range(executions):
        content = rng.randbytes(rng.choice([8, 20, 60, 120]))
        try:
            outcomes[execute(content)] += 1
        except Exception:
            print(f"seed {seed}, execution {execution}: neither right nor a named error, for")
            print(content)
            raise
    seconds = time.perf_counter() - start
    print(f"{executions} executions in {seconds:.0f} s, seed {seed}: right, or named errors")
    print("  " + ", ".join(f"{what} {n}" for what, n in sorted(outcomes.items())))


def run_atheris(arguments):
    """Let atheris search; it ends at the first answer that is wrong or has no name."""
    atheris.Setup([sys.argv[0], *arguments], execute_quietly)
    atheris.Fuzz()


def execute_quietly(content):
    execute(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-atheris", action="store_true", help="use the generator anyway")
    parser.add_argument("libfuzzer", nargs="*", help="arguments for atheris")
    options = parser.parse_args()
    if atheris is None or options.no_atheris:
        run_generator(options.executions, options.seed)
    else:
        run_atheris([f"-runs={options.executions}", *options.libfuzzer])


if __name__ == "__main__":
    main()
