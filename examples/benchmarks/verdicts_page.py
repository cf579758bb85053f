"""Turn the results of ``verdicts.py`` into a page of the documentation.

python examples/benchmarks/verdicts_page.py results/verdicts.json docs
"""

import json
import sys
from pathlib import Path

COLUMNS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "macro-F1",
    "matthews_corrcoef": "MCC",
    "log_loss": "log-loss",
    "roc_auc": "ROC AUC",
}

PAGE = """# LSTM or k-mers?

Five models are compared on the same {folds} folds. Random folds are used for all data sets. Data
sets with related sequences are also split into folds that keep clusters of relatives together. The
tables give the mean over the folds ± the standard deviation between them. The fit times were
measured on busy cores and only show the order of magnitude. Measured on {date} with

    python examples/benchmarks/verdicts.py --proteins coronavirus_hosts.tsv.gz
    python examples/benchmarks/verdicts_page.py results/verdicts.json docs

On the motif tasks, the LSTM has default parameters. On real proteins, it reads 200 residues, half
from each terminus, and trains for 10 epochs with balanced class weights, so that a run takes
minutes. The k-mer logistic regression reads whole proteins. The coronavirus data set (NCBI/INSDC
records; spike and other proteins) contains the hosts that occur in at least five clusters.

The interval of a difference is the wider one of two: that of the corrected t test of Nadeau and
Bengio, which accounts for the training sequences that folds share, and that of a permutation test
of the predictions (see `PairedComparison`).

{sections}
"""


def main(results, docs):
    results = json.loads(Path(results).read_text())
    sections = "\n\n".join(section(name, data) for name, data in results["data"].items())
    page = PAGE.format(folds=results["folds"], date=results["date"], sections=sections)
    (Path(docs) / "verdicts.md").write_text(page)


def section(name, data):
    lines = [
        f"## {name}",
        "",
        f"{data['verdict']}.",
        "",
        f"| model | {' | '.join(COLUMNS.values())} | fit, s |",
        f"| --- |{' ---: |' * (len(COLUMNS) + 1)}",
    ]
    for row in data["scores"]:
        cells = [f"{row[score]:.3f} ± {row[score + '_sd']:.3f}" for score in COLUMNS]
        lines.append(f"| {row['model']} | {' | '.join(cells)} | {row['fit_seconds']:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
