"""Residues are coloured by their share of the largest score, and the largest are listed."""

import dataclasses
import re

import numpy as np
import pytest
from hostile_results import EVIL
from page_reader import PageReader

from sklearn_protlstm.report import write_report


@pytest.fixture
def page(tmp_path, attribution):
    path = tmp_path / "report.html"
    write_report(path, title="Residues", attributions=[attribution])
    return path.read_text(encoding="utf-8")


def test_residues_have_the_colour_of_their_score(page):
    assert (
        '<span class="block" data-start="1"><span class="strongly-for">M</span>'
        '<span class="strongly-against">K</span><span class="for">V</span>'
        '<span class="against">L</span>AAAAAA</span>'
    ) in page


def test_residues_that_are_not_read_are_hatched_or_folded(page):
    assert (
        '<span class="block" data-start="11"><span class="strongly-against">W</span>A'
        '<span class="unread">GGGGGGGG</span></span>'
    ) in page
    assert '<span class="fold">residues 21 to 45 not read</span>' in page


def test_largest_scores_are_listed_first_of_equals_first(page):
    text = PageReader(page).joined_text()
    start = text.index("residue score effect")
    assert text[start:].startswith(
        f"residue score effect M1 +2.000 supports {EVIL} W11 -2.000 opposes {EVIL} K2 -1.900 "
        f"opposes {EVIL} V3 +0.500"
    )


def test_protein_has_a_title_its_log_odds_and_its_model(page):
    text = PageReader(page).joined_text()
    assert f"{EVIL}: predicted human (probability 0.78)" in text
    assert (
        f"Log-odds of {EVIL}: 1.25. Mean log-odds of the baselines: -0.50. Method: integrated "
        "gradients."
    ) in text
    assert f"{EVIL} -> ProtLSTMClassifier()" in text


def write_with_scores(path, attribution, scores):
    changed = dataclasses.replace(attribution, scores=[scores])
    write_report(path, title="Residues", attributions=[changed])
    return path.read_text(encoding="utf-8")


def test_equal_scores_are_listed_in_the_order_of_the_sequence(tmp_path, attribution):
    page = write_with_scores(tmp_path / "report.html", attribution, np.full(45, -0.5))
    residues = re.findall(r'<th scope="row">([A-Z]\d+)</th>', page)
    assert residues == ["M1", "K2", "V3", "L4", "A5", "A6", "A7", "A8", "A9", "A10"]


def test_scores_of_zero_have_no_colour_and_no_effect(tmp_path, attribution):
    page = write_with_scores(tmp_path / "report.html", attribution, np.zeros(45))
    assert '<span class="block" data-start="1">MKVLAAAAAA</span>' in page
    assert "Residues with the largest scores" not in page
