"""Small workbooks, made as their format says."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

Cell = str | float | None

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(**sheets: Sequence[Sequence[Cell]]) -> bytes:
    """Return an xlsx file with these sheets."""
    content, names, relations = io.BytesIO(), "", ""
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for number, (name, rows) in enumerate(sheets.items(), 1):
            path = f"worksheets/sheet{number}.xml"
            names += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
            relations += f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="{path}"/>'
            cells = "".join(f'<row r="{at}">{_row(row, at)}</row>' for at, row in enumerate(rows, 1))
            file.writestr(f"xl/{path}", f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>')
        file.writestr(
            "_rels/.rels",
            _relations(f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
        )
        file.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'
        )
        file.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
    return content.getvalue()


def _relations(them: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}">{them}</Relationships>'


def _row(row: Sequence[Cell], at: int) -> str:
    cells = ""
    for place, value in enumerate(row):
        kind = ' t="str"' if isinstance(value, str) else ""
        if value is not None:
            cells += f'<c r="{chr(65 + place)}{at}"{kind}><v>{escape(str(value))}</v></c>'
    return cells
