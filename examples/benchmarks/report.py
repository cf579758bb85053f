"""Turn the results of ``run.py`` into pictures and a page.

python examples/benchmarks/report.py results/benchmark.json docs
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt


def main(results, docs):
    report = json.loads(Path(results).read_text())
    images = Path(docs) / "images"
    images.mkdir(parents=True, exist_ok=True)
    draw_race(report["all_ways"], images / "benchmark_ways.png")
    draw_growth(report["growth"], images / "benchmark_growth.png")
    print(page(report))


def draw_race(race, path):
    ways = race["ways"]
    names = sorted(ways, key=lambda name: ways[name]["train"]["residues_per_second"])
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    for axes, what in zip(panels, ("train", "predict")):
        rates = [ways[name][what]["residues_per_second"] for name in names]
        colors = ["#0072B2" if name == "sklearn_protlstm" else "#999999" for name in names]
        axes.barh(names, rates, color=colors)
        axes.set_xscale("log")
        axes.set_xlabel("residues a second")
        axes.set_title({"train": "One epoch of training", "predict": "Prediction"}[what])
        axes.bar_label(axes.containers[0], labels=[f" {rate:,.0f}" for rate in rates], fontsize=8)
        axes.margins(x=0.25)
    figure.savefig(path, dpi=150)


def draw_growth(growth, path):
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
    for axes, by in zip(panels, ("length", "number")):
        rates = growth[f"microseconds_per_residue_by_{by}"]
        x = [int(value) for value in rates]
        for what, color in (("train", "#D55E00"), ("predict", "#0072B2")):
            axes.plot(x, [rate[what] for rate in rates.values()], "o-", color=color, label=what)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel({"length": "residues of a sequence", "number": "sequences"}[by])
    panels[0].set_ylabel("microseconds per residue")
    panels[0].legend()
    figure.savefig(path, dpi=150)


def page(report):
    machine, race = report["machine"], report["all_ways"]
    lines = [
        f"{machine['date']}, {machine['processor']}, {machine['threads']} threads, Python "
        f"{machine['python']}, torch {machine['torch']}; {race['n_sequences']} sequences, median "
        f"length {race['median_length']:.0f}, longest {race['longest']}.",
        "",
        *race_table(race),
    ]
    for name, setting in report["settings"].items():
        lines += ["", f"### {name}", "", *race_table(setting)]
    return "\n".join(lines)


def race_table(race):
    lines = [
        "| way | training, residues/s | library is faster by | prediction, residues/s | by |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, tasks in race["ways"].items():
        cells = [
            f"{tasks[what]['residues_per_second']:,.0f} | {tasks[what]['library_is_faster_by']:.2f}"
            for what in ("train", "predict")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main(*sys.argv[1:])
