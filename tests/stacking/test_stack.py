"""GroupStackingClassifier: what it learns from held-out groups, and how it fits its members."""

import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    PredefinedSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.validation import check_is_fitted
from toy_families import Memory, Recorder, make_families, sequence_stack, toy_stack

from sklearn_protlstm import GroupStackingClassifier, KmerVectorizer, make_kmer_baseline
from sklearn_protlstm.exceptions import InvalidResidueError
from sklearn_protlstm.homology import cluster_sequences
from sklearn_protlstm.stacking._members import FoldFit
from sklearn_protlstm.stacking._pool import FLOOR, fit_pool
from sklearn_protlstm.stacking._weights import fit_weights

X, Y, FAMILIES = make_families(60, seed=0)
NEW_X, NEW_Y, _ = make_families(200, seed=1)


@pytest.fixture(scope="module")
def fitted():
    return toy_stack().fit(X, Y, groups=FAMILIES)


def test_attributes(fitted):
    assert fitted.classes_.tolist() == ["dog", "human"]
    assert [len(folds) for folds in fitted.estimators_] == [4, 4]
    assert {type(one).__name__ for one in fitted.estimators_[0]} == {"DecisionTreeClassifier"}
    assert fitted.weights_.shape == fitted.bias_.shape == (2,)
    assert fitted.out_of_fold_.shape == (480, 2)
    assert fitted.member_log_proba_.shape == (2, 480, 2)
    assert fitted.n_features_in_ == 5
    np.testing.assert_array_equal(fitted.classes_[fitted.codes_], Y)
    np.testing.assert_array_equal(fitted.groups_, FAMILIES)
    assert np.unique(fitted.folds_).tolist() == [0, 1, 2, 3]


def test_folds_keep_groups_together(fitted):
    for family in np.unique(FAMILIES):
        assert len(np.unique(fitted.folds_[family == FAMILIES])) == 1


def test_out_of_fold_predictions_are_those_of_members_that_did_not_see_the_fold(fitted):
    linear = fitted.estimators_[1]
    for fold, member in enumerate(linear):
        test = fitted.folds_ == fold
        again = clone(member).fit(X[~test], Y[~test])
        np.testing.assert_allclose(
            fitted.member_log_proba_[1, test], np.log(again.predict_proba(X[test]).clip(FLOOR))
        )


def test_prediction_is_the_pool_of_the_members(fitted):
    means = [
        np.mean([np.log(one.predict_proba(NEW_X).clip(FLOOR)) for one in folds], axis=0)
        for folds in fitted.estimators_
    ]
    logits = np.tensordot(fitted.weights_, means, axes=1) + fitted.bias_
    pool = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert fitted.doubt_ > 0.01
    expected = (1 - fitted.doubt_) * pool + fitted.doubt_ / 2
    np.testing.assert_allclose(fitted.predict_proba(NEW_X), expected)
    np.testing.assert_allclose(np.exp(fitted.predict_log_proba(NEW_X)), expected)
    np.testing.assert_array_equal(fitted.predict(NEW_X), fitted.classes_[expected.argmax(axis=1)])


def test_probabilities_hold_for_unseen_families():
    many_X, many_y, families = make_families(400, seed=2, size=3)
    stack = toy_stack().fit(many_X, many_y, groups=families)
    probabilities = stack.predict_proba(NEW_X)
    accuracy = np.mean(stack.predict(NEW_X) == NEW_Y)
    assert abs(probabilities.max(axis=1).mean() - accuracy) < 0.05
    # The estimate from the training data is close to the truth.
    assert abs(log_loss(many_y, stack.out_of_fold_) - log_loss(NEW_Y, probabilities)) < 0.05
    tree = DecisionTreeClassifier(random_state=0).fit(many_X, many_y)
    assert log_loss(NEW_Y, probabilities) < log_loss(NEW_Y, tree.predict_proba(NEW_X)) - 5


def test_one_member_is_calibrated():
    tree = DecisionTreeClassifier(random_state=0)
    stack = toy_stack(("tree", tree)).fit(X, Y, groups=FAMILIES)
    assert stack.weights_.shape == (1,)
    # The tree is always certain. So are its errors, which only doubt can explain.
    assert 0.3 < stack.doubt_ < 0.8
    assert log_loss(NEW_Y, stack.predict_proba(NEW_X)) < 0.7
    assert log_loss(NEW_Y, tree.fit(X, Y).predict_proba(NEW_X)) > 5


def test_memory_does_not_show_out_of_fold():
    # Labels have nothing to do with the rows, so a member can only memorize.
    y = np.tile(["dog", "human"], len(X) // 2)
    stack = toy_stack(("memory", Memory()), ("prior", DummyClassifier(strategy="prior")))
    stack.fit(X, y, groups=FAMILIES)
    assert log_loss(y, Memory().fit(X, y).predict_proba(X)) < 0.01
    np.testing.assert_allclose(stack.out_of_fold_, 0.5, atol=0.01)


def test_weights_of_a_fold_come_from_the_other_folds(fitted):
    known = np.ones((len(X), 2), dtype=bool)
    codes = np.searchsorted(fitted.classes_, Y)
    sample_weight = np.full(len(X), 8**-0.5)  # there are 8 samples in each family
    for fold in range(4):
        rest = fitted.folds_ != fold
        log_probas = fitted.member_log_proba_[:, rest]
        pool = fit_pool(log_probas, codes[rest], known[rest], sample_weight[rest])
        expected = np.exp(pool.combine(fitted.member_log_proba_[:, ~rest]))
        np.testing.assert_allclose(fitted.out_of_fold_[~rest], expected)


def test_group_counts_as_much_as_the_square_root_of_its_size():
    rng = np.random.RandomState(0)
    log_probas = np.log(rng.dirichlet(np.ones(2), size=(1, 24)))
    groups = np.repeat([7, 2, 9, 4], [16, 4, 1, 3])
    splits = [
        (np.flatnonzero(groups != group), np.flatnonzero(groups == group)) for group in (7, 2)
    ]
    splits.append((np.arange(20), np.arange(20, 24)))
    fits = [[FoldFit(None, log_probas[0, test]) for _, test in splits]]
    codes = np.arange(24) % 2
    pool = fit_weights(fits, splits, 2, codes, groups).pool
    sample_weight = np.repeat([1 / 4, 1 / 2, 1, 3**-0.5], [16, 4, 1, 3])
    expected = fit_pool(log_probas, codes, np.ones((24, 2), dtype=bool), sample_weight)
    np.testing.assert_allclose(pool.bias, expected.bias)
    # Without groups, all samples count alike.
    pool = fit_weights(fits, splits, 2, codes, None).pool
    expected = fit_pool(log_probas, codes, np.ones((24, 2), dtype=bool), np.ones(24))
    np.testing.assert_allclose(pool.bias, expected.bias)


def test_same_seed_gives_the_same_result(fitted):
    again = toy_stack().fit(X, Y, groups=FAMILIES)
    np.testing.assert_array_equal(again.predict_proba(NEW_X), fitted.predict_proba(NEW_X))
    other = toy_stack(random_state=1).fit(X, Y, groups=FAMILIES)
    assert (other.folds_ != fitted.folds_).any()


@pytest.mark.slow
def test_number_of_jobs_does_not_matter(fitted):
    parallel = toy_stack(n_jobs=2).fit(X, Y, groups=FAMILIES)
    np.testing.assert_array_equal(parallel.out_of_fold_, fitted.out_of_fold_)
    np.testing.assert_array_equal(parallel.predict_proba(NEW_X), fitted.predict_proba(NEW_X))


def test_pickle_and_clone(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(NEW_X), fitted.predict_proba(NEW_X))
    assert not hasattr(clone(fitted), "weights_")


# Folds and groups


def test_a_splitter_makes_the_folds():
    stack = toy_stack(cv=GroupKFold(3)).fit(X, Y, groups=FAMILIES)
    for fold, (_, test) in enumerate(GroupKFold(3).split(X, Y, FAMILIES)):
        assert (stack.folds_[test] == fold).all()


def test_matrix_without_groups_gets_stratified_folds():
    stack = toy_stack().fit(X, Y)
    assert stack.groups_ is None
    splitter = StratifiedKFold(4, shuffle=True, random_state=0)
    for fold, (_, test) in enumerate(splitter.split(X, Y)):
        assert (stack.folds_[test] == fold).all()


HELIX, SHEET = "AELKAELKAELKAELKAELKAELK", "TVYWTVYWTVYWTVYWTVYWTVYW"


def similar_proteins():
    """Pairs of near-copies, and their labels."""
    rng = np.random.RandomState(0)
    sequences = []
    for label in (HELIX, SHEET):
        for _ in range(6):
            residues = rng.permutation(list(label)).tolist()
            sequences += ["".join(residues), "".join([*residues, "G"])]
    return sequences, ["helix"] * 12 + ["sheet"] * 12


def test_sequences_without_groups_are_clustered(capsys):
    sequences, y = similar_proteins()
    stack = sequence_stack(min_identity=0.9, verbose=1).fit(sequences, y)
    groups = cluster_sequences(sequences, 0.9)
    np.testing.assert_array_equal(stack.groups_, groups)
    assert groups.max() == 11
    assert "fit got no groups: clustered 24 sequences into 12 groups of at least 0.9 identity" in (
        capsys.readouterr().out
    )
    given = sequence_stack().fit(sequences, y, groups=groups)
    np.testing.assert_array_equal(given.predict_proba(sequences), stack.predict_proba(sequences))
    assert not hasattr(stack, "n_features_in_")


def test_a_splitter_without_groups_does_not_cluster():
    sequences, y = similar_proteins()
    numbers = np.arange(24) % 3
    stack = sequence_stack(cv=PredefinedSplit(numbers)).fit(sequences, y)
    assert stack.groups_ is None
    np.testing.assert_array_equal(stack.folds_, numbers)
    stack = sequence_stack(cv=StratifiedGroupKFold(3), min_identity=0.9).fit(sequences, y)
    np.testing.assert_array_equal(stack.groups_, cluster_sequences(sequences, 0.9))


def test_class_in_a_single_group():
    y = Y.astype("<U5").copy()
    y[FAMILIES == 0] = "bird"
    stack = toy_stack()
    with pytest.warns(UserWarning, match="lacks class 'bird'") as caught:
        stack.fit(X, y, groups=FAMILIES)
    fold = stack.folds_[0]
    assert str(caught[0].message) == (
        f"The training part of fold {fold} (counted from 0) lacks class 'bird'. Its members give "
        "the class the lowest probability, and the samples of the class do not count for the "
        "weights. Collect more groups of the class, or use more folds"
    )
    assert caught[0].filename == __file__
    bird = stack.classes_.tolist().index("bird")
    np.testing.assert_allclose(stack.member_log_proba_[:, FAMILIES == 0, bird], np.log(FLOOR))
    assert (stack.out_of_fold_[FAMILIES == 0, bird] < 0.5).all()
    # The members of the other folds know the class.
    assert (stack.predict(X[FAMILIES == 0]) == "bird").all()
    np.testing.assert_allclose(stack.predict_proba(X).sum(axis=1), 1)


# Members


def test_frozen_classifiers_are_a_warning():
    frozen = FrozenEstimator(GaussianNB().fit(X, Y))
    members = [
        ("old", frozen),
        ("dropped", "drop"),
        ("features", make_pipeline(FrozenEstimator(StandardScaler().fit(X)), GaussianNB())),
        ("scaled", make_pipeline(StandardScaler(), frozen)),
    ]
    with pytest.warns(UserWarning, match="is a FrozenEstimator") as caught:
        GroupStackingClassifier(members, cv=2).fit(X, Y, groups=FAMILIES)
    assert [str(each.message).split()[1] for each in caught] == ["'old'", "'scaled'"]
    assert str(caught[0].message) == (
        "Member 'old' is a FrozenEstimator, so no fold fits it again. If it was fitted to these "
        "sequences or their relatives, its weight is too large and the probabilities are "
        "overconfident. Pass it without FrozenEstimator, unless it learned from other proteins"
    )
    assert caught[0].filename == __file__


def test_parameters_of_members():
    stack = toy_stack()
    assert stack.get_params()["linear__C"] == 1
    assert stack.get_params(deep=False).keys() == {
        "estimators",
        "cv",
        "min_identity",
        "n_jobs",
        "random_state",
        "verbose",
    }
    stack.set_params(linear__C=0.1, tree="drop")
    assert stack.named_estimators.linear.C == 0.1
    assert stack.named_estimators.tree == "drop"
    stack.fit(X, Y, groups=FAMILIES)
    assert len(stack.estimators_) == len(stack.weights_) == 1
    assert stack.estimators_[0][0].C == 0.1


def test_members_stay_unfitted():
    member = LogisticRegression()
    toy_stack(("linear", member)).fit(X, Y, groups=FAMILIES)
    assert not hasattr(member, "coef_")


def test_search_sets_parameters_of_members():
    search = GridSearchCV(
        toy_stack(("linear", LogisticRegression())), {"linear__C": [1e-4, 1.0]}, cv=GroupKFold(2)
    )
    search.fit(X, Y, groups=FAMILIES)
    assert search.best_params_ == {"linear__C": 1.0}


@pytest.mark.parametrize(
    ("estimators", "error", "message"),
    [
        ([], ValueError, r"list of pairs \(name, classifier\) with at least one entry, got \[\]"),
        ([LogisticRegression()], ValueError, "estimators must be a list of pairs"),
        ([("a", "drop")], ValueError, 'Every member is "drop". Keep at least one classifier'),
        ([("a", GaussianNB()), ("a", GaussianNB())], ValueError, "Names provided are not unique"),
        ([("cv", GaussianNB())], ValueError, "conflict with constructor arguments: .'cv'."),
        ([("a__b", GaussianNB())], ValueError, "must not contain __"),
        (
            [("svm", LinearSVC())],
            TypeError,
            r"Member 'svm' is LinearSVC\(\), expected a classifier with predict_proba. Wrap a "
            "classifier without probabilities in CalibratedClassifierCV",
        ),
        ([("nb", GaussianNB)], TypeError, "Member 'nb' is <class '.*GaussianNB'>, expected a"),
    ],
)
def test_unusable_members(estimators, error, message):
    stack = toy_stack().set_params(estimators=estimators)
    with pytest.raises(error, match=message):
        stack.fit(X, Y)


@pytest.mark.parametrize(
    ("name", "value"), [("cv", 1), ("cv", "5"), ("min_identity", 1.5), ("n_jobs", "all")]
)
def test_parameters_out_of_range(name, value):
    with pytest.raises(InvalidParameterError, match=f"The '{name}' parameter of GroupStacking"):
        toy_stack(**{name: value}).fit(X, Y)


def test_error_names_member_fold_and_sample():
    sequences, y = similar_proteins()
    sequences[5] = "MNT-Q"
    with pytest.raises(InvalidResidueError) as caught:
        sequence_stack().fit(sequences, y, groups=np.arange(24))
    (note,) = caught.value.__notes__
    assert note in (
        f"Member 'k-mers' failed in fold {fold} (counted from 0). It is sequence 5 of X"
        for fold in range(3)
    )


class Interrupted(LogisticRegression):
    def fit(self, X, y):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("bad", "error"),
    [(Interrupted(), KeyboardInterrupt), (LogisticRegression(C=-1), InvalidParameterError)],
)
def test_failed_fit_leaves_an_unfitted_classifier(bad, error):
    stack = toy_stack().fit(X, Y, groups=FAMILIES)
    stack.set_params(linear=bad)
    with pytest.raises(error):
        stack.fit(X, Y, groups=FAMILIES)
    for use in (stack.predict_proba, stack.predict, lambda X: stack.frame(), check_is_fitted):
        with pytest.raises(NotFittedError):
            use(stack if use is check_is_fitted else X)


def test_progress_counts_members_and_folds(capsys):
    toy_stack(verbose=1).fit(X, Y, groups=FAMILIES)
    assert "8/8" in capsys.readouterr().err
    toy_stack().fit(X, Y, groups=FAMILIES)
    assert capsys.readouterr().err == ""


# Metadata routing


def test_without_routing_groups_decide_the_folds_only():
    stack = toy_stack(("member", Recorder())).fit(X, Y, groups=FAMILIES)
    assert all(member.groups_ is None for member in stack.estimators_[0])
    with pytest.raises(ValueError, match="fit got sample_weight, which goes to the members with"):
        stack.fit(X, Y, sample_weight=np.ones(len(X)))


def test_members_get_what_they_request():
    weights = np.arange(len(X)) + 1.0
    with sklearn.config_context(enable_metadata_routing=True):
        one = Recorder().set_fit_request(groups=True, sample_weight=False)
        other = Recorder().set_fit_request(groups=False, sample_weight=True)
        stack = toy_stack(("one", one), ("other", other))
        stack.fit(X, Y, groups=FAMILIES, sample_weight=weights)
    for fold in range(4):
        train = stack.folds_ != fold
        one, other = (folds[fold] for folds in stack.estimators_)
        np.testing.assert_array_equal(one.groups_, FAMILIES[train])
        np.testing.assert_array_equal(other.sample_weight_, weights[train])
        assert one.sample_weight_ is None
        assert other.groups_ is None


def test_cross_validation_routes_groups_without_a_request():
    with sklearn.config_context(enable_metadata_routing=True):
        scores = cross_val_score(
            toy_stack(cv=2), X, Y, cv=GroupKFold(3), params={"groups": FAMILIES}
        )
    assert scores.shape == (3,)
    assert scores.mean() > 0.6


def test_pipelines_are_members():
    sequences, y = similar_proteins()
    stack = sequence_stack().set_params(**{"k-mers": make_kmer_baseline(k=2)})
    stack.fit(sequences, y, groups=np.arange(24) // 2)
    assert isinstance(stack.estimators_[0][0][0], KmerVectorizer)
    assert stack.score(sequences, y) == 1
