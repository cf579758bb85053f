"""
A network learns the signal KDEL from 36 proteins
=================================================

Proteins that end with the residues KDEL stay in the endoplasmic reticulum. The same four residues
elsewhere in a protein mean nothing (Munro and Pelham 1987, :doi:`10.1016/0092-8674(87)90086-9`).
This example shows that a network learns this signal from few proteins: attribution finds it, moving
it makes it useless, and single substitutions destroy it.
"""
# sphinx_gallery_thumbnail_number = 4

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from sklearn_protlstm import ProtLSTMClassifier, SequenceEncoder
from sklearn_protlstm.datasets import load_localization
from sklearn_protlstm.inspection import mutation_scan, position_scan, residue_attribution

# %%
# Secreted proteins pass through the endoplasmic reticulum (ER) on their way out of the cell. Which
# proteins stay there? Take the proteins of both places that are not bound to a membrane. Only 36
# stay in the ER, and nine of these end with DEL: KDEL, HDEL and variants.

cell = load_localization()
chosen = np.isin(cell.target, ["Endoplasmic reticulum", "Extracellular"])
chosen &= cell.membrane != "membrane"
proteins, groups = cell.data[chosen], cell.groups[chosen]
places = np.where(cell.target[chosen] == "Extracellular", "secreted", "ER")
ends_with_del = np.array([protein.endswith("DEL") for protein in proteins])
print(f"{len(proteins)} proteins, {(places == 'ER').sum()} of the ER")
print(f"{ends_with_del.sum()} end with DEL, of these {set(places[ends_with_del].tolist())}")

# %%
# The network reads the last 30 residues and predicts from the last states of both directions.
# Balanced class weights keep it from predicting "secreted" for every protein. Each protein is
# predicted by a network that has seen no relative of it.

model = make_pipeline(
    SequenceEncoder(max_length=30, truncation="left"),
    ProtLSTMClassifier(pooling="last", class_weight="balanced", random_state=0),
)
folds = StratifiedGroupKFold(4, shuffle=True, random_state=0)
probability = cross_val_predict(
    model, proteins, places, groups=groups, cv=folds, method="predict_proba"
)[:, 0]

kinds = {
    "ER, ends with DEL": ends_with_del,
    "ER, other end": (places == "ER") & ~ends_with_del,
    "secreted": places == "secreted",
}
figure, axes = plt.subplots(figsize=(7, 2.4), layout="constrained")
rng = np.random.RandomState(0)
for row, (kind, members) in enumerate(kinds.items()):
    heights = row + rng.uniform(-0.25, 0.25, members.sum())
    axes.plot(probability[members], heights, "o", color="#0072B2", alpha=0.4, markersize=4)
    print(f"{kind}: {members.sum()} proteins, {(probability[members] > 0.5).sum()} predicted as ER")
axes.set_yticks(range(len(kinds)), kinds)
axes.invert_yaxis()
axes.set_xlabel("probability of ER")

# %%
# The network recognises most of the proteins with the signal. It misses most of the others of the
# ER, whose last residues do not say that they stay, and it is wrong about some secreted proteins.
#
# Now take one protein with KDEL, calreticulin of cattle (P52193), train without its relatives, and
# look for the residues that decide.

is_relative = groups == groups[cell.accession[chosen] == "P52193"]
protein = proteins[cell.accession[chosen] == "P52193"][0]
model.fit(proteins[~is_relative], places[~is_relative])
residue_attribution(model, [protein], target="ER", names=["P52193"]).plot()

# %%
# Most of the score is at the end, above all on the last residue. Move the signal: cut KDEL off, and
# insert it at each position of the 26 residues before it.

tail = protein[-30:-4]
position_scan(model, "KDEL", tail, name="P52193 without KDEL").plot()

# %%
# KDEL means the ER at the C-terminus or one or two residues before it. Anywhere else, the network
# predicts a secreted protein, as it does without KDEL. Cells are stricter: there, the signal must
# end the protein. A network that learns from 36 proteins cannot know this exactly, and with another
# ``random_state`` it accepts the signal closer to the end or farther from it.
#
# Now substitute each of the last 30 residues.

mutation_scan(model, protein[-30:], target="ER", name="the tail of P52193").plot()

# %%
# Most substitutions of D, E or L make the ER less likely, and some make the protein a secreted one.
# Most substitutions of K change little: nature uses HDEL and RDEL as well. Other residues hardly
# matter.

plt.show()
