"""Data as people have them are read as they were meant, and what is asked or left out is said."""

import pytest

from tests.unit.data_layouts import LAYOUTS
from tinynet_gui.core.data.data_file import Columns, gaps_in, gaps_text, points_of, question_of, suggest_columns
from tinynet_gui.core.data.read_as import AS_IT_IS
from tinynet_gui.core.data.table import read_table
from tinynet_gui.core.wording.table_text import understood_text


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read(name: str) -> None:
    layout = LAYOUTS[name]
    asked = read_table(layout.content)
    table = read_table(layout.content, read_as=layout.read_as)
    columns = Columns(**layout.columns) if layout.columns else suggest_columns(table)
    question = question_of(asked, columns)
    assert (question is None) == (layout.read_as == AS_IT_IS)
    gaps = gaps_in(table, columns)
    said = [
        understood_text(table),
        gaps_text(table, gaps) if len(gaps) else "",
        str(question.refusal()) if question else "",
    ]
    points, _ = points_of(table, columns, origin="", without_gaps=True)
    (x_name, x), (y_name, y) = layout.samples
    assert points.x.tolist() == pytest.approx(list(x), abs=1e-9)
    assert points.y.tolist() == list(y)
    assert (points.x_name, points.y_name) == (x_name, y_name)
    assert [words for words in layout.said if words not in " ".join(said)] == []
