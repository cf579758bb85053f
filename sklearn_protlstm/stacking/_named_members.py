"""Members that have names, as in a VotingClassifier."""

import warnings

from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from sklearn_protlstm._meta_estimators import is_frozen, refuse_without_routing
from sklearn_protlstm._validation import BaseComposition

__all__ = ["NamedMembers", "warn_of_frozen_members"]


class NamedMembers(BaseComposition):
    """Parameters, tags and metadata routing of the pairs in ``estimators``."""

    @property
    def named_estimators(self):
        """The unfitted members by name, as a Bunch."""
        return Bunch(**dict(self.estimators))

    def get_params(self, deep=True):
        """Get the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add the members by name, and their parameters as ``name__parameter``.

        Returns
        -------
        params : dict
            Parameters by name.
        """
        return self._get_params("estimators", deep=deep)

    def set_params(self, **params):
        """Set parameters, members or parameters of members.

        Parameters
        ----------
        **params : dict
            ``name=estimator`` replaces a member, ``name="drop"`` leaves it out, and
            ``name__parameter=value`` sets a parameter of a member.

        Returns
        -------
        self : GroupStackingClassifier
            The classifier.
        """
        self._set_params("estimators", **params)
        return self

    def get_metadata_routing(self):
        """Get the metadata routing of the classifier and its members.

        Returns
        -------
        router : sklearn.utils.metadata_routing.MetadataRouter
            The classifier requests `groups`. Members request what their ``set_fit_request`` says.
        """
        router = MetadataRouter(owner=type(self).__name__).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        for name, estimator in self.active_members():
            router.add(**{name: estimator}, method_mapping=mapping)
        return router

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inputs = [get_tags(estimator).input_tags for _, estimator in self.active_members()]
        tags.input_tags.allow_nan = all(tag.allow_nan for tag in inputs)
        tags.input_tags.sparse = all(tag.sparse for tag in inputs)
        return tags

    def active_members(self):
        """Return the pairs (name, estimator) that are not dropped."""
        return [(name, member) for name, member in self.estimators if member != "drop"]

    def member_names(self):
        """Return the names of the members that are not dropped."""
        return [name for name, _ in self.active_members()]

    def check_members(self):
        """Return the active members, or raise an error that says which one is not usable."""
        if not self.estimators or not all(map(_is_named, self.estimators)):
            raise ValueError(
                "estimators must be a list of pairs (name, classifier) with at least one entry, "
                f"got {self.estimators!r}"
            )
        self._validate_names([name for name, _ in self.estimators])
        members = self.active_members()
        if not members:
            raise ValueError('Every member is "drop". Keep at least one classifier')
        for name, member in members:
            if isinstance(member, type) or not hasattr(member, "predict_proba"):
                raise TypeError(
                    f"Member {name!r} is {member!r}, expected a classifier with predict_proba. "
                    "Wrap a classifier without probabilities in CalibratedClassifierCV"
                )
        return members

    def _route_fit(self, members, groups, fit_params):
        """Return the arguments of fit for each member by its name."""
        refuse_without_routing(fit_params, "the members")
        if not get_config()["enable_metadata_routing"]:
            return {name: {} for name, _ in members}
        if groups is not None:
            fit_params = {**fit_params, "groups": groups}
        routed = process_routing(self, "fit", **fit_params)
        return {name: dict(routed[name]["fit"]) for name, _ in members}


def warn_of_frozen_members(members):
    """Warn of each classifier that no fold fits again. The caller is ``fit``."""
    for name, member in members:
        last = member.steps[-1][1] if isinstance(member, Pipeline) else member
        if is_frozen(last):
            warnings.warn(
                f"Member {name!r} is a FrozenEstimator, so no fold fits it again. If it was fitted "
                "to these sequences or their relatives, its weight is too large and the "
                "probabilities are overconfident. Pass it without FrozenEstimator, unless it "
                "learned from other proteins",
                stacklevel=4,  # the caller of fit
            )


def _is_named(item):
    return isinstance(item, (tuple, list)) and len(item) == 2 and isinstance(item[0], str)
