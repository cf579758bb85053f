"""
Where does it look in a spike protein?
======================================

A network that tells the spikes of pig coronaviruses from those of bats gives an answer for the
whole protein. Attribution shows which residues it rests on, and top windows show what it finds
again in many proteins.
"""

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
# 144 related spikes of about 1,380 residues. All pig viruses here are close relatives of each
# other, so a good score says that the network tells one lineage from the rest, and not that it
# would know the host of a new virus. Where it looks is another question, and can be seen.

here = Path(globals().get("__file__", "plot_where_it_looks.py")).resolve().parent
with gzip.open(here / "data" / "spikes.tsv.gz", "rt", encoding="utf-8") as table:
    rows = list(csv.DictReader(table, delimiter="\t"))
spikes = [row["sequence"] for row in rows]
hosts = np.array([row["host"] for row in rows])
print(Counter(hosts.tolist()))

X, X_test, y, y_test = train_test_split(
    spikes, hosts, test_size=0.3, stratify=hosts, random_state=0
)
lstm = ProtLSTMClassifier(batch_size=8, max_epochs=6, random_state=0)
model = make_pipeline(SequenceEncoder(max_length=1500), lstm).fit(X, y)
print(f"accuracy on other spikes: {model.score(X_test, y_test):.2f}")

# %%
# One spike, each residue coloured by what it says for pig, compared with the same residues in
# random order. The scores add up to the difference of the log-odds.

pig = [spike for spike, host in zip(X_test, y_test) if host == "pig"]
attribution = residue_attribution(model, pig[:6], target="pig")
attribution.plot(0)

# %%
# Is it always the same place? The sums of the scores over windows of 25 residues, for six spikes:

figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for scores in attribution.scores:
    axes.plot(np.convolve(scores, np.ones(25), "same"), color="#0072B2", alpha=0.4)
axes.axhline(0, color="black", linewidth=0.8)
axes.set_xlabel("residue of the spike")
axes.set_ylabel("log-odds for pig, sum of 25 residues")

# %%
# It is: the first 40 residues, which hold the signal peptide, and the last, the tail on the inner
# side of the membrane. Next to nothing counts between them. So this network has found the quickest
# way to tell the two apart, and not what makes a spike fit a host's receptor; it could not have
# said so itself.

# %%
# The windows of eight residues that speak loudest, over all pig spikes that were held out:

windows = top_windows(model, pig, k=8, target="pig")
print(windows.frame().head())
windows.plot()
plt.show()
