"""Turn the results of ``run.py`` into a page of the documentation and its pictures.

python examples/benchmarks/report.py results/benchmark.json docs
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#999999"
LIBRARY = "sklearn_protlstm"
TASKS = {"train": "Training", "predict": "Prediction"}

PAGE = """# How fast it is

Measured on {date}: {processor}, {threads} threads, Python {python}, torch {torch},
scikit-learn {scikit-learn}, skorch {skorch}. One command measures it again and prints each
figure; the ways take turns in one run, and medians are compared. `BENCH_ARGS` may name a table
of proteins of your own, as was done here (proteins of coronaviruses, from UniProt).

    make bench BENCH_ARGS="--proteins spikes.tsv.gz"
    python examples/benchmarks/report.py results/benchmark.json docs

All numbers are in [benchmark.json](benchmark.json). Absolute rates depend on the machine; the
ratios are what to look at.

## Faster than the other ways to train the same network?

Embedding 32, one bidirectional layer of hidden size {hidden_size}, last states, batches of
{batch_size}; {n_sequences} proteins, median length {median_length:.0f}, longest {longest}. The
library starts from strings when it predicts, all others from a token matrix made beforehand.
"Bare loop" is the same network on batches cut beforehand, without scikit-learn and skorch: what
is left of its time is the price of the interface. Packed sequences are slow to train on a CPU,
since each change of width within a batch costs a copy of the whole gradient.

![Residues a second of each way](images/benchmark_ways.png)

{race}

The largest matrix product reaches {gemm:.0f} GFLOP/s here. The LSTM's own products take
{flops:.0f} thousand operations a residue in prediction, and thrice that in training, so that the
library reaches {predict_share:.0%} of that rate in prediction and {train_share:.0%} in training:
the steps of a small LSTM are too short for more.

## In other settings?

![How many times faster than padded batches](images/benchmark_settings.png)

Where all sequences are short, padding costs little, and training is no faster than plain PyTorch.

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


def main(results, docs):
    docs = Path(docs)
    report = json.loads(Path(results).read_text())
    images = docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    draw_race(report["all_ways"], images / "benchmark_ways.png")
    draw_settings(report["settings"], images / "benchmark_settings.png")
    draw_growth(report["growth"], images / "benchmark_growth.png")
    (docs / "performance.md").write_text(page(report))
    (docs / "benchmark.json").write_text(Path(results).read_text() + "\n")


def draw_race(race, path):
    ways = race["ways"]
    names = sorted(ways, key=lambda name: ways[name]["train"]["residues_per_second"])
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    for axes, (what, title) in zip(panels, TASKS.items()):
        rates = [ways[name][what]["residues_per_second"] / 1000 for name in names]
        colors = [BLUE if name == LIBRARY else GREY for name in names]
        axes.barh(names, rates, color=colors)
        axes.set_xlabel("thousand residues a second")
        axes.set_title(title)
        axes.bar_label(axes.containers[0], labels=[f" {rate:,.0f}" for rate in rates], fontsize=8)
        axes.margins(x=0.15)
    figure.savefig(path, dpi=150)


def draw_settings(settings, path):
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for shift, (what, color) in enumerate((("predict", ORANGE), ("train", BLUE))):
        factors = [
            setting["ways"]["PyTorch, padded"][what]["library_is_faster_by"]
            for setting in settings.values()
        ]
        places = [place + 0.38 * shift - 0.19 for place in range(len(settings))]
        bars = axes.barh(places, factors, height=0.36, color=color, label=TASKS[what])
        axes.bar_label(bars, fmt=" %.1f", fontsize=8)
    axes.set_yticks(range(len(settings)), list(settings))
    axes.margins(x=0.1)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times faster than padded batches in plain PyTorch")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1])
    figure.savefig(path, dpi=150)


def draw_growth(growth, path):
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
    for axes, by in zip(panels, ("length", "number")):
        rates = growth[f"microseconds_per_residue_by_{by}"]
        x = [int(value) for value in rates]
        for what, color in (("train", BLUE), ("predict", ORANGE)):
            axes.plot(x, [rate[what] for rate in rates.values()], "o-", color=color, label=what)
        axes.set_xscale("log")
        axes.set_xlabel({"length": "residues of a sequence", "number": "sequences"}[by])
    # Only now, since the panels share the axis and its upper end is to fit them both.
    panels[0].set_ylim(bottom=0)
    panels[0].set_ylabel("microseconds per residue")
    panels[0].legend([TASKS["train"], TASKS["predict"]])
    figure.savefig(path, dpi=150)


def page(report):
    race, setting = report["all_ways"], report["all_ways"]["setting"]
    # Four gates, each with a product of the input and one of the state; two operations for each
    # weight, and two directions.
    flops = 2 * 2 * 4 * setting["hidden_size"] * (32 + setting["hidden_size"])
    rates = {what: race["ways"][LIBRARY][what]["residues_per_second"] for what in TASKS}
    return PAGE.format(
        **report["machine"],
        **setting,
        **{key: race[key] for key in ("n_sequences", "median_length", "longest")},
        race="\n".join(race_table(race)),
        gemm=report["gemm_gflops"],
        flops=flops / 1000,
        predict_share=rates["predict"] * flops / report["gemm_gflops"] / 1e9,
        train_share=3 * rates["train"] * flops / report["gemm_gflops"] / 1e9,
        growth=", ".join(
            f"{what.replace('train', 'training').replace('predict', 'prediction')} {ratio:.2f}"
            for what, ratio in report["growth"]["largest_ratio"].items()
        ),
        encoding_rate=report["encoding"]["residues_per_second"] / 1e6,
        encoding_loop=report["encoding"]["faster_than_python_loop"],
        encoding_copy=report["encoding"]["share_of_copy_rate"],
        kmers=report["kmer_counting"]["faster_than_count_vectorizer"],
        grid=report["grid_search"]["n_jobs=2 / n_jobs=1"],
        grid_one=report["grid_search"]["n_jobs=2 / n_jobs=1 with one thread"],
        memory=report["memory"]["ratio"],
        import_time=report["import_time"]["seconds_beyond_scikit_learn"],
    )


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


if __name__ == "__main__":
    main(*sys.argv[1:])
