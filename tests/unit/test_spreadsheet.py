"""Spreadsheets: what three formats hold, and files that are damaged or meant to harm."""

import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tinynet_gui.core.data import workbook
from tinynet_gui.core.data.data_file import points_of_table, read_file, read_table
from tinynet_gui.core.data.delimited import DataFileError, ReadAs
from tinynet_gui.core.data.table import Columns, doubtful_rows, suggest_columns
from tinynet_gui.core.text.language import speaking

DATA = Path(__file__).parents[1] / "data"
LABS = [DATA / f"lab.{kind}" for kind in ("xlsx", "xls", "ods")]
BOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="worksheets/sheet1.xml"/></Relationships>"""


def xlsx(cells: str, **others: bytes) -> bytes:
    """Return the smallest workbook with these cells, and other members."""
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "_rels/.rels", RELATIONS.replace("worksheets/sheet1", "xl/workbook").replace("worksheet", "officeDocument")
        )
        file.writestr("xl/workbook.xml", BOOK)
        file.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        file.writestr("xl/worksheets/sheet1.xml", f"{sheet}</sheetData></worksheet>")
        for name, what in others.items():
            file.writestr(name, what)
    return content.getvalue()


def packed(name: str, what: bytes) -> bytes:
    with zipfile.ZipFile(content := io.BytesIO(), "w") as file:
        file.writestr(name, what)
    return content.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(DataFileError) as error:
        read_table(content)
    return str(error.value)


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.suffix)
def test_a_sheet_is_read(path: Path) -> None:
    """A title, names, units, dates typed as dates, a gap, formulas and a line below."""
    table = read_file(str(path))
    assert (table.sheets, table.sheet) == (("Notes", "Readings"), "Readings")
    assert (table.extent.first_line, table.extent.units_line, table.lines) == (3, 4, (5, 6, 7, 8))
    assert table.extent.below == (10,)
    columns = suggest_columns(table)
    points, _ = points_of_table(table, columns, origin="", without=doubtful_rows(table, columns).gaps.rows)
    assert (points.x.tolist(), points.y.tolist()) == ([0, 1, 30], [1.5, 2.25, -4])
    assert points.names == {"x_name": "Day [days since 2021-03-01]", "y_name": "U [V]"}
    assert points_of_table(table, Columns(0, 2, None, "days"), origin="")[0].y.tolist() == [3, 4.5, 0, -8]
    with pytest.raises(DataFileError, match="two columns"):
        suggest_columns(read_file(str(path), read_as=ReadAs(sheet="Notes")))
    with pytest.raises(DataFileError, match="“Other” is not a sheet of it: there is “Notes”, “Readings”"):
        read_file(str(path), read_as=ReadAs(sheet="Other"))
    with speaking("de"), pytest.raises(DataFileError, match=r"„Notes“, „Readings“$"):
        read_file(str(path), read_as=ReadAs(sheet="Other"))
    assert "python_calamine" not in sys.modules  # only the process that reads has loaded it


def test_a_cell_is_what_it_is() -> None:
    cells = '<row r="2"><c r="B2"><v>1.250</v></c><c r="C2"><v>2.375</v></c></row>'
    cells += '<row r="4"><c r="B4"><f>WEBSERVICE("http://a.b")</f><v>1e-7</v></c><c r="C4" t="str"><v>1,5</v></c></row>'
    table = read_table(xlsx(cells))
    assert table.lines == (2, 4)
    assert [column.texts for column in table.columns] == [("1.25", "1e-07"), ("2.375", "1,5")]
    assert table.question is None
    assert table.columns[1].values.tolist() == [2.375, 1.5]
    table = read_table(xlsx(cells.replace("1,5", "1,500")))
    assert str(table.columns[1].values.tolist()) == "[2.375, nan]"  # it could be 1500


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04", "not a spreadsheet"),
        (b"PK\x03\x04" + b"x" * 1000, "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000, "not"),
        (packed("a.csv", b"1,2"), "unpack it first"),
        (xlsx('<row><c r="A1"><v>1</v></c><c r="B1"><f>A1*2</f><v></v></c></row>'), "formulas have no saved values"),
        (xlsx("")[:-30], "not a spreadsheet"),
        (xlsx(""), "is empty"),
        (xlsx("<row></row>", bomb=b"0" * (workbook.MAX_UNFOLDED + 1)), "unfolds to 50,"),
        (xlsx('<row><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'), "memory or time"),
        (xlsx('<row><c r="A1"><v>1</v></c><c r="ZZ9000"><v>1</v></c></row>'), "9,000 rows of 702 cells"),
    ],
    ids=range(10),
)
def test_what_is_no_spreadsheet_or_too_large(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_a_size_that_is_not_declared_is_found() -> None:
    content = bytearray(xlsx("", bomb=b"0" * 5_000_000))
    size = (5_000_000).to_bytes(4, "little")
    assert content.count(size) == 2  # in the member's head and in the directory
    assert "damaged" in refused(bytes(content.replace(size, (9).to_bytes(4, "little"))))


def test_entities_of_xml_are_not_unfolded() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    sheet = f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}]><worksheet><sheetData><row><c t="str"><v>&l11;</v></c></row>'
    content = xlsx("")
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made := io.BytesIO(), "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if "sheet1" in name else old.read(name))
    refused(made.getvalue())


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(LABS), st.data())
def test_a_damaged_file_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    """Whatever its bytes are, and inside a zip with the right checksums too; the process ends within its bounds."""
    content, members, name = bytearray(path.read_bytes()), {}, ""
    if path.suffix != ".xls" and data.draw(st.booleans()):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            members = {name: bytearray(file.read(name)) for name in file.namelist()}
        name = data.draw(st.sampled_from([name for name, member in members.items() if member]))
    hurt = members.get(name, content)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(hurt)))
        hurt[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    if members:
        with zipfile.ZipFile(made := io.BytesIO(), "w") as file:
            for name, member in members.items():
                file.writestr(name, bytes(member))
        content = bytearray(made.getvalue())
    said = ""
    try:
        table = read_table(bytes(content))
        assert len(table) == len(table.columns[0].texts)
    except DataFileError as error:
        said = str(error)
    assert len(said) < 400


def test_reading_ends_with_what_is_raised_meanwhile() -> None:
    def on_progress(share: float) -> None:
        raise InterruptedError

    cells = "".join(f"<row>{f'<c><v>{n}</v></c>' * 40}</row>" for n in range(5_000))
    with pytest.raises(InterruptedError):
        read_table(xlsx(cells), on_progress)
