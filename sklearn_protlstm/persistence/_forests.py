"""Convert the trees of an ExtraTreesClassifier to arrays, and back.

scikit-learn follows the numbers of child nodes without a check, so a wrong number reads memory
outside the tree, and a circle never ends. Loading therefore checks every node. The nodes of all
trees are joined: a forest has one array per attribute of a node.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from sklearn.tree import ExtraTreeClassifier

from sklearn_protlstm.exceptions import InvalidModelContentError, UnsavableModelError
from sklearn_protlstm.persistence._values import get_entry, pop_array

__all__ = ["forest_state_to_data", "restore_forest_state"]

_LEAF = -1
# The dtype of each attribute of a node.
_NODE = {
    "left_child": "int64",
    "right_child": "int64",
    "feature": "int64",
    "threshold": "float64",
    "impurity": "float64",
    "n_node_samples": "int64",
    "weighted_n_node_samples": "float64",
    "missing_go_to_left": "uint8",
}


def forest_state_to_data(forest, prefix, arrays):
    """Convert the trees to data, and add the nodes of all trees to `arrays`."""
    states = [tree.tree_.__getstate__() for tree in forest.estimators_]
    if sorted(states[0]["nodes"].dtype.names) != sorted(_NODE):
        raise UnsavableModelError(
            f"The trees have nodes with {', '.join(states[0]['nodes'].dtype.names)}, but a model "
            f"file can store {', '.join(_NODE)}. Update sklearn_protlstm, or save the model with "
            "joblib.dump",
            name=f"{prefix}estimators_",
        )
    nodes = np.concatenate([state["nodes"] for state in states])
    for name, dtype in _NODE.items():
        arrays[f"{prefix}nodes.{name}"] = np.ascontiguousarray(nodes[name], dtype=dtype)
    arrays[f"{prefix}nodes.values"] = np.concatenate([state["values"][:, 0] for state in states])
    return {
        "n_nodes": [len(state["nodes"]) for state in states],
        "random_states": [int(tree.random_state) for tree in forest.estimators_],
        "max_features": [int(tree.max_features_) for tree in forest.estimators_],
    }


def restore_forest_state(forest, state, prefix, arrays):
    """Set the trees of a forest from data and arrays."""
    if len(forest.classes_) != forest.n_classes_:
        raise InvalidModelContentError(
            f"n_classes_ is {forest.n_classes_}, but there are {len(forest.classes_)} classes"
        )
    sizes = _pop_integers(state, "n_nodes", forest, 1)
    seeds = _pop_integers(state, "random_states", forest, 0, 2**31 - 1)
    max_features = _pop_integers(state, "max_features", forest, 1, forest.n_features_in_)
    nodes, values = _pop_nodes(arrays, prefix, sum(sizes), forest)
    forest.estimator_ = forest.estimator
    forest.estimators_ = []
    starts = np.cumsum([0, *sizes])
    for i, (start, stop) in enumerate(pairwise(starts)):
        tree = forest._make_estimator(append=True)
        tree.set_params(random_state=seeds[i])
        tree.n_features_in_ = forest.n_features_in_
        tree.n_outputs_ = 1
        tree.n_classes_ = np.int64(forest.n_classes_)
        tree.classes_ = np.arange(forest.n_classes_, dtype=np.float64)
        tree.max_features_ = max_features[i]
        tree.tree_ = _make_tree(nodes[start:stop], values[start:stop], forest)


def _pop_integers(state, name, forest, low, high=np.inf):
    """Return one integer per tree."""
    numbers = get_entry(state, name, list)
    are_legal = all(type(number) is int and low <= number <= high for number in numbers)
    if not are_legal or len(numbers) != forest.n_estimators:
        raise InvalidModelContentError(
            f"{name} of a forest are not {forest.n_estimators} integers from {low} to {high}"
        )
    return numbers


def _pop_nodes(arrays, prefix, n_nodes, forest):
    columns = {
        name: pop_array(arrays, f"{prefix}nodes.{name}", dtype, 1) for name, dtype in _NODE.items()
    }
    values = pop_array(arrays, f"{prefix}nodes.values", "float64", 2)
    lengths = {len(column) for column in columns.values()}
    if lengths != {n_nodes} or values.shape != (n_nodes, forest.n_classes_):
        raise InvalidModelContentError(
            f"the arrays of the nodes have other sizes than {n_nodes} nodes and "
            f"{forest.n_classes_} classes"
        )
    is_leaf = columns["left_child"] == _LEAF
    has_feature = (columns["feature"] >= 0) & (columns["feature"] < forest.n_features_in_)
    are_legal = (
        (has_feature | is_leaf).all()
        and (columns["missing_go_to_left"] <= 1).all()
        and all(np.isfinite(column).all() for column in columns.values())
        and np.isfinite(values).all()
        and (values >= 0).all()
    )
    if not are_legal:
        raise InvalidModelContentError("a node of a tree has an illegal feature or value")
    _, node_dtype = _tree_types()
    if sorted(node_dtype.names) != sorted(_NODE):
        raise InvalidModelContentError(
            f"nodes have {', '.join(_NODE)}, but those of this scikit-learn have "
            f"{', '.join(node_dtype.names)}"
        )
    nodes = np.zeros(n_nodes, dtype=node_dtype)
    for name, column in columns.items():
        nodes[name] = column
    return nodes, values


def _make_tree(nodes, values, forest):
    tree_class, _ = _tree_types()
    max_depth = _max_depth(nodes["left_child"].tolist(), nodes["right_child"].tolist())
    tree = tree_class(forest.n_features_in_, np.array([forest.n_classes_], dtype=np.intp), 1)
    tree.__setstate__(
        {
            "max_depth": max_depth,
            "node_count": len(nodes),
            "nodes": nodes,
            "values": np.ascontiguousarray(values[:, np.newaxis, :]),
        }
    )
    return tree


@cache
def _tree_types():
    """Return scikit-learn's private class of fitted trees, and the dtype of its nodes."""
    tree = ExtraTreeClassifier(random_state=0).fit([[0], [1]], [0, 1]).tree_
    return type(tree), tree.__getstate__()["nodes"].dtype


def _max_depth(left, right):
    """Return the depth of a tree, whose nodes come after their parents and have one parent each."""
    depths = [0] + [None] * (len(left) - 1)
    for node, children in enumerate(zip(left, right)):
        if children == (_LEAF, _LEAF) and depths[node] is not None:
            continue
        for child in children:
            if depths[node] is None or not node < child < len(left) or depths[child] is not None:
                raise InvalidModelContentError(
                    f"node {node} of a tree has the children {children}, which do not form a tree"
                )
            depths[child] = depths[node] + 1
    return max(depths)
