"""What training sees depends on the rows and their weights, and on nothing else."""

from collections import defaultdict
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from sklearn_protlstm._training.data import TrainingSet, make_training_set, weigh_classes


@st.composite
def tables(draw):
    """Tokens, labels, weights and groups of a few rows, many of them equal."""
    n_samples = draw(st.integers(1, 12))
    dtype = draw(st.sampled_from(["uint8", "uint16"]))

    def column(elements):
        return draw(st.lists(elements, min_size=n_samples, max_size=n_samples))

    tokens = np.array(column(st.sampled_from([(2, 3, 0), (2, 0, 0), (7, 5, 4)])), dtype=dtype)
    labels = np.array(column(st.sampled_from([0, 1, 256, 65537])))
    # Tenths have no exact sum, so the order of adding them shows in the last bit.
    weights = np.array(column(st.sampled_from([0.1, 0.2, 0.3, 0.7, 1.0, 0.0])))
    weights[0] = 1
    return tokens, labels, weights, np.array(column(st.sampled_from(["a", "b", "c"])))


def assert_same(a, b):
    """Equal to the bit, dtypes included."""
    for name in ("tokens", "lengths", "labels", "weights", "groups"):
        one, other = getattr(a, name), getattr(b, name)
        if one is None:
            assert other is None
            continue
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@given(tables())
def test_equal_rows_are_merged_and_their_weights_added(table):
    tokens, labels, weights, groups = table
    total, groups_of = defaultdict(float), {}
    for row, label, weight, group in zip(*(column.tolist() for column in table)):
        if weight > 0:
            total[tuple(row), label] += weight
            groups_of.setdefault(tuple(row), set()).add(group)
    # Groups that share a sequence become one: spread the labels until none changes.
    for _ in range(3):
        for some, others in permutations(groups_of.values(), 2):
            if some & others:
                some |= others
    merged = make_training_set(tokens, labels, weights, groups)
    keys = list(zip(map(tuple, merged.tokens.tolist()), merged.labels.tolist()))
    assert len(merged) == len(keys) == len(total)
    assert set(keys) == set(total)
    expected = np.array([total[key] for key in keys])
    np.testing.assert_allclose(merged.weights, expected / expected.mean(), rtol=1e-12)
    assert merged.groups.tolist() == [min(groups_of[row]) for row, _ in keys]
    assert merged.lengths.tolist() == [max(1, np.count_nonzero(row)) for row in merged.tokens]
    dtypes = merged.tokens.dtype, merged.labels.dtype, merged.weights.dtype, merged.lengths.dtype
    assert dtypes == (tokens.dtype, labels.dtype, np.float64, np.int64)


@given(tables(), st.booleans(), st.randoms(use_true_random=False))
def test_order_of_the_rows_is_irrelevant(table, grouped, random):
    table = table if grouped else table[:3]
    order = list(range(len(table[0])))
    random.shuffle(order)
    shuffled = [column[order] for column in table]
    assert_same(make_training_set(*shuffled), make_training_set(*table))


def test_order_of_the_weights_is_irrelevant_to_the_bit():
    tokens = np.array([[2], [2], [2], [3]], dtype=np.uint8)
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1
    merged = [
        make_training_set(tokens, np.zeros(4, dtype=int), np.array([*weights, 1.0]))
        for weights in permutations([0.1, 0.2, 0.3])
    ]
    assert len({part.weights.tobytes() for part in merged}) == 1


@given(tables())
def test_weight_of_two_is_two_copies(table):
    tokens, labels, weights, groups = table
    repeats = np.arange(len(labels)) % 2 + 1
    copies = [np.repeat(column, repeats, axis=0) for column in (tokens, labels)]
    whole = np.ceil(weights)
    assert_same(
        make_training_set(*copies, np.repeat(whole, repeats), np.repeat(groups, repeats)),
        make_training_set(tokens, labels, whole * repeats, groups),
    )


@given(tables())
def test_rows_of_weight_zero_are_as_good_as_gone(table):
    kept = table[2] > 0
    assert_same(make_training_set(*table), make_training_set(*(column[kept] for column in table)))


@given(tables(), st.integers(1, 5))
def test_width_of_the_matrix_is_irrelevant(table, n_columns):
    tokens, *others = table
    wide = make_training_set(np.pad(tokens, [(0, 0), (0, n_columns)]), *others)
    narrow = make_training_set(*table)
    np.testing.assert_array_equal(wide.tokens[:, : tokens.shape[1]], narrow.tokens)
    assert not wide.tokens[:, tokens.shape[1] :].any()
    for name in ("lengths", "labels", "weights", "groups"):
        np.testing.assert_array_equal(getattr(wide, name), getattr(narrow, name))


def test_input_is_untouched():
    tokens, labels = np.array([[3], [2]], dtype=np.uint8), np.array([1, 0])
    weights = np.array([2.0, 1.0])
    make_training_set(tokens, labels, weights)
    assert (tokens.tolist(), labels.tolist(), weights.tolist()) == ([[3], [2]], [1, 0], [2, 1])


def many_rows(n_rows=60, n_classes=2, n_groups=None, seed=0):
    """Distinct rows of equal weight."""
    rng = np.random.RandomState(seed)
    return TrainingSet(
        tokens=np.arange(2, 2 + n_rows, dtype=np.uint16)[:, np.newaxis],
        lengths=np.ones(n_rows, dtype=np.int64),
        labels=rng.permutation(np.arange(n_rows) % n_classes),
        weights=np.ones(n_rows),
        groups=None if n_groups is None else rng.permutation(np.arange(n_rows) % n_groups),
    )


def test_take():
    rows = many_rows(n_groups=3)
    part = rows.take(np.array([5, 0, 9]))
    assert len(part) == 3
    assert part.tokens.ravel().tolist() == [7, 2, 11]
    for name in ("lengths", "labels", "weights", "groups"):
        np.testing.assert_array_equal(getattr(part, name), getattr(rows, name)[[5, 0, 9]])
    assert many_rows().take(np.array([1])).groups is None


CLASSES = np.array(["bird", "dog", "human", "pig"])


@pytest.mark.parametrize("class_weight", ["balanced", {"dog": 3.0, "human": 0.5, "bird": 1.5}])
def test_class_weights_are_those_of_scikit_learn(class_weight):
    labels = np.array([1] * 7 + [2] * 2 + [0] * 3)
    rows = many_rows(12)
    rows = TrainingSet(rows.tokens, rows.lengths, labels, np.ones(12))
    weighted = weigh_classes(rows, class_weight, CLASSES)
    expected = compute_sample_weight(class_weight, CLASSES[labels])
    np.testing.assert_allclose(weighted.weights, expected / expected.mean(), rtol=1e-12)


def test_balanced_classes_have_the_same_total_weight():
    rng = np.random.RandomState(0)
    rows = many_rows(40)
    labels = rng.choice([0, 0, 0, 1, 3], 40)  # class 2 does not occur
    rows = TrainingSet(rows.tokens, rows.lengths, labels, rng.uniform(0.1, 5, 40))
    weighted = weigh_classes(rows, "balanced", CLASSES)
    totals = np.bincount(labels, weights=weighted.weights)
    np.testing.assert_allclose(totals[[0, 1, 3]], 40 / 3)
    # Within a class the weights of the samples still count.
    ratios = weighted.weights[labels == 0] / rows.weights[labels == 0]
    np.testing.assert_allclose(ratios, ratios[0])


def test_balanced_counts_copies():
    # Two copies of one dog make one row, which counts as two sequences.
    tokens = np.array([[2], [2], [3], [4]], dtype=np.uint8)
    rows = make_training_set(tokens, np.array([0, 0, 1, 1]), np.ones(4))
    weighted = weigh_classes(rows, "balanced", CLASSES[:2])
    assert dict(zip(weighted.tokens.ravel().tolist(), weighted.weights)) == {
        2: 1.5,
        3: 0.75,
        4: 0.75,
    }


def test_classes_left_out_weigh_one():
    rows = many_rows(4)
    rows = TrainingSet(rows.tokens, rows.lengths, np.arange(4), np.ones(4))
    weighted = weigh_classes(rows, {"dog": 5}, CLASSES)
    assert weighted.weights.tolist() == [0.5, 2.5, 0.5, 0.5]


WEIGHTS = "expected finite weights that are not negative, and not 0 for every class in y"


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({"dog": -1.0}, r"class_weight=\{'dog': -1\.0\}: " + WEIGHTS),
        ({"dog": np.nan}, WEIGHTS),
        ({"dog": np.inf}, WEIGHTS),
        (dict.fromkeys(CLASSES.tolist(), 0), WEIGHTS),
        (
            {"dog": 1, "cat": 2},
            r"\['bird', 'human', 'pig'\] are not in class_weight, which has \['cat'\] instead",
        ),
    ],
)
def test_bad_class_weights(class_weight, message):
    with pytest.raises(ValueError, match=message):
        weigh_classes(many_rows(n_classes=4), class_weight, CLASSES)


def test_no_class_weights():
    rows = many_rows()
    assert weigh_classes(rows, None, CLASSES) is rows
