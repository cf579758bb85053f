"""Fuzz SequenceEncoder: it returns a matrix that decodes to the input, or raises a known error.

    python tests/fuzz/fuzz_encoder.py --executions 100000 --seed 0

If atheris is installed, it generates the input, guided by coverage, and arguments after ``--`` are
passed to libFuzzer. Otherwise, the input is pseudo-random.
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
# Known messages of built-in errors, by their start.
KNOWN_MESSAGES = {
    TypeError: ("Sequence ", "Got one sequence"),
    ValueError: ("Found 0 sequences", "Expected one column", "Sequence "),
}
# Empty, stops, gaps, spaces, digits, other scripts, astral characters, lone surrogates, NUL.
UNUSUAL = ["", "*", "**", "MN*TQ", "M-N", "M N", "7", "é", "ΑΒ", "𝕄", "\ud800", "\x00", "ß", "İ"]
OTHER_TYPES = [None, 7, 0.5, float("nan"), b"MNTQ", b"\xff", b"", ["M"], ("M", "N"), {"M": 1}]


class Source:
    """Choices made from a sequence of bytes; 0 after its end."""

    def __init__(self, content):
        self.content = list(content)

    def below(self, n):
        return self.content.pop() % n if self.content else 0

    def choose(self, options):
        return options[self.below(len(options))]


def make_record(source):
    kind = source.below(16)
    if kind == 15:
        return source.choose(UNUSUAL)
    if kind == 14:
        return source.choose(OTHER_TYPES)
    letters = RESIDUES if kind > 3 else "BJOUXZbjouxzacdef"
    record = "".join(source.choose(letters) for _ in range(1 + source.below(12)))
    if kind == 4:
        place = source.below(len(record) + 1)
        record = record[:place] + source.choose(UNUSUAL) + record[place:]
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
    """Encode the records that the bytes describe, check the result and return the outcome."""
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
        if not str(error).startswith(KNOWN_MESSAGES[type(error)]):
            raise
        return type(error).__name__
    check(encoder, records, matrix)
    return "encoded"


def check(encoder, records, matrix):
    lengths = np.count_nonzero(matrix, axis=1)
    assert matrix.shape == (len(records), encoder.max_length_)
    assert matrix.max() < encoder.n_tokens_
    # Padding only follows the last token.
    assert all((row[:length] > 0).all() for row, length in zip(matrix, lengths))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = [encoder.transform([record])[0] for record in records]
    assert np.array_equal(matrix, alone)
    if encoder.k == 1 and encoder.stride == 1 and encoder.alphabet == "protein":
        for record, row, text in zip(records, matrix, encoder.inverse_transform(matrix)):
            letters = record.decode("latin-1") if isinstance(record, bytes) else record
            # Characters with two letters in upper case, such as sharp s, are not residues.
            letters = [letter.upper() for letter in letters.removesuffix("*")]
            known = "".join(letter if letter in RESIDUES else "X" for letter in letters)
            assert known == text or len(known) > len(row), (record, text)


def run_random(executions, seed):
    rng = random.Random(seed)
    outcomes, start = Counter(), time.perf_counter()
    for execution in range(executions):
        content = rng.randbytes(rng.choice([8, 20, 60, 120]))
        try:
            outcomes[execute(content)] += 1
        except Exception:
            print(f"seed {seed}, execution {execution}: wrong result or unknown error for")
            print(content)
            raise
    seconds = time.perf_counter() - start
    print(f"{executions} executions in {seconds:.0f} s, seed {seed}: no wrong result or error")
    print("  " + ", ".join(f"{what} {n}" for what, n in sorted(outcomes.items())))


def run_atheris(arguments):
    """Run atheris, which stops at the first wrong result or unknown error."""
    atheris.Setup([sys.argv[0], *arguments], execute_quietly)
    atheris.Fuzz()


def execute_quietly(content):
    execute(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-atheris", action="store_true", help="use pseudo-random input")
    parser.add_argument("libfuzzer", nargs="*", help="arguments for atheris")
    options = parser.parse_args()
    if atheris is None or options.no_atheris:
        run_random(options.executions, options.seed)
    else:
        run_atheris([f"-runs={options.executions}", *options.libfuzzer])


if __name__ == "__main__":
    main()
