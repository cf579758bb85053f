"""Tables, numbers and notes become HTML with every text escaped."""

import numpy as np
import pytest

from sklearn_protlstm._html.fragments import (
    Column,
    Note,
    Table,
    format_number,
    make_columns,
    render_fragment,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (9606, "9606"),
        (np.int64(-3), "-3"),
        (0.123456, "0.1235"),
        (np.float64(1e-9), "1e-09"),
        (26926.4, "26926"),
        (np.nan, "-"),
        (None, "-"),
        (np.inf, "inf"),
    ],
)
def test_number(value, text):
    assert format_number(value) == text


def test_columns_of_numbers_and_texts():
    columns = make_columns(
        {
            "id": ["a", None],
            "length": np.array([3, 40]),
            "score": [0.5, np.nan],
            "ok": [True, False],
        }
    )
    assert columns == [
        Column("id", ["a", "-"]),
        Column("length", ["3", "40"], is_number=True),
        Column("score", ["0.5", "-"], is_number=True),
        Column("ok", ["True", "False"]),
    ]


def test_table_has_headers_with_scope_and_bold_cells():
    columns = [Column("model", ["k-mers", "LSTM"]), Column("MCC", ["0.1", "0.2"], True, (1,))]
    html = render_fragment("Two models", [Table.of("Scores", columns)])
    assert '<th scope="col">model</th><th scope="col" class="number">MCC</th>' in html
    assert '<th scope="row">LSTM</th><td class="number"><strong>0.2</strong></td>' in html
    assert '<th scope="row">k-mers</th><td class="number">0.1</td>' in html
    assert "<caption><span>Scores</span></caption>" in html


@pytest.mark.parametrize(
    ("n_rows", "rest"), [(3, None), (4, "and 1 more row<"), (12, "and 9 more rows<")]
)
def test_long_table_says_how_many_rows_are_hidden(n_rows, rest):
    table = Table.of("Rows", make_columns({"id": range(n_rows)}), max_rows=3)
    html = render_fragment("Many", [table])
    assert html.count('scope="row"') == 3
    assert (rest in html) if rest else ("more row" not in html)


def test_notes_name_their_kind():
    html = render_fragment("", notes=[Note("copies", "warning"), Note("all read")])
    assert '<li class="warning"><strong>Warning:</strong> copies</li>' in html
    assert "<li>all read</li>" in html


def test_every_text_is_escaped():
    evil = "<script>\"'&</script>"
    columns = [Column(evil, [evil], marked=(0,)), Column(evil, [evil])]
    html = render_fragment(evil, [Table.of(evil, columns)], [Note(evil, "note")])
    assert "<script" not in html
    assert html.count("&lt;script&gt;&#34;&#39;&amp;&lt;/script&gt;") == 8
