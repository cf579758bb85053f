"""Frozen steps of a member run once, and change nothing else."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from toy_families import Recorder, make_families, toy_stack

from sklearn_protlstm.stacking._frozen_steps import join_steps, split_steps

X, Y, FAMILIES = make_families(60, seed=0)


class Doubler(TransformerMixin, BaseEstimator):
    """Counts the samples that it transforms."""

    def fit(self, X, y=None):
        self.n_seen_ = []
        return self

    def transform(self, X):
        self.n_seen_.append(len(X))
        if np.isnan(X).any():
            raise ValueError("I cannot double NaN")
        return 2 * X


class OtherPipeline(Pipeline):
    """A pipeline that nobody takes apart."""


def frozen(transformer):
    return FrozenEstimator(transformer.fit(X))


def test_frozen_steps_run_once():
    doubler = Doubler()
    member = make_pipeline(frozen(doubler), StandardScaler(), Recorder())
    stack = toy_stack(("one", member)).fit(X, Y, groups=FAMILIES)
    assert doubler.n_seen_ == [480]
    stack.predict(X[:7])
    assert doubler.n_seen_ == [480, 7]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_stack_is_the_same_as_if_each_fold_ran_them(n_jobs):
    steps = [
        ("double", frozen(Doubler())),
        ("first", frozen(StandardScaler())),
        ("own", StandardScaler()),
        ("last", Recorder()),
    ]
    split = toy_stack(("one", Pipeline(steps)), n_jobs=n_jobs).fit(X, Y, groups=FAMILIES)
    whole = toy_stack(("one", OtherPipeline(steps))).fit(X, Y, groups=FAMILIES)
    np.testing.assert_array_equal(split.member_log_proba_, whole.member_log_proba_)
    np.testing.assert_array_equal(split.predict_proba(X), whole.predict_proba(X))
    # The members are complete.
    for one, other in zip(split.estimators_[0], whole.estimators_[0]):
        assert list(one.named_steps) == ["double", "first", "own", "last"]
        np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_subclass_of_pipeline_is_not_split():
    doubler = Doubler()
    member = OtherPipeline([("double", frozen(doubler)), ("last", Recorder())])
    toy_stack(("one", member)).fit(X, Y, groups=FAMILIES)
    assert len(doubler.n_seen_) == 8  # both parts of four folds


def test_unfitted_member_stays_as_it_is():
    member = make_pipeline(frozen(Doubler()), Recorder())
    toy_stack(("one", member)).fit(X, Y, groups=FAMILIES)
    assert len(member.steps) == 2
    assert not hasattr(member[-1], "coef_")


def test_member_whose_fit_gets_arguments_is_not_split():
    doubler = Doubler()
    with sklearn.config_context(enable_metadata_routing=True):
        last = Recorder().set_fit_request(groups=True, sample_weight=False)
        stack = toy_stack(("one", make_pipeline(frozen(doubler), last)))
        stack.fit(X, Y, groups=FAMILIES)
    first = stack.estimators_[0][0]
    np.testing.assert_array_equal(first[-1].groups_, FAMILIES[stack.folds_ != 0])
    assert len(doubler.n_seen_) == 8  # both parts of four folds


def test_error_in_a_frozen_step_names_the_member():
    broken = X.copy()
    broken[3, 0] = np.nan
    stack = toy_stack(("one", make_pipeline(frozen(Doubler()), Recorder())))
    with pytest.raises(ValueError, match="I cannot double NaN") as caught:
        stack.fit(broken, Y, groups=FAMILIES)
    assert caught.value.__notes__ == ["Member 'one' failed in a frozen step"]


@pytest.mark.parametrize(
    ("make_steps", "n_frozen"),
    [
        (lambda: [frozen(StandardScaler()), Recorder()], 1),
        (lambda: [frozen(StandardScaler()), frozen(Doubler()), Recorder()], 2),
        (lambda: [frozen(StandardScaler()), StandardScaler(), frozen(Doubler()), Recorder()], 1),
        (lambda: [StandardScaler(), frozen(Doubler()), Recorder()], 0),
        # The classifier itself is not a step that transforms.
        (lambda: [FrozenEstimator(Recorder().fit(X, Y))], 0),
    ],
    ids=["one", "two", "later", "second", "classifier"],
)
def test_only_leading_frozen_steps_are_split(make_steps, n_frozen):
    member = make_pipeline(*make_steps())
    steps, rest = split_steps(member)
    if n_frozen == 0:
        assert (steps, rest) == (None, member)
    else:
        assert [step for _, step in steps.steps] == [step for _, step in member.steps[:n_frozen]]
        assert rest.steps == member.steps[n_frozen:]
    assert join_steps(steps, rest).steps == member.steps
