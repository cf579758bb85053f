"""The residues of explained proteins, as a table and as coloured letters."""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from sklearn_protlstm._html.fragments import Column, Table

__all__ = ["Block", "ExplainedProtein", "explain_proteins"]

_BLOCK_LENGTH = 10
_N_TOP = 10

# Scores with a smaller share of the largest score stay white, and from the second limit on they
# get the strong colour.
_WEAK, _STRONG = 0.2, 0.6


class Block(NamedTuple):
    """Up to ten residues as (text, kind), or a stretch that the network does not read.

    `kind` is "", "for", "strongly-for", "against", "strongly-against" or "unread". `start` and
    `stop` are the positions of the first and the last residue, counted from 1.
    """

    start: int
    stop: int
    runs: list
    is_folded: bool = False


class ExplainedProtein(NamedTuple):
    """One protein of a ResidueAttribution, ready to be shown."""

    title: str
    model: str
    sentence: str
    top: Table
    blocks: list


def explain_proteins(attribution):
    """Make an ExplainedProtein of each protein."""
    return [_explain(attribution, index) for index in range(len(attribution.scores))]


def _explain(attribution, index):
    sequence, scores = attribution.sequences[index], attribution.scores[index]
    title, _, model = attribution.captions[index].partition("\n")
    target = attribution.targets[index]
    return ExplainedProtein(
        title=title,
        model=model,
        sentence=(
            f"Log-odds of {target}: {attribution.values[index]:.2f}. Mean log-odds of the "
            f"baselines: {attribution.baselines[index]:.2f}. Method: "
            f"{attribution.method.replace('_', ' ')}."
        ),
        top=tabulate_top(sequence, scores, target),
        blocks=make_blocks(sequence, scores),
    )


def tabulate_top(sequence, scores, target):
    """Make a table of the residues with the largest scores of either sign."""
    known = np.nan_to_num(np.abs(scores))
    # A stable sort keeps equal scores in the order of the sequence.
    places = np.argsort(-known, kind="stable")[: min(_N_TOP, np.count_nonzero(known))]
    columns = [
        Column("residue", [f"{sequence[place]}{place + 1}" for place in places]),
        Column("score", [f"{scores[place]:+.3f}" for place in places], is_number=True),
        Column(
            "effect",
            [f"{'supports' if scores[place] > 0 else 'opposes'} {target}" for place in places],
        ),
    ]
    return Table.of(f"Residues with the largest scores for {target} (log-odds)", columns)


def make_blocks(sequence, scores):
    """Cut a protein into blocks of ten residues, and fold stretches that are not read.

    Examples
    --------
    >>> scores = np.array([2.0, -0.5] + [0.0] * 8 + [np.nan] * 25)
    >>> for block in make_blocks("MK" + "A" * 33, scores):
    ...     print(*block)
    1 10 [('M', 'strongly-for'), ('K', 'against'), ('AAAAAAAA', '')] False
    11 35 [] True
    """
    kinds = _classify(scores)
    blocks = []
    for start in range(0, len(sequence), _BLOCK_LENGTH):
        stop = min(start + _BLOCK_LENGTH, len(sequence))
        if not np.isnan(scores[start:stop]).all():
            residues = zip(sequence[start:stop], kinds[start:stop])
            blocks.append(Block(start + 1, stop, _join_runs(residues)))
        elif blocks and blocks[-1].is_folded:
            blocks[-1] = blocks[-1]._replace(stop=stop)
        else:
            blocks.append(Block(start + 1, stop, [], is_folded=True))
    return blocks


def _classify(scores):
    bound = max(np.nanmax(np.abs(scores)), 1e-9)
    return [_classify_share(share) for share in scores / bound]


def _classify_share(share):
    if np.isnan(share):
        return "unread"
    if abs(share) < _WEAK:
        return ""
    side = "for" if share > 0 else "against"
    return f"strongly-{side}" if abs(share) >= _STRONG else side


def _join_runs(residues):
    """Join neighbours of the same kind."""
    return [
        ("".join(residue for residue, _ in run), kind)
        for kind, run in groupby(residues, key=lambda pair: pair[1])
    ]
