"""
In spike proteins, a network looks at both ends only
====================================================

A network that distinguishes the spike proteins of pig and bat coronaviruses predicts one class for
the whole protein. Attribution shows which residues the prediction depends on, and top windows show
what many proteins have in common. The second figure shows that only the two ends contribute.
"""
# sphinx_gallery_thumbnail_number = 2

import csv
import gzip
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.inspection import residue_attribution, top_windows

# %%
# The data are 144 related spike proteins of about 1,380 residues. All pig viruses here are close
# relatives, so a good score means that the network recognises one lineage. It does not mean that
# it can predict the host of a new virus. Attribution can still show where it looks.

here = Path(globals().get("__file__", "plot_where_it_looks.py")).resolve().parent
with gzip.open(here / "data" / "spikes.tsv.gz", "rt", encoding="utf-8") as table:
    rows = list(csv.DictReader(table, delimiter="\t"))
spikes = [row["sequence"] for row in rows]
hosts = np.array([row["host"] for row in rows])
accessions = [row["accession"] for row in rows]
print(Counter(hosts.tolist()))

X, X_test, y, y_test, _, names_test = train_test_split(
    spikes, hosts, accessions, test_size=0.3, stratify=hosts, random_state=0
)
lstm = ProtLSTMClassifier(batch_size=8, max_epochs=6, random_state=0)
model = make_pipeline(SequenceEncoder(max_length=1500), lstm).fit(X, y)
print(f"accuracy on other spikes: {model.score(X_test, y_test):.2f}")

# %%
# Colour each residue of one spike by its contribution to the log-odds of pig, compared with the
# same residues in random order. The scores add up to the difference of the log-odds.

pig = [spike for spike, host in zip(X_test, y_test) if host == "pig"]
names = [name for name, host in zip(names_test, y_test) if host == "pig"]
attribution = residue_attribution(model, pig[:6], target="pig", names=names[:6])
attribution.plot(0)

# %%
# Is it always the same region? Plot the sum of the scores over windows of 25 residues for six
# spikes.

figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for scores in attribution.scores:
    axes.plot(np.convolve(scores, np.ones(25), "same"), color="#0072B2", alpha=0.4)
axes.axhline(0, color="black", linewidth=0.8)
axes.set_xlabel("position of the residue")
axes.set_ylabel("log-odds of pig, sum over 25 residues")

# %%
# It is: the first 40 residues, which contain the signal peptide, and the last residues, the
# cytoplasmic tail. Almost nothing between them contributes. The network has learned the easiest way
# to distinguish the two groups, not what makes a spike bind the receptor of a host. The accuracy
# alone does not show this.

# %%
# Find the windows of eight residues with the highest scores, over all pig spikes of the test set.

windows = top_windows(model, pig, k=8, target="pig")
print(windows.frame().head())
windows.plot()
plt.show()
