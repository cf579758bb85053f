"""Feed damaged files to every reader, which must read them or raise a named error.

    python tests/fuzz/fuzz_readers.py --executions 100000 --seed 0

If atheris is installed, it guides the search by coverage, and arguments after ``--`` go to
libFuzzer. Otherwise a seeded mutator damages the small files in tests/data.
"""

import argparse
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from sklearn_protlstm.exceptions import EmptySequenceError, SequenceFileError
from sklearn_protlstm.readers import (
    iter_fasta,
    read_fasta,
    read_genbank,
    read_swissprot,
    read_table,
)

try:
    import atheris
except ImportError:
    atheris = None

DATA = Path(__file__).parent.parent / "data"
NAMED_ERRORS = (SequenceFileError, EmptySequenceError)

# Each reader, and the file in tests/data that the mutator damages.
TARGETS = {
    "read_fasta": (
        lambda path: read_fasta(path, label=r"host=(\w+)", unlabelled="drop", duplicates="drop"),
        "hosts.fasta",
    ),
    "iter_fasta": (lambda path: list(iter_fasta(path)), "hosts.fasta"),
    "read_genbank": (read_genbank, "viruses.gb"),
    "read_genbank of proteins": (lambda path: read_genbank(path, label=None), "proteins.gp"),
    "read_swissprot": (lambda path: read_swissprot(path, several_hosts="first"), "viruses.dat"),
    "read_table": (
        lambda path: read_table(path, sequence="Sequence", label="Host", delimiter=","),
        "ncbi_virus.csv",
    ),
    "read_table by tabs": (
        lambda path: read_table(path, sequence="Sequence", id="Accession", delimiter="\t"),
        "ncbi_virus.tsv",
    ),
}
TOKENS = [
    *(b"\x00", b"\xff", b"\r", b"\r\n", b"\n", b"\n\n", b"\t", b'"', b"'", b",", b";", b">", b"*"),
    *(b"//\n", b"LOCUS       ", b"ORIGIN\n", b"FEATURES", b"     CDS             1..9\n"),
    *(b"join(", b"complement(", b"1..", b"^", b"<1", b'/translation="', b"/host=", b"ID   "),
    *(b"SQ   ", b"OH   NCBI_TaxID=", b"FT   ", b"\x1f\x8b", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
]


def mutate(content, rng):
    """Damage the content in one to four places."""
    content = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(content) + 1)
        end = min(len(content), place + rng.choice([1, 3, 20, 80, 400]))
        kind = rng.randrange(7)
        if kind == 0:
            content[place:end] = b""
        elif kind == 1:
            content[place:place] = rng.choice(TOKENS)
        elif kind == 2:
            content[place:end] = rng.randbytes(end - place)
        elif kind == 3:
            content[place:place] = content[place:end]
        elif kind == 4 and place < len(content):
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 5:
            lines = bytes(content).splitlines(keepends=True) or [b""]
            lines.pop(rng.randrange(len(lines)))
            content = bytearray(b"".join(lines))
        else:
            del content[place:]
    return bytes(content)


def execute(read, content, path):
    """Return "read" or the name of the error."""
    path.write_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path)
    except NAMED_ERRORS as error:
        return type(error).__name__
    return "read"


def run_mutator(executions, seed, path):
    """Run random readers on damaged files, and print how often each outcome occurs."""
    rng = random.Random(seed)
    outcomes, start = {name: Counter() for name in TARGETS}, time.perf_counter()
    for execution in range(executions):
        name = rng.choice(list(TARGETS))
        read, file = TARGETS[name]
        content = mutate((DATA / file).read_bytes(), rng)
        try:
            outcomes[name][execute(read, content, path)] += 1
        except Exception:
            print(f"{name}, seed {seed}, execution {execution}: an unnamed error for these bytes:")
            print(content)
            raise
    seconds = time.perf_counter() - start
    print(f"{executions} executions in {seconds:.0f} s, seed {seed}: only named errors")
    for name, counts in outcomes.items():
        print(f"  {name}: " + ", ".join(f"{outcome} {n}" for outcome, n in sorted(counts.items())))


def run_atheris(arguments, path):
    """Search with atheris until the first unnamed error."""

    def test_one_input(content):
        for read, _ in TARGETS.values():
            execute(read, content, path)

    # Import what the readers load on first use, so that it is instrumented too.
    for read, file in TARGETS.values():
        execute(read, (DATA / file).read_bytes(), path)
    atheris.instrument_all()
    # libFuzzer writes new inputs to the first folder, and only reads the others.
    found = path.parent / "found"
    found.mkdir()
    atheris.Setup([sys.argv[0], *arguments, str(found), str(DATA)], test_one_input)
    atheris.Fuzz()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--no-atheris", action="store_true", help="use the mutator even if atheris is installed"
    )
    parser.add_argument("libfuzzer", nargs="*", help="arguments for atheris")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged"
        if atheris is None or options.no_atheris:
            run_mutator(options.executions, options.seed, path)
        else:
            run_atheris([f"-runs={options.executions}", *options.libfuzzer], path)


if __name__ == "__main__":
    main()
