"""Pictures of the page on speed, drawn from the results of ``run.py``.

python examples/benchmarks/pictures.py docs/benchmarks/amd-epyc-family-25-model-17.json docs/images
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

BLUE, ORANGE, GREY, DARK = "#0072B2", "#D55E00", "#999999", "#555555"
LIBRARY, PADDED, FLUSHED = "sklearn_protlstm", "PyTorch, padded", ", flushed"
LOOP = "PyTorch loop, one thread"
TASKS = {"train": "Training", "predict": "Prediction"}
SMALLEST_NORMAL = 2.0**-126


def draw_all(report, folder):
    """Draw what the results have figures for.

    Parameters
    ----------
    report : dict
        As ``run.py`` writes it.
    folder : Path
        Where the pictures go.
    """
    draw_race(report["all_ways"], folder / "benchmark_ways.png")
    draw_settings(report["settings"], folder / "benchmark_settings.png")
    draw_growth(report["growth"], folder / "benchmark_growth.png")
    draw_subnormals(report, folder / "benchmark_subnormals.png")


def draw_race(race, path):
    ways = race["ways"]
    names = sorted(ways, key=lambda name: ways[name]["train"]["residues_per_second"])
    height = 0.8 + 0.34 * len(names)
    figure, panels = plt.subplots(1, 2, figsize=(10, height), sharey=True, layout="constrained")
    for axes, (what, title) in zip(panels, TASKS.items()):
        rates = [ways[name][what]["residues_per_second"] / 1000 for name in names]
        axes.barh(names, rates, color=[_color(name) for name in names])
        axes.set_xlabel("thousand residues a second")
        axes.set_title(title)
        axes.bar_label(axes.containers[0], labels=[f" {rate:,.0f}" for rate in rates], fontsize=8)
        axes.margins(x=0.15)
    figure.savefig(path, dpi=150)


def _color(name):
    if name == LIBRARY:
        return BLUE
    return DARK if name.endswith(FLUSHED) else GREY


def draw_settings(settings, path):
    # From the lowest bar of a group to the highest.
    bars = [
        ("predict", PADDED, ORANGE, "Prediction"),
        ("train", PADDED + FLUSHED, "#56B4E9", "Training, against padded batches flushed"),
        ("train", PADDED, BLUE, "Training"),
    ]
    bars = [bar for bar in bars if all(bar[1] in group["ways"] for group in settings.values())]
    height = 0.8 / len(bars)
    figure, axes = plt.subplots(figsize=(8, 0.9 + 1.3 * len(bars)), layout="constrained")
    for number, (what, rival, color, label) in enumerate(bars):
        factors = [
            group["ways"][rival][what]["library_is_faster_by"] for group in settings.values()
        ]
        shift = height * (number - (len(bars) - 1) / 2)
        places = [place + shift for place in range(len(settings))]
        drawn = axes.barh(places, factors, height=0.95 * height, color=color, label=label)
        axes.bar_label(drawn, fmt=" %.1f", fontsize=8)
    axes.set_yticks(range(len(settings)), list(settings))
    axes.margins(x=0.1)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times faster than padded batches in plain PyTorch")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside upper center", ncols=len(bars))
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


def draw_subnormals(report, path):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    _draw_fading(left, report["fading"]["median"])
    _draw_lengths(right, report["length"]["microseconds_per_residue"])
    right.set_title(f"Training, {report['sessions'][0]['processor']}", fontsize=10)
    figure.savefig(path, dpi=150)


def _draw_fading(axes, sizes):
    lowest = 1e-48
    shown = [size for size in sizes if size > 0]
    axes.axhspan(lowest, SMALLEST_NORMAL, color=ORANGE, alpha=0.2, linewidth=0)
    axes.text(len(sizes) * 0.98, 1e-42, "subnormal, then zero", ha="right", va="center")
    axes.plot(range(len(shown)), shown, color=BLUE)
    axes.set_yscale("log")
    axes.set_ylim(lowest, 10)
    axes.set_xlim(0, len(sizes))
    axes.set_xlabel("residues from the end")
    axes.set_ylabel("median size of the gradient")
    axes.set_title("Untrained LSTM, gradient of its last state", fontsize=10)


def _draw_lengths(axes, rates):
    lengths = [int(length) for length in rates]
    styles = {
        LOOP: (ORANGE, "o-", "PyTorch, one thread"),
        LOOP + FLUSHED: (GREY, "s--", "PyTorch, one thread, flushed"),
        LIBRARY: (BLUE, "o-", "sklearn_protlstm, all threads"),
    }
    for name, (color, style, label) in styles.items():
        values = [rate[name] for rate in rates.values()]
        axes.plot(lengths, values, style, color=color, label=label)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xticks(lengths, [f"{length:,}" for length in lengths])
    axes.minorticks_off()
    axes.set_xlabel("residues of a sequence")
    axes.set_ylabel("microseconds per residue")
    axes.legend(fontsize=8)


if __name__ == "__main__":
    report, folder = map(Path, sys.argv[1:])
    draw_all(json.loads(report.read_text()), folder)
