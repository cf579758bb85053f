"""Turn the results of ``run.py`` into a page of the documentation and its pictures.

python examples/benchmarks/report.py docs/benchmarks docs

The folder has a file for each processor. All of them get a table; the rest of the page and the
pictures come from the newest.
"""

import json
import re
import sys
import textwrap
from pathlib import Path

from pictures import FLUSHED, LIBRARY, PADDED, TASKS, draw_all

PAGE = """# How fast it is

One command measures everything on this page and prints each figure. The ways take turns in one
run, and medians are compared. `BENCH_ARGS` may name a table of your own proteins.

    make bench BENCH_ARGS="--proteins coronavirus_hosts.tsv.gz"

The run writes a file to `results` and names it after the processor. Copy the file to
`docs/benchmarks` and put it on this page with

    python examples/benchmarks/report.py docs/benchmarks docs

Absolute rates depend on the machine; the ratios are what to look at.

## Faster than the other ways to train the same network?

Embedding 32, one bidirectional layer of hidden size {hidden_size}, last states, batches of
{batch_size}. The library starts from strings when it predicts, all others from a token matrix made
beforehand. "Bare loop" is the same network on batches cut beforehand, without scikit-learn and
skorch: what is left of its time is the price of the interface. "Flushed" ways turn subnormal
numbers to zero (see below); the others run as users run them. TensorFlow flushes in any case.
Packed sequences are slow to train on a CPU, since each change of width within a batch costs a copy
of the whole gradient.

The LSTM's own products take {flops:.0f} thousand operations a residue in prediction, and thrice
that in training. The steps of a small LSTM are too short to reach the full rate of a processor.

![Residues a second of each way](images/benchmark_ways.png)

{races}

## Subnormal numbers, or why LSTMs crawl on some laptops

The gradient of an LSTM fades on its way back through a sequence. After a few hundred residues its
values fall below 1.2e-38. Floats of that size are called subnormal. Many Intel processors need some
150 cycles to multiply one; the AMD EPYC above multiplies them at full speed. So a plain training
loop on Intel crawls where proteins are long, most of all while the network is untrained. Numbers
this small are lost in the sum over all residues: the network learns nothing from them.

The library turns them to zero, in its own threads only and only while it computes. Your program
keeps its floating-point mode. A module of your own runs inside these threads too; callbacks run in
your thread. For the same in a plain PyTorch loop, call `torch.set_flush_denormal(True)` before the
first operation, since torch's threads take the mode of the thread that starts them.

{subnormals}

## In other settings?

![How many times faster than padded batches](images/benchmark_settings.png)

Where all sequences are short, padding costs little: on peptides of 20 to 60 residues, training is
{peptides} times as fast as padded batches in plain PyTorch.

## Does the cost grow with the residues alone?

![Microseconds per residue](images/benchmark_growth.png)

From the cheapest to the dearest point of each line: {growth}.
Proteins of 100 to 8,000 residues cost the same per residue, and so do a thousand and a hundred
thousand of them. Where sequences are short, here 30 residues, training pays for the fixed cost of
a batch of 32: choose a larger `batch_size` for many peptides.

## And the rest?

| what | figure |
| --- | ---: |
| encoding, million residues a second | {encoding_rate:,.0f} |
| encoding against a Python loop | {encoding_loop:.0f}x |
| encoding against a NumPy copy of the result | {encoding_copy:.2f} of its rate |
| 3-mer counts against `CountVectorizer(analyzer="char")` | {kmers:.1f}x |
| grid search of 8 fits, `n_jobs=2` against `n_jobs=1` on both cores | {grid:.2f} of the time |
| the same against `n_jobs=1` held to one thread | {grid_one:.2f} of the time |
| peak memory of encoding and predicting 200,000 sequences of 300 | {memory:.2f} token matrices |
| `import sklearn_protlstm`, beyond scikit-learn's own import | {import_time:.3f} s |
"""

RACE = """### {processor}, {date}

{facts} Python {python}, torch {torch}, scikit-learn {scikit-learn}, skorch {skorch}.
{n_sequences} {proteins}, median length {median_length:.0f}, longest {longest}. All numbers are in
[{file}](benchmarks/{file}).

{table}

The largest matrix product reaches {gemm:.0f} GFLOP/s, and the library {predict_share:.0%} of that
rate in prediction and {train_share:.0%} in training."""

EARLIER = (
    "The library was in an earlier state, which flushed no subnormal numbers. "
    "The file does not tell the instruction set."
)

XEON = """On an Intel Xeon (AVX-512, AMX; November 2026), one thread read batches of 16 sequences of
500 residues, with hidden size 64 and the last state:

| what | residues/s |
| --- | ---: |
| forward | 847,000 |
| forward and backward | 22,800 |
| forward and backward, flushed | 199,000 |

With 60 residues flushing makes no difference. In training on 192 coronavirus proteins (batch 32,
hidden 64) the library reached 43,200 residues/s without flushing and 326,000 with it. These Xeon
figures come from a trial of an earlier state. The table for Intel is still to be made with
`make bench`."""

LENGTHS = """![Gradient by place, time by length](images/benchmark_subnormals.png)

Left, the gradient that reaches each residue from the last state of an untrained `nn.LSTM` with 64
units: more than half of its values are below 1.2e-38 from {fading} residues before the end, on any
processor. Right, training of an untrained network on {processor}, always with {n_residues:,}
residues. From the cheapest to the dearest length: {ratios}. What flushing does not change has
another cause: blocks of memory above 32 MB go back to the system at every batch, which the library
avoids by reading in pieces."""


def main(results, docs):
    docs = Path(docs)
    reports = [(path.name, json.loads(path.read_text())) for path in Path(results).glob("*.json")]
    reports.sort(key=lambda named: (named[1]["machine"]["date"], named[0]), reverse=True)
    images = docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    newest = reports[0][1]
    draw_all(newest, images)
    (docs / "performance.md").write_text(wrap(page(reports, newest)))


def wrap(text):
    """Fill the lines of paragraphs; headings, tables, code and pictures stay as they are."""
    # Spaces inside backticks are no place to break a line.
    text = re.sub(r"`[^`\n]+`", lambda code: code[0].replace(" ", "\0"), text)
    parts = (
        textwrap.fill(part, 100, break_on_hyphens=False, break_long_words=False)
        if part[0].isalnum() or part[0] == '"'
        else part
        for part in text.split("\n\n")
    )
    return "\n\n".join(parts).replace("\0", " ").rstrip("\n") + "\n"


def page(reports, newest):
    return PAGE.format(
        **newest["all_ways"]["setting"],
        flops=operations(newest) / 1000,
        races="\n\n".join(race_section(name, report) for name, report in reports),
        subnormals="\n\n".join(subnormal_figures(reports, newest)),
        peptides=" to ".join(f"{factor:.2f}" for factor in peptide_factors(newest["settings"])),
        growth=", ".join(
            f"{what.replace('train', 'training').replace('predict', 'prediction')} {ratio:.2f}"
            for what, ratio in newest["growth"]["largest_ratio"].items()
        ),
        encoding_rate=newest["encoding"]["residues_per_second"] / 1e6,
        encoding_loop=newest["encoding"]["faster_than_python_loop"],
        encoding_copy=newest["encoding"]["share_of_copy_rate"],
        kmers=newest["kmer_counting"]["faster_than_count_vectorizer"],
        grid=newest["grid_search"]["n_jobs=2 / n_jobs=1"],
        grid_one=newest["grid_search"]["n_jobs=2 / n_jobs=1 with one thread"],
        memory=newest["memory"]["ratio"],
        import_time=newest["import_time"]["seconds_beyond_scikit_learn"],
    )


def operations(report):
    # Four gates, each with a product of the input and one of the state; two operations for each
    # weight, and two directions.
    hidden_size = report["all_ways"]["setting"]["hidden_size"]
    return 2 * 2 * 4 * hidden_size * (32 + hidden_size)


def race_section(file, report):
    race = report["all_ways"]
    rates = {what: race["ways"][LIBRARY][what]["residues_per_second"] for what in TASKS}
    share_of_gemm = operations(report) / report["gemm_gflops"] / 1e9
    return RACE.format(
        **report["machine"],
        **{key: race[key] for key in ("n_sequences", "median_length", "longest")},
        facts=processor_facts(report["machine"]),
        proteins=proteins(report["arguments"]["proteins"]),
        file=file,
        table="\n".join(race_table(race)),
        gemm=report["gemm_gflops"],
        predict_share=rates["predict"] * share_of_gemm,
        train_share=3 * rates["train"] * share_of_gemm,
    )


def processor_facts(machine):
    threads = f"{machine['threads']} threads"
    if "flush_mode" not in machine:
        return f"{EARLIER} {threads}."
    kind = [f"{key} {machine[key]}" for key in ("vendor", "family", "model") if key in machine]
    limits = [f"{name}={value}" for name, value in machine["instruction_limits"].items()]
    facts = [
        *kind,
        threads,
        f"instruction set {machine['instruction_set']}",
        *(f"held back by {limit}" for limit in limits),
        f"{'with' if machine['flush_mode'] else 'without'} flush mode",
    ]
    text = ", ".join(facts)
    return f"{text[0].upper()}{text[1:]}."


def proteins(table):
    if table is None:
        return "of the bundled viral proteins"
    if table.startswith("coronavirus_hosts"):
        return "proteins of coronaviruses (NCBI/INSDC records)"
    return f"proteins of {table}"


def race_table(race):
    lines = [
        "| way | training, residues/s | library is faster by | prediction, residues/s | by |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, tasks in race["ways"].items():
        cells = [
            f"{tasks[what]['residues_per_second']:,.0f} | {tasks[what]['library_is_faster_by']:.2f}"
            for what in TASKS
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def subnormal_figures(reports, newest):
    """Paragraphs: the trial until there is a table of an Intel processor, then the measurements."""
    if not any(report["machine"].get("vendor") == "GenuineIntel" for _, report in reports):
        yield XEON
    if "length" in newest:
        ratios = newest["length"]["dearest_to_cheapest"]
        yield LENGTHS.format(
            fading=newest["fading"]["mostly_below_normal_from"],
            processor=newest["machine"]["processor"],
            n_residues=newest["length"]["n_residues"],
            ratios="; ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()),
        )


def peptide_factors(settings):
    """How much faster training is than the faster padded batches: the lowest and the highest."""
    ways = [group["ways"] for name, group in settings.items() if name.startswith("peptides")]
    factors = [
        min(
            way[name]["train"]["library_is_faster_by"]
            for name in (PADDED, PADDED + FLUSHED)
            if name in way
        )
        for way in ways
    ]
    return min(factors), max(factors)


if __name__ == "__main__":
    main(*sys.argv[1:])
