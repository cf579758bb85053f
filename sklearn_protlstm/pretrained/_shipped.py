"""Find and load the language models that are part of the package."""

import reprlib
from importlib import resources

from sklearn_protlstm.persistence import load_model

__all__ = ["PRETRAINED_MODELS", "load_pretrained"]

#: Names of the language models that are part of the package.
PRETRAINED_MODELS = ("uniprot-12k",)


def load_pretrained(name="uniprot-12k", *, device="auto"):
    """Load a language model that is part of the package.

    Parameters
    ----------
    name : str, default="uniprot-12k"
        "uniprot-12k" has read 11,403 proteins of all kingdoms, but of no virus, from UniProt (5
        million residues).
    device : str or torch.device, default="auto"
        Where to compute.

    Returns
    -------
    model : Pipeline
        Fitted pipeline of :class:`SequenceEncoder` and :class:`ResidueLanguageModel`. Pass it to
        ``ProtLSTMClassifier(pretrained=...)``, or use its ``transform`` for features. Put it into
        :class:`sklearn.frozen.FrozenEstimator` inside a pipeline: otherwise ``fit`` trains it
        from the start.

    Raises
    ------
    ValueError
        If there is no model of this name.

    Notes
    -----
    The data are from UniProt, (c) UniProt Consortium, licensed CC BY 4.0. ``PROVENANCE.md`` beside
    the file tells how they were selected and how the model was trained.

    Examples
    --------
    >>> from sklearn_protlstm.pretrained import load_pretrained
    >>> features = load_pretrained().transform(["MNTQILVFIACVLIEAKGDKICL"])
    >>> features.shape
    (1, 1536)
    """
    if name not in PRETRAINED_MODELS:
        raise ValueError(
            f"There is no pretrained model {reprlib.repr(name)}. Choose one of "
            f"{list(PRETRAINED_MODELS)}, or load a model file of your own with load_model()"
        )
    folder = resources.files("sklearn_protlstm.pretrained") / "data"
    with resources.as_file(folder / f"{name}.model") as path:
        return load_model(path, device=device)
