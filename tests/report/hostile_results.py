"""Proteins whose labels look like a script."""

import numpy as np

EVIL = "<script>alert('&\"')</script>"


def make_proteins():
    """Make 24 proteins of two hosts, in groups of two. The composition tells the host."""
    rng = np.random.RandomState(0)
    hosts = np.array(["human", EVIL] * 12)
    letters = {"human": [*"ACDEFGHIK"], EVIL: [*"LMNPQRSTVWY"]}
    proteins = ["M" + "".join(rng.choice(letters[host], 30)) for host in hosts]
    return proteins, hosts, np.arange(24) // 2
