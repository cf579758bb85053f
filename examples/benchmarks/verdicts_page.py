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

Five models on the same {folds} folds, random ones and, where the data have relatives, folds that
keep whole clusters of them together. Mean over the folds ± standard deviation between them, and
seconds of fitting on busy cores, for the order of magnitude. Measured on {date} with

    python examples/benchmarks/verdicts.py --proteins coronavirus_hosts.tsv.gz
    python examples/benchmarks/verdicts_page.py results/verdicts.json docs

The LSTM has default parameters on the motif tasks. On real proteins it reads 200 residues, half
from each end, and trains for 10 epochs with balanced classes, to stay within minutes; k-mer
logistic regression reads whole proteins. The coronavirus proteins (UniProt; spike and others) are
those of hosts found in five or more clusters.

The interval of each difference is that of Nadeau and Bengio's corrected test
(`compare_models`), which knows that folds share training sequences.

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
