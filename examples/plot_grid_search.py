"""
One grid search chooses the alphabet and the network
====================================================

Encoder and classifier form one scikit-learn pipeline, so a single search can choose the alphabet
and the network together. Look for the settings whose points are all close to 1.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import make_motif_position

# %%
# The class is human if ``AKGDKICL`` is at a terminus, and dog if it is in the middle.

sequences, hosts = make_motif_position(n_samples=400, random_state=0)
model = Pipeline(
    [("encoder", SequenceEncoder()), ("lstm", ProtLSTMClassifier(max_epochs=8, random_state=0))]
)
search = GridSearchCV(
    model,
    {
        "encoder__alphabet": ["protein", "dayhoff6"],
        "lstm__pooling": ["last", "mean", ("last", "max", "mean")],
    },
    cv=3,
    n_jobs=2,
)
search.fit(sequences, hosts)
print(search.best_params_)

# %%
# Plot the accuracy on each of the three folds for all settings: 20 residues or 6 groups of residues
# as tokens, and three ways to pool the hidden states.

results = search.cv_results_
labels = [
    f"{params['encoder__alphabet']}, {params['lstm__pooling']}" for params in results["params"]
]
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for fold in range(3):
    axes.plot(results[f"split{fold}_test_score"], labels, "o", color="#0072B2")
axes.set_xlabel("accuracy (chance is 0.5)")

# %%
# The pooling matters more than the alphabet. The mean over all residues hardly changes when the
# motif moves. The last state of each direction depends on how far away the motif is.

plt.show()
