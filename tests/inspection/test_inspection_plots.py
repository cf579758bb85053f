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
    MemoryHorizon,
    TopWindows,
    memory_horizon,
    memory_trace,
    mutation_scan,
    position_scan,
    residue_attribution,
    top_windows,
)
from sklearn_protlstm.inspection._logos import letter_heights
from sklearn_protlstm.inspection._plots import COLORS, draw_curves
from sklearn_protlstm.inspection._protein_plots import fold_columns, fold_lines

UNIFORM = dict.fromkeys("ACDEFGHIKLMNPQRSTVWY", 0.05)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts(labels):
    return [label.get_text() for label in labels]


def hatched(ax):
    """Left and right ends of the hatched rectangles."""
    found = [patch for patch in ax.patches if patch.get_hatch()]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in found]


def windows_of(windows, counts, composition=UNIFORM):
    return TopWindows(windows, np.array(counts), np.zeros(len(windows)), composition, "")


@pytest.mark.parametrize(
    ("inspect", "arguments"),
    [
        (memory_trace, ("ACD",)),
        (memory_horizon, (["ACD", "AC"],)),
        (position_scan, ("W", "ACD")),
        (mutation_scan, ("ACD",)),
        (residue_attribution, (["ACD"],)),
        (top_windows, (["ACDEFGHI"] * 10,)),
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


def test_horizon_plot_names_its_axes():
    ax, counts = memory_horizon(fitted_pipeline(), ["ACD"]).plot().axes
    assert ax.get_ylabel() == "mean change of the log-odds"
    assert ax.get_xlabel() == "residues between the substitution and the C-terminus"
    assert counts.get_ylabel() == "number of proteins (grey)"


def test_horizon_plot_shows_the_number_of_proteins_and_marks_few():
    effects, n_proteins = np.array([0.5, 0.4, 0.3, np.nan]), np.array([20, 10, 9, 0])
    ax, counts = MemoryHorizon(np.arange(4), effects, n_proteins, "C-terminus", "").plot().axes
    _, many, few = ax.lines
    np.testing.assert_array_equal(many.get_ydata(), [0.5, 0.4, np.nan, np.nan])
    np.testing.assert_array_equal(few.get_ydata(), [np.nan, np.nan, 0.3, np.nan])
    assert few.get_markerfacecolor() == "white"
    assert texts(ax.get_legend().get_texts()) == [
        "at least 10 proteins",
        "fewer than 10 proteins",
    ]
    [area] = counts.collections
    assert set(area.get_paths()[0].vertices[:, 1]) == {0, 9, 10, 20}
    assert counts.get_ylim() == (0, 21)


def test_position_plot_names_the_motif():
    ax = position_scan(fitted_pipeline(max_epochs=1), "W", "AAA").plot().axes[0]
    assert ax.get_xlabel() == "position of the first residue of W"


def test_curves_of_many_classes_differ_in_colour_or_line_style():
    X = random_proteins(60)
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(X, [protein[0] for protein in X])
    lines = position_scan(model, "W", "ACD").plot().axes[0].lines
    assert len(lines) > 8
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines)
    assert {line.get_marker() for line in lines} == {"None"}


def test_trace_of_many_classes_colours_the_two_that_matter():
    X = random_proteins(60)
    model = make_pipeline(SequenceEncoder(), tiny_classifier(max_epochs=1))
    model.fit(X, [ord(protein[0]) % 6 for protein in X])
    trace = memory_trace(model, "ACDEF")
    first, second = np.sort(np.argsort(trace.forward[-1])[-2:])
    for direction in ("forward", "backward"):
        ax = trace.plot(direction=direction).axes[0]
        curves = getattr(trace, direction)
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), curves[:, first])
        np.testing.assert_array_equal(ax.lines[1].get_ydata(), curves[:, second])
        colors = [line.get_color() for line in ax.lines]
        assert colors[:2] == list(COLORS[:2])
        assert set(colors[2:]) == {"#999999"}
        assert len(ax.lines) == 6
        assert texts(ax.get_legend().get_texts()) == [str(first), str(second), "4 other classes"]


def test_grey_class_is_named_at_its_peak_if_it_leads_there():
    probabilities = np.array([[0.1, 0.2, 0.6, 0.1], [0.5, 0.4, 0.1, 0.0], [0.5, 0.1, 0.1, 0.3]])
    ax = draw_curves(
        np.arange(1, 4), probabilities, ["a", "b", "c", "d"], xlabel="", coloured=[0, 1]
    )
    [name] = ax.texts
    assert (name.get_text(), name.xy) == ("c", (1, 0.6))


def test_position_plot_hatches_where_the_motif_is_not_read():
    scan = position_scan(fitted_pipeline(SequenceEncoder(max_length=4)), "WW", "ACDEF")
    ax = scan.plot().axes[0]
    assert hatched(ax) == [(1.5, 5.5)]
    assert texts(ax.get_legend().get_texts())[-1] == "WW not read"
    assert hatched(position_scan(fitted_pipeline(), "WW", "ACDEF").plot().axes[0]) == []


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


def test_mutation_plot_folds_residues_that_are_not_read():
    model = fitted_pipeline(SequenceEncoder(max_length=4))
    [protein] = random_proteins(1, low=40, high=41)
    scan = mutation_scan(model, protein)
    ax = scan.plot().axes[0]
    shown = ax.images[0].get_array()
    np.testing.assert_array_equal(shown[:, [0, 1, 5, 6]], scan.effects[:, [0, 1, 38, 39]])
    assert np.isnan(np.ma.filled(shown, np.nan)[:, 2:5]).all()
    assert hatched(ax) == [(2.5, 5.5)]
    assert ax.get_xticks().tolist() == [1, 2, 6, 7]
    assert texts(ax.get_xticklabels()) == [*protein[:2], protein[38], f"{protein[39]}\n40"]
    assert texts(ax.get_legend().get_texts()) == ["not read: 36 residues"]
    assert len(ax.lines[0].get_xdata()) == 4


def test_mutation_plot_of_a_long_folded_protein_shows_true_positions():
    model = fitted_pipeline(SequenceEncoder(max_length=100), max_epochs=1)
    [protein] = random_proteins(1, low=300, high=301)
    ax = mutation_scan(model, protein).plot().axes[0]
    assert texts(ax.get_xticklabels()) == [
        *["1", "10", "20", "30", "40", "50"],
        *["251", "260", "270", "280", "290", "300"],
    ]
    assert ax.get_xticks().tolist()[5:7] == [50, 55]


def test_plots_of_proteins_read_in_full_have_no_hatching():
    model = fitted_pipeline(SequenceEncoder(max_length=150))
    [protein] = random_proteins(1, low=130, high=131)
    for result in (mutation_scan(model, protein), residue_attribution(model, [protein])):
        for ax in result.plot().axes:
            assert hatched(ax) == []
            assert ax.get_legend() is None


def test_columns_are_folded_only_if_this_saves_space():
    read = np.array([True] + [False] * 3 + [True])
    assert fold_columns(read).tolist() == [0, 1, 2, 3, 4]
    read = np.array([False] * 4 + [True] * 2)
    assert fold_columns(read).tolist() == [-1, -1, -1, 4, 5]


def test_lines_without_read_residues_are_merged():
    read = np.array([True] * 2 + [False] * 5 + [True])
    assert fold_lines(read, 2) == [(0, 2), (2, 6), (6, 8)]
    assert fold_lines(read, 3) == [(0, 3), (3, 6), (6, 8)]
    assert fold_lines(~read, 2) == [(0, 2), (2, 4), (4, 6), (6, 8)]


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


def test_attribution_plot_folds_lines_that_are_not_read():
    model = fitted_pipeline(SequenceEncoder(max_length=100), max_epochs=1)
    [protein] = random_proteins(1, low=600, high=601)
    result = residue_attribution(model, [protein], target="pig")
    ax, colorbar, *_ = result.plot().axes
    assert texts(ax.get_yticklabels()) == ["1", "61", "541"]
    assert ax.images[0].get_array().shape == (3, 60)
    letters = "".join(text for text in texts(ax.texts) if len(text) == 1)
    assert letters == protein[:60] + protein[540:]
    assert [text for text in texts(ax.texts) if len(text) > 1] == ["residues 61 to 540 not read"]
    # The hatching covers residues 51 to 60, the fold, and residues 541 to 550.
    assert hatched(ax) == [(49.5, 59.5), (-0.5, 59.5), (-0.5, 9.5)]
    assert texts(colorbar.get_legend().get_texts()) == ["not read: 500 residues"]


def test_attribution_plot_of_a_very_long_protein_is_short():
    model = fitted_pipeline(SequenceEncoder(max_length=100), max_epochs=1)
    figure = residue_attribution(model, random_proteins(1, low=6705, high=6706)).plot()
    # Residues 1 to 60, 61 to 6600, 6601 to 6660 and 6661 to 6705.
    assert figure.axes[0].images[0].get_array().shape == (4, 60)
    assert figure.get_figheight() < 3


def test_logo_plot_has_one_letter_per_residue_and_place():
    ax = windows_of(["WA", "WC"], [10, 10]).plot().axes[0]
    assert ax.get_ylabel() == "bits"
    assert len(ax.patches) == 3
    assert not ax.texts


def test_letter_heights_are_frequency_times_information():
    # No entropy at the first place, one bit at the second. Rarely do many residues have so little.
    heights = letter_heights(["WA", "WC"], np.array([4000, 4000]), UNIFORM)
    np.testing.assert_allclose(heights["W"], [np.log2(20), 0], atol=0.01)
    np.testing.assert_allclose(heights["A"], [0, (np.log2(20) - 1) / 2], atol=0.01)
    np.testing.assert_allclose(heights["C"], heights["A"])


def test_information_is_measured_against_the_composition_of_the_proteins():
    # Proteins of A and W only: their residues have an entropy of one bit.
    half = {"A": 0.5, "W": 0.5}
    heights = letter_heights(["WA", "WW"], np.array([500, 500]), half)
    np.testing.assert_allclose(heights["W"], [1, 0], atol=0.01)
    np.testing.assert_allclose(heights["A"], [0, 0], atol=0.01)


def test_letters_of_few_windows_are_corrected_for_chance():
    # Five random residues have an entropy of about 2.1 bits, not 4.3.
    heights = letter_heights(["W"], np.array([5]), UNIFORM)
    assert 2.0 < heights["W"][0] < 2.25


@pytest.mark.parametrize("n_windows", [1, 2, 10, 300])
def test_random_windows_have_no_motif(n_windows):
    windows = random_proteins(n_windows, seed=4, low=8, high=9)
    ax = windows_of(windows, [1] * n_windows).plot().axes[0]
    assert not ax.patches
    [text] = texts(ax.texts)
    number = "the single window" if n_windows == 1 else f"the {n_windows} windows"
    assert text == (
        f"No motif common to {number}:\nno column has more information\nthan chance would give"
    )


def test_windows_rich_in_a_residue_have_no_motif():
    rng = np.random.RandomState(0)
    letters = list("WWWWACDEFGHIKLMNPQRSTVY")
    windows = ["".join(rng.choice(letters, 8)) for _ in range(300)]
    assert not windows_of(windows, [1] * 300).plot().axes[0].patches


def test_columns_of_a_motif_are_drawn_and_others_are_not():
    windows = ["AKG" + rest for rest in random_proteins(50, seed=4, low=5, high=6)]
    heights = letter_heights(windows, np.ones(50, dtype=int), UNIFORM)
    shown = sum(heights.values()) > 0
    assert shown.tolist() == [True] * 3 + [False] * 5


def test_repeat_of_one_residue_is_a_motif():
    heights = letter_heights(["QQQQ"], np.array([20]), UNIFORM)
    assert (heights["Q"] > 2.5).all()


def test_missing_logomaker_is_reported(monkeypatch):
    windows = top_windows(fitted_pipeline(max_epochs=1), ["WWAA"], k=2)
    monkeypatch.setitem(sys.modules, "logomaker", None)
    message = re.escape(
        'TopWindows.plot() needs logomaker. Install it with pip install "sklearn-protlstm[logo]"'
    )
    with pytest.raises(ImportError, match=message):
        windows.plot()
