"""Time this library beside every other way to train and apply the same LSTM.

One run, one machine: the ways alternate, each is repeated, and medians and ratios are reported.

    make bench
    python examples/benchmarks/run.py --proteins proteins.tsv --keras-python .venv-keras/bin/python

``--proteins`` takes a table (.tsv, .tsv.gz) with the columns "sequence" and "host"; without it
the bundled viral proteins are used. ``--quick`` is a smoke test, not a measurement. The results go
to a file in ``results`` that is named after the processor, or to ``--output``.
"""

import argparse
import json
import os
import re
from pathlib import Path

import measures
import numpy as np
import rivals
import subnormals
import torch
from machine import describe_session, file_name
from workers import KerasWorker, TorchWorker, Worker

from sklearn_protlstm.datasets import load_virus_hosts


def main():
    arguments = parse_arguments()
    torch.manual_seed(0)
    session = describe_session()
    output = arguments.output or Path("results") / file_name(session)
    report = {
        "sessions": [session],
        "arguments": {
            name: value.name if isinstance(value, Path) else value
            for name, value in vars(arguments).items()
        },
    }
    print(to_json(session), flush=True)
    report["gemm_gflops"] = measures.gemm_gflops()
    save(report, output)

    proteins = read_proteins(arguments.proteins)
    quick = arguments.quick
    n_main = 64 if quick else arguments.n_proteins
    repeats = 1 if quick else arguments.repeats
    # As users run them, and with the switch where there is one.
    modes = (False, True) if session["flush_mode"] else (False,)
    main_problem = rivals.Problem(*sample(*proteins, n_main, quick), hidden_size=64, batch_size=32)
    ways = all_ways(main_problem, modes, arguments.keras_python)
    report["all_ways"] = compare(main_problem, ways, repeats)
    save(report, output)

    report["settings"] = {}
    for name, problem in other_problems(proteins, n_main, quick).items():
        ways = [way(problem) for way in (rivals.Library, rivals.BareLoop)]
        ways += [TorchWorker(problem, rivals.Padded, flushed) for flushed in modes]
        report["settings"][name] = compare(problem, ways, repeats)
        save(report, output)

    for name, measure in (measures.ALL | subnormals.ALL).items():
        print(f"\n{name}", flush=True)
        report[name] = measure(proteins, quick)
        print("\n".join(line[:100] for line in to_json(report[name]).splitlines()))
        save(report, output)
    report["derived"] = derive(report)
    save(report, output)
    print(f"\n{output}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--proteins", type=Path, help="table with columns sequence and host")
    parser.add_argument("--n-proteins", type=int, default=512)
    parser.add_argument("--keras-python", type=Path, help="python with keras and tensorflow-cpu")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output", type=Path, help="default: named after the processor")
    return parser.parse_args()


def read_proteins(path):
    if path is None:
        data = load_virus_hosts()
        return data.data, data.target
    import pandas as pd

    table = pd.read_csv(path, sep="\t")
    return table["sequence"].to_numpy(dtype=object), table["host"].to_numpy(dtype=str)


def sample(sequences, y, n_proteins, quick):
    """Proteins drawn at random; a smoke test reads the first 200 residues of each."""
    rows = np.random.RandomState(0).permutation(len(sequences))[:n_proteins]
    return [sequence[: 200 if quick else None] for sequence in sequences[rows]], y[rows]


def all_ways(problem, modes, keras_python):
    ways = [rivals.Library(problem), rivals.BareLoop(problem)]
    ways += [TorchWorker(problem, way, mode) for way in rivals.TORCH_WAYS for mode in modes]
    if keras_python:
        ways += [KerasWorker(problem, keras_python, masked) for masked in (True, False)]
    return ways


def other_problems(proteins, n_main, quick):
    rng = np.random.RandomState(0)
    residues = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    n_peptides = 200 if quick else 5000
    peptides = [
        "".join(rng.choice(residues, size=length)) for length in rng.randint(20, 61, n_peptides)
    ]
    labels = rng.randint(2, size=n_peptides)
    viruses = load_virus_hosts()
    many, few = (sample(*proteins, n, quick) for n in (n_main, n_main // 2))
    virus_sample = sample(viruses.data, viruses.target, n_main, quick)
    return {
        "proteins, hidden 64, batch 128": rivals.Problem(*many, 64, 128),
        "proteins, hidden 256, batch 32": rivals.Problem(*few, 256, 32),
        "virus_hosts, hidden 64, batch 32": rivals.Problem(*virus_sample, 64, 32),
        "peptides, hidden 64, batch 32": rivals.Problem(peptides, labels, 64, 32),
        "peptides, hidden 64, batch 128": rivals.Problem(peptides, labels, 64, 128),
    }


def compare(problem, ways, repeats):
    """Seconds of each way, alternating; rates and ratios to the library from the medians."""
    print(
        f"\n{len(problem.sequences)} sequences, {problem.n_residues} residues, hidden "
        f"{problem.hidden_size}, batch {problem.batch_size}",
        flush=True,
    )
    seconds = {way.name: {"train": [], "predict": []} for way in ways}
    for repeat in range(repeats + 1):
        for way in ways:
            for what, call in (("train", way.train_epoch), ("predict", way.predict)):
                elapsed = call()
                if repeat:  # the first round warms up
                    seconds[way.name][what].append(elapsed)
    workers = [way for way in ways if isinstance(way, Worker)]
    for worker in workers:
        worker.close()
    return {
        "setting": {"hidden_size": problem.hidden_size, "batch_size": problem.batch_size},
        "n_sequences": len(problem.sequences),
        "n_residues": problem.n_residues,
        "median_length": float(np.median(problem.lengths)),
        "longest": int(problem.lengths.max()),
        "ways": summarise(seconds, problem.n_residues),
        "workers": {worker.name: worker.about for worker in workers},
    }


def summarise(seconds, n_residues):
    ours = {what: np.median(times) for what, times in seconds[rivals.Library.name].items()}
    summary = {}
    for name, by_task in seconds.items():
        summary[name] = {}
        for what, times in by_task.items():
            median = float(np.median(times))
            summary[name][what] = {
                "seconds": median,
                "spread": [min(times), max(times)],
                "residues_per_second": n_residues / median,
                "library_is_faster_by": median / ours[what],
            }
        train, predict = summary[name]["train"], summary[name]["predict"]
        print(
            f"  {name:<36}{train['residues_per_second']:>10,.0f}/s "
            f"x{train['library_is_faster_by']:<7.2f} predict "
            f"{predict['residues_per_second']:>10,.0f}/s x{predict['library_is_faster_by']:.2f}",
            flush=True,
        )
    return summary


def derive(report):
    """Compute the figures of the page on speed that follow from others."""
    race = report["all_ways"]
    hidden_size = race["setting"]["hidden_size"]
    # Four gates, each with a product of the input and one of the state; two operations for each
    # weight, and two directions.
    operations = 2 * 2 * 4 * hidden_size * (rivals.EMBEDDING_DIM + hidden_size)
    rates = {
        what: figures["residues_per_second"]
        for what, figures in race["ways"][rivals.Library.name].items()
    }
    share_of_gemm = operations / report["gemm_gflops"] / 1e9
    peptides = peptide_factors(report["settings"])
    return {
        "thousand_operations_per_residue": operations / 1000,
        "share_of_gemm": {
            "predict": rates["predict"] * share_of_gemm,
            # The backward pass has twice the products.
            "train": 3 * rates["train"] * share_of_gemm,
        },
        "peptides_faster_than_padded": {"least": min(peptides), "most": max(peptides)},
        "million_residues_encoded_per_second": report["encoding"]["residues_per_second"] / 1e6,
    }


def peptide_factors(settings):
    """How much faster training is than the faster padded batches, for each setting of peptides."""
    return [
        min(
            figures["train"]["library_is_faster_by"]
            for name, figures in group["ways"].items()
            if name.startswith(rivals.Padded.name)
        )
        for setting, group in settings.items()
        if setting.startswith("peptides")
    ]


def to_json(report):
    """Indented, but a list of numbers on one line."""
    text = json.dumps(report, indent=2, default=float)
    return re.sub(r"\[[^][{}]*\]", lambda numbers: " ".join(numbers[0].split()), text)


def save(report, path):
    # An interrupted save leaves the earlier file.
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(to_json(report) + "\n")
    os.replace(unfinished, path)


if __name__ == "__main__":
    main()
