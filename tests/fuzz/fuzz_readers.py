"""Feed damaged files to every reader, which must read them or raise a named error.

    python tests/fuzz/fuzz_readers.py --executions 100000 --seed 0

Half of the files are FASTA files that are put together from marks, blanks and line ends. For them
a simple parser, which has the whole file in memory, must find the same records or an error too.

If atheris is installed, it guides the search by coverage, and arguments after ``--`` go to
libFuzzer. Otherwise a seeded mutator damages the small files in tests/data.
"""

import argparse
import gzip
import random
import re
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
    "read_fasta of all hosts": (
        lambda path: read_fasta(
            path,
            label=r"host=(.*)",
            label_separator="u",
            hosts="all",
            unlabelled="drop",
            duplicates="drop",
        ),
        "hosts.fasta",
    ),
    "iter_fasta": (lambda path: list(iter_fasta(path)), "hosts.fasta"),
    "read_genbank": (read_genbank, "viruses.gb"),
    "read_genbank of all hosts": (lambda path: read_genbank(path, hosts="all"), "viruses.gb"),
    "read_genbank of proteins": (lambda path: read_genbank(path, label=None), "proteins.gp"),
    "read_swissprot": (lambda path: read_swissprot(path, several_hosts="first"), "viruses.dat"),
    "read_swissprot of all hosts": (
        lambda path: read_swissprot(path, hosts="all", duplicates="drop"),
        "viruses.dat",
    ),
    "read_table": (
        lambda path: read_table(path, sequence="Sequence", label="Host", delimiter=","),
        "ncbi_virus.csv",
    ),
    "read_table of all hosts": (
        lambda path: read_table(
            path,
            sequence="Sequence",
            label="Host",
            label_separator=" ",
            hosts="all",
            delimiter=",",
        ),
        "ncbi_virus.csv",
    ),
    "read_table by tabs": (
        lambda path: read_table(path, sequence="Sequence", id="Accession", delimiter="\t"),
        "ncbi_virus.tsv",
    ),
}
MADE_FASTA = "iter_fasta of made files"
TOKENS = [
    *(b"\x00", b"\xff", b"\r", b"\r\n", b"\n", b"\n\n", b"\t", b'"', b"'", b",", b";", b">", b"*"),
    *(b"//\n", b"LOCUS       ", b"ORIGIN\n", b"FEATURES", b"     CDS             1..9\n"),
    *(b"join(", b"complement(", b"1..", b"^", b"<1", b'/translation="', b"/host=", b"ID   "),
    *(b"SQ   ", b"OH   NCBI_TaxID=", b"FT   ", b"\x1f\x8b", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
]

# What FASTA files are put together from.
FASTA_PIECES = [
    *(b">", b">p1", b">p2 host=dog", b"> p3\t", b">p\xc3\xa9", b">p\xe9", b">\xef\xbb\xbf"),
    *(b"MNTQ", b"akgd*", b"*", b"M" * 60, b"\xc3\xa9", b"\xe9", b"a>b", b"M" * 9000),
    *(b" ", b"\t", b"\v", b"\x1c", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b" >"),
]
LINE_ENDS = [b"\n", b"\n", b"\r\n", b"\r", b"\n\n", b"\n\r", b"\n \n"]


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


def make_fasta_text(rng):
    """Return the bytes of a file, most of them with records."""
    pieces = []
    for _ in range(rng.randrange(6)):
        pieces += [rng.choice([b"", b"", b" ", b"\xef\xbb\xbf"]), b">p1 x", rng.choice(LINE_ENDS)]
        pieces += [b"MNTQ" * rng.randint(1, 9), rng.choice([b"", *LINE_ENDS])]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
        place = rng.randrange(len(pieces) + 1)
        pieces[place:place] = [rng.choice(FASTA_PIECES), rng.choice([b"", b"", *LINE_ENDS])]
    if rng.random() < 0.02:
        pieces.insert(rng.randrange(len(pieces) + 1), b"\0")
    return b"".join(pieces)


def make_fasta(rng):
    """Return the bytes of a file, and the bytes of its text, or None if it cannot be read."""
    text = make_fasta_text(rng)
    if rng.random() < 0.6:
        return text, text
    cuts = sorted(rng.randrange(len(text) + 1) for _ in range(rng.randrange(3)))
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)])]
    members = b"".join(gzip.compress(part, rng.choice([0, 1, 9])) for part in parts)
    behind = rng.choice([b"", b"", b"", bytes(7), b">p2\nMN\n", bytes(3) + b"x"])
    return members + behind, None if behind.strip(b"\0") else text


def parse_simply(text, limit):
    """Parse the bytes of a FASTA file as a whole, or raise a ValueError."""
    records, length = [], 0
    for line in re.findall(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)", text):
        characters = line.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
        try:
            line = line.decode("utf-8")
        except UnicodeDecodeError:
            line = line.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
        while line[:1].isspace() or line.startswith("\ufeff"):
            line = line[1:]
        is_header = line.startswith(">")
        length = len(characters) + (0 if is_header else length)
        if "\0" in line or length > limit:
            raise ValueError("NUL or too long")
        if is_header:
            records.append((line[1:].strip(), ""))
        elif ">" in line or (line.strip() and not records):
            raise ValueError("no header where there must be one")
        elif records:
            header, residues = records.pop()
            records.append((header, residues + "".join(line.split())))
    if not records or any(residues in ("", "*") for _, residues in records):
        raise ValueError("no residues")
    return [(*[*header.split(maxsplit=1), "", ""][:2], residues) for header, residues in records]


def read_records(path, limit, newline):
    """Read the records of a path, or of a file that is open with these line ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if newline is None:
            return list(iter_fasta(path, max_record_length=limit))
        is_gzip = path.read_bytes().startswith(b"\x1f\x8b")
        options = {"encoding": "utf-8", "errors": "surrogateescape", "newline": newline}
        with (gzip.open if is_gzip else open)(path, "rt", **options) as file:
            return list(iter_fasta(file, max_record_length=limit))


def execute_fasta(content, text, limit, path, newline=None):
    """Compare `iter_fasta` with the simple parser. Return "read" or the name of the error."""
    path.write_bytes(content)
    try:
        expected = None if text is None else parse_simply(text, limit)
    except ValueError:
        expected = None
    records, outcome = None, "read"
    try:
        records = read_records(path, limit, newline)
    except NAMED_ERRORS as error:
        outcome = type(error).__name__
    assert records == expected, f"{outcome}: {records}, but the file has {expected}"
    return outcome


def execute_made_fasta(rng, path):
    """Make a FASTA file, read it in one of several ways and return the outcome."""
    content, text = make_fasta(rng)
    limit, newline = rng.choice([(60, None), (200, None), (9010, None), (10**6, None), (10**6, "")])
    return execute_fasta(content, text, limit, path, rng.choice([newline, newline and "\n"]))


def execute_damaged(name, rng, path):
    """Damage the file of a reader, read it and return the outcome."""
    read, file = TARGETS[name]
    return execute(read, mutate((DATA / file).read_bytes(), rng), path)


def run_mutator(executions, seed, path):
    """Run random readers on damaged files, and print how often each outcome occurs."""
    outcomes, start = {name: Counter() for name in [*TARGETS, MADE_FASTA]}, time.perf_counter()
    for execution in range(executions):
        rng = random.Random(f"{seed} {execution}")
        name = rng.choice(list(TARGETS)) if rng.random() < 0.5 else MADE_FASTA
        try:
            if name == MADE_FASTA:
                outcome = execute_made_fasta(rng, path)
            else:
                outcome = execute_damaged(name, rng, path)
        except Exception:
            print(f"{name}, seed {seed}, execution {execution}: wrong, or an unnamed error, for:")
            print(path.read_bytes())
            raise
        outcomes[name][outcome] += 1
    seconds = time.perf_counter() - start
    print(f"{executions} executions in {seconds:.0f} s, seed {seed}: only named errors")
    for name, counts in outcomes.items():
        print(f"  {name}: " + ", ".join(f"{outcome} {n}" for outcome, n in sorted(counts.items())))


def run_atheris(arguments, path):
    """Search with atheris until the first unnamed error."""

    def test_one_input(content):
        for read, _ in TARGETS.values():
            execute(read, content, path)
        if not content.startswith(b"\x1f\x8b"):
            execute_fasta(content, content, 100, path)

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
