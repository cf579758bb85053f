"""
Random folds overestimate, folds of whole clusters do not
=========================================================

This example predicts the host of viral proteins with the same model on two kinds of folds. Random
folds put close relatives of a test protein into the training set, and k-mer logistic regression
seems to recognise hosts. Folds of whole clusters of homologous proteins remove most of this
effect.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sklearn_protlstm import compare_models, make_kmer_baseline
from sklearn_protlstm.datasets import load_virus_hosts

viruses = load_virus_hosts()
models = {"k-mers": make_kmer_baseline(), "composition": make_kmer_baseline(k=1)}
scoring = ["matthews_corrcoef", "balanced_accuracy"]

# %%
# Random folds: shuffle the proteins and split them into five.

random_folds = compare_models(
    models,
    viruses.data,
    viruses.target,
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
    scoring=scoring,
)
print(random_folds)

# %%
# Cluster folds: keep all proteins of a cluster in the same fold.

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
# Plot the score of each fold.

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

# %%
# On random folds, the k-mers score about twice as high as on cluster folds. Even the length of a
# protein seems to predict the host, because relatives have similar lengths.

plt.show()
