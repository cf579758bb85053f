"""
Random folds flatter, folds of whole families do not
====================================================

Viral proteins by host, and the same model, twice. On random folds close relatives of a test
protein are in the training part, and k-mer logistic regression looks as if it understood hosts.
With whole clusters of relatives held out, most of that is gone.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sklearn_protlstm import compare_models, make_kmer_baseline
from sklearn_protlstm.datasets import load_virus_hosts

viruses = load_virus_hosts()
models = {"k-mers": make_kmer_baseline(), "composition": make_kmer_baseline(k=1)}
scoring = ["matthews_corrcoef", "balanced_accuracy"]

# %%
# The usual way: shuffle, cut into five.

random_folds = compare_models(
    models,
    viruses.data,
    viruses.target,
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
    scoring=scoring,
)
print(random_folds)

# %%
# The honest way: no cluster of relatives is on both sides.

cluster_folds = compare_models(
    models,
    viruses.data,
    viruses.target,
    cv=StratifiedGroupKFold(5, shuffle=True, random_state=0),
    groups=viruses.groups,
    scoring=scoring,
)
print(cluster_folds)

# %%
# Each point is a fold.

figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
for place, model in enumerate(random_folds.models):
    for shift, label, color, comparison in (
        (-0.1, "random folds", "#D55E00", random_folds),
        (0.1, "cluster folds", "#0072B2", cluster_folds),
    ):
        frame = comparison.frame()
        scores = frame.loc[frame["model"] == model, "matthews_corrcoef"]
        [points, *_] = axes.plot(scores, [place + shift] * len(scores), "o", color=color)
        points.set_label(label if place == 0 else None)
axes.set_yticks(range(len(random_folds.models)), random_folds.models)
axes.set_xlabel("Matthews correlation")
axes.legend()
plt.show()
