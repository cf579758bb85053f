"""How much slower two trainings at once are than one alone.

Two processes with torch's own number of threads each train the same small network, alone and
together, in turns. With two cores a perfect machine would give 2, as one training uses both.

    python examples/benchmarks/two_trainings.py
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

WORKER = """
import sys, time
from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import make_motif_position

sequences, hosts = make_motif_position(int(sys.argv[1]), length=(200, 300), random_state=0)
X = SequenceEncoder().fit_transform(sequences)
ProtLSTMClassifier(max_epochs=1, random_state=0).fit(X[:64], hosts[:64])
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    ProtLSTMClassifier(max_epochs=2, random_state=0).fit(X, hosts)
    print(time.perf_counter() - start, flush=True)
"""


def start_worker(n_sequences):
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(n_sequences)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until_ready(worker)
    return worker


def wait_until_ready(worker):
    line = worker.stdout.readline()
    if line.strip() != "ready":
        raise SystemExit(f"a worker did not start: {line!r}")


def train(workers):
    """Seconds until the slowest has finished."""
    for worker in workers:
        worker.stdin.write("train\n")
        worker.stdin.flush()
    return max(float(worker.stdout.readline()) for worker in workers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sequences", type=int, default=500)
    arguments = parser.parse_args()
    workers = [start_worker(arguments.sequences) for _ in range(2)]
    alone, together = [], []
    for number in range(arguments.rounds):
        # Each of the two is the one alone in turn.
        alone.append(train([workers[number % 2]]))
        together.append(train(workers))
    for worker in workers:
        worker.stdin.close()
        worker.wait()
    one, two = statistics.median(alone), statistics.median(together)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
    print(f"one alone     {one:6.2f} s (median of {arguments.rounds})")
    print(f"two at once   {two:6.2f} s")
    print(f"ratio         {two / one:6.2f}")


if __name__ == "__main__":
    main()
