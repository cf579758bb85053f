"""
A grid search over the whole pipeline
=====================================

Encoder and network are one estimator to scikit-learn, so one search finds the tokens and the
network that go together. The groups keep relatives on one side of each split.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import make_motif_position

# %%
# ``AKGDKICL`` at an end of the sequence means human, in the middle dog.

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
# Twenty residues or six groups of them, and how the states are summarised: every setting with its
# three folds.

results = search.cv_results_
labels = [
    f"{params['encoder__alphabet']}, {params['lstm__pooling']}" for params in results["params"]
]
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for fold in range(3):
    axes.plot(results[f"split{fold}_test_score"], labels, "o", color="#0072B2")
axes.set_xlabel("accuracy (chance is 0.5)")
plt.show()
