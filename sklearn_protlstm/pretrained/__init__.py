"""Language models that are part of the package.

================= ====================================================
load_pretrained   Loads a model that has read proteins without labels
PRETRAINED_MODELS Names of the models
================= ====================================================
"""

from sklearn_protlstm.pretrained._shipped import PRETRAINED_MODELS, load_pretrained

__all__ = ["PRETRAINED_MODELS", "load_pretrained"]
