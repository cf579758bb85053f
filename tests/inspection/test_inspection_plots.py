"""Plots show the numbers of the results."""

import re
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from inspected_models import fitted_pipeline, random_proteins
from sklearn.pipeline import make_pipeline
from tiny_models import tiny_classifier

from sklearn_protlstm import SequenceEncoder
from sklearn_protlstm.inspection import (
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)
from sklearn_protlstm.inspection._plots import letter_heights


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts(labels):
    return [label.get_text() for label in labels]


@pytest.mark.parametrize(
    ("inspect", "arguments"),
    [
        (memory_trace, ("ACD",)),
        (memory_horizon, (["ACD", "AC"],)),
        (position_scan, ("W", "ACD")),
        (mutation_scan, ("ACD",)),
        (residue_attribution, (["ACD"],)),
        (top_windows, (["ACDEFGHIK"],)),
    ],
)
def test_plot_draws_on_the_given_axes_and_returns_the_figure(inspect, arguments):
    result = inspect(fitted_pipeline(max_epochs=1), *arguments)
    figure, (ax, other) = plt.subplots(2)
    assert result.plot(ax=ax) is figure
    assert ax.has_data()
    assert not other.has_data()
    created = result.plot()
    assert isinstance(created, plt.Figure)
    assert created is not figure
    assert created.axes[0].has_data()


def test_trace_plot_has_one_curve_per_class():
    trace = memory_trace(fitted_pipeline(), "ACDEFGHIKLM")
    ax = trace.plot().axes[0]
    for line, values in zip(ax.lines, trace.forward.T):
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert texts(ax.get_legend().get_texts()) == ["bird", "human", "pig"]
    assert texts(ax.get_xticklabels())[8:10] == ["K", "L\n10"]
    assert ax.get_xlabel() == "last residue read, starting at the N-terminus"
    assert not ax.xaxis_inverted()


def test_backward_trace_plot_runs_from_right_to_left():
    trace = memory_trace(fitted_pipeline(), "ACDEFGHIKLM")
    ax = trace.plot(direction="backward").axes[0]
    assert ax.xaxis_inverted()
    assert ax.get_xlabel() == "last residue read, starting at the C-terminus"
    for line, values in zip(ax.lines, trace.backward.T):
        np.testing.assert_array_equal(line.get_ydata(), values)


def test_unknown_direction_is_refused():
    trace = memory_trace(fitted_pipeline(max_epochs=1), "ACD")
    message = "direction='up' is not valid. Use 'forward' or 'backward'"
    with pytest.raises(ValueError, match=message):
        trace.plot(direction="up")


def test_horizon_plot_has_no_legend():
    ax = memory_horizon(fitted_pipeline(), ["ACD"]).plot().axes[0]
    assert ax.get_ylabel() == "mean change of the log-odds"
    assert ax.get_xlabel() == "residues between the substitution and the C-terminus"
    assert ax.get_legend() is None


def test_position_plot_names_the_motif():
    ax = position_scan(fitted_pipeline(max_epochs=1), "W", "AAA").plot().axes[0]
    assert ax.get_xlabel() == "position of the first residue of W"


def test_curves_of_many_classes_differ_in_colour_or_line_style():
    X = random_proteins(60)
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(X, [protein[0] for protein in X])
    lines = memory_trace(model, "ACD").plot().axes[0].lines
    assert len(lines) > 8
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines)
    assert {line.get_marker() for line in lines} == {"None"}


def test_curve_of_a_single_point_has_a_marker():
    figure = memory_trace(fitted_pipeline(max_epochs=1), "A").plot()
    assert figure.axes[0].lines[0].get_marker() == "o"


def test_mutation_plot_shows_the_effects():
    scan = mutation_scan(fitted_pipeline(SequenceEncoder(max_length=150)), "ACDE")
    ax = scan.plot().axes[0]
    np.testing.assert_array_equal(ax.images[0].get_array(), scan.effects)
    assert texts(ax.get_yticklabels()) == list(scan.residues)
    assert ax.get_ylabel() == "substitute"


def test_mutation_plot_marks_the_original_residues():
    scan = mutation_scan(fitted_pipeline(), "ACDE")
    [dots] = scan.plot().axes[0].lines
    assert dots.get_xdata().tolist() == [1, 2, 3, 4]
    assert [scan.residues[int(row)] for row in dots.get_ydata()] == list("ACDE")


def test_mutation_plot_of_a_long_protein_has_no_letters():
    model = fitted_pipeline(SequenceEncoder(max_length=150))
    [protein] = random_proteins(1, low=130, high=131)
    assert not mutation_scan(model, protein).plot().axes[0].lines


def test_mutation_plot_of_unknown_residues_only():
    ax = mutation_scan(fitted_pipeline(max_epochs=1), "XB").plot().axes[0]
    assert not ax.lines
    assert texts(ax.get_yticklabels())[0] == "A"


def test_attribution_plot_shows_the_chosen_protein_in_lines():
    model = fitted_pipeline(SequenceEncoder(max_length=150))
    [protein] = random_proteins(1, low=130, high=131)
    result = residue_attribution(model, ["AC", protein], target="pig")
    ax, colorbar, *_ = result.plot(1).axes
    [image] = ax.images
    np.testing.assert_allclose(np.ravel(image.get_array())[:130], result.scores[1])
    assert image.get_array().shape == (3, 60)
    assert "".join(texts(ax.texts)) == protein
    assert texts(ax.get_yticklabels()) == ["1", "61", "121"]
    assert colorbar.get_xlabel() == "log-odds: above 0 supports pig, below 0 opposes it"


def test_logo_plot_has_one_letter_per_residue_and_place():
    windows = top_windows(fitted_pipeline(), ["WWAA", "WWCA", "AAWW"], k=2, target="pig")
    ax = windows.plot().axes[0]
    assert ax.get_ylabel() == "bits"
    assert len(ax.patches) == sum(len(set(column)) for column in zip(*windows.windows))


def test_letter_heights_are_frequency_times_information():
    # Four windows WA and four WC: no entropy at the first place, one bit at the second.
    heights = letter_heights(["WA", "WC"], np.array([4, 4]))
    np.testing.assert_allclose(heights["W"], [np.log2(20), 0])
    np.testing.assert_allclose(heights["A"], [0, (np.log2(20) - 1) / 2])
    np.testing.assert_allclose(heights["C"], heights["A"])


def test_missing_logomaker_is_reported(monkeypatch):
    windows = top_windows(fitted_pipeline(max_epochs=1), ["WWAA"], k=2)
    monkeypatch.setitem(sys.modules, "logomaker", None)
    message = re.escape(
        'TopWindows.plot() needs logomaker. Install it with pip install "sklearn-protlstm[logo]"'
    )
    with pytest.raises(ImportError, match=message):
        windows.plot()
