"""
LSTM or k-mers on viral proteins?
=================================

A thousand proteins are few for a network that starts from nothing. On folds of whole clusters,
k-mer logistic regression is the better choice here, and the comparison says so in a sentence.
"""

import matplotlib.pyplot as plt
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import (
    ProtLSTMClassifier,
    SequenceEncoder,
    compare_models,
    make_kmer_baseline,
)
from sklearn_protlstm.datasets import load_virus_hosts

viruses = load_virus_hosts()

# %%
# To be done within a minute, the network reads 100 residues of each protein, half from each end,
# and trains for six epochs. More residues and epochs gain a little (see "LSTM or k-mers?"), and
# do not change the answer.

lstm = make_pipeline(
    SequenceEncoder(max_length=100),
    ProtLSTMClassifier(max_epochs=6, class_weight="balanced", random_state=0),
)

# %%
# All models meet the same folds. The majority class and the length alone are always among them.

comparison = compare_models(
    {"LSTM": lstm, "k-mers": make_kmer_baseline()},
    viruses.data,
    viruses.target,
    cv=StratifiedGroupKFold(3, shuffle=True, random_state=0),
    groups=viruses.groups,
    scoring=["matthews_corrcoef", "balanced_accuracy", "accuracy"],
)
print(comparison)

# %%
# In a sentence:

print(comparison.verdict("LSTM", "k-mers"))

# %%
comparison.plot()
plt.show()
