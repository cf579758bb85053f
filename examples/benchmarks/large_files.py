"""Peak memory of readers and of predict_fasta on files of different sizes.

    python examples/benchmarks/large_files.py

writes ``results/large_files.json``. Each measurement runs in a new process.
"""

import gzip
import multiprocessing
import re
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import describe_session
from measures import random_proteins
from run import save
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder, load_model, save_model
from sklearn_protlstm.exceptions import SequenceFileError
from sklearn_protlstm.readers import iter_fasta, read_fasta, write_fasta
from sklearn_protlstm.table_prediction import predict_fasta

SIZES = {"20,000": 20_000, "200,000": 200_000}
LINE_LENGTH = 600_000_000


def main():
    report = {"sessions": [describe_session()], "iter_fasta": {}, "predict_fasta": {}}
    with TemporaryDirectory() as name:
        folder = Path(name)
        save_model(small_model(), folder / "a.model")
        write_long_line(folder / "line.fasta.gz")
        report["long_line"] = measure(read_long_line, folder / "line.fasta.gz")
        report["long_line"]["file_mb"] = (folder / "line.fasta.gz").stat().st_size / 1e6
        for size, n_sequences in SIZES.items():
            path = folder / f"{n_sequences}.fasta"
            write_sequences(path, n_sequences)
            report["iter_fasta"][size] = measure(iterate, path)
            report["predict_fasta"][size] = measure(predict, path, folder / "a.model")
    print(report)
    save(report, Path("results/large_files.json"))


def measure(function, *arguments):
    """Seconds of a call, and the peak memory of its process before and after it, in MiB."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        before = pool.submit(peak_mib).result()
        seconds = pool.submit(time_call, function, *arguments).result()
        after = pool.submit(peak_mib).result()
    return {"seconds": seconds, "before": before, "after": after, "growth": after - before}


def peak_mib():
    # On Linux. The peak of getrusage would include that of the parent process.
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak) / 1024


def time_call(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def small_model():
    encoder = SequenceEncoder(max_length=40)
    classifier = ProtLSTMClassifier(hidden_size=4, embedding_dim=4, max_epochs=1, random_state=0)
    return make_pipeline(encoder, classifier).fit(random_proteins(20, 30), ["a", "b"] * 10)


def write_sequences(path, n_sequences):
    some = random_proteins(1000, [20 + number % 21 for number in range(1000)])
    sequences = [some[number % 1000] for number in range(n_sequences)]
    write_fasta(sequences, path, ids=[f"p{number}" for number in range(n_sequences)])


def write_long_line(path):
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b">p1\n")
        for _ in range(LINE_LENGTH // 1_000_000):
            file.write(b"A" * 1_000_000)


def read_long_line(path):
    try:
        read_fasta(path)
    except SequenceFileError:
        return
    raise AssertionError("read_fasta must refuse the line")


def iterate(path):
    for _ in iter_fasta(path):
        pass


def predict(path, model):
    predict_fasta(load_model(model), path, path.with_suffix(".tsv"))


if __name__ == "__main__":
    main()
