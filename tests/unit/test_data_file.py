"""Data files as they come: what is understood, what is refused and where, what is read back."""

import contextlib
import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.not_none import not_none
from tinynet_gui.core.data.data_file import as_cells, points_of_table, read_file, read_table, write_table
from tinynet_gui.core.data.delimited import MAX_BYTES, MAX_COLUMNS, MAX_LINE_LENGTH, MAX_LINES, DataFileError, ReadAs
from tinynet_gui.core.data.points import LARGEST_X, MAX_POINTS, Points
from tinynet_gui.core.data.table import Columns, Table, suggest_columns
from tinynet_gui.core.text.csv_text import for_spreadsheet

NUMBERS = st.floats(-LARGEST_X, LARGEST_X)


def understood(content: bytes | str) -> Points:
    """What is taken where nothing is asked."""
    table = read_table(content)
    return points_of_table(table, suggest_columns(table), origin="")[0]


def refused(content: bytes | str) -> DataFileError:
    with pytest.raises(DataFileError) as error:
        understood(content)
    assert len(str(error.value)) < 300
    return error.value


NUMPY = "# x y\n1.000000000000000000e+00 2.500000000000000000e+00\n"
DATES = "2020-01-01 10:00,1.5,2.5\n2020-01-02 10:00,2.5,3\n"
TWO, THREE = ("column 1", "column 2"), ("column 1", "column 2", "column 3")
INDEXED = ("column 1", "time", "value")
IN_THE_WILD: dict[str, tuple[bytes | str, tuple[str, ...], list[float], list[float]]] = {
    "big-endian UTF-16": (b"\xfe\xff" + "x,y\n1,2\n".encode("utf-16-be"), ("x", "y"), [1.0], [2.0]),
    "a byte that Windows-1252 lacks": (b"\x81;y\n1,5;2\n", ("\x81", "y"), [1.5], [2.0]),
    "Excel's own line": ("sep=;\n1,5;2\n", TWO, [1.5], [2.0]),
    "R, write.table": ('"time" "value"\n"1" 0.5 2\n"2" 1e-05 -3\n', INDEXED, [0.5, 1e-5], [2, -3]),
    "R, write.csv": ('"","x","y"\n"a",1,2\n"b",3,4\n', ("column 1", "x", "y"), [1, 3], [2, 4]),
    "R, write.csv2": ('"";"x";"y"\n"1";1,5;2\n"2";3,5;4\n', ("column 1", "x", "y"), [1.5, 3.5], [2, 4]),
    "numpy.savetxt": (NUMPY, TWO, [1], [2.5]),
    "cells, pasted": ("1,5\t2,3\r\n2,5\t3\r\n", TWO, [1.5, 2.5], [2.3, 3]),
    "cells with a text": ("name\tx\ty\na b\t1\t2\n\t3\t4\n", ("name", "x", "y"), [1, 3], [2, 4]),
    "aligned with tabs": ("1.0\t\t2.0\n10.000000\t3.0\n", TWO, [1, 10], [2, 3]),
    "aligned with commas": ("  1.5,  2.5\n 10.5, 20.5\n", TWO, [1.5, 10.5], [2.5, 20.5]),
    "spaces before commas": ("1 ,5\n2 ,6\n", TWO, [1, 2], [5, 6]),
    "spaces, decimal comma": ("x y\n1,5 2,3\n2 4\n", ("x", "y"), [1.5, 2], [2.3, 4]),
    "a decimal comma with nothing before it": (",5 ,6\n,7 ,8\n", TWO, [0.5, 0.7], [0.6, 0.8]),
    "quoted decimal commas between commas": ('x,y\n"1,5","2,3"\n"2,5",4\n', ("x", "y"), [1.5, 2.5], [2.3, 4]),
    "two whole numbers": ("1,5\n2,3\n", TWO, [1, 2], [5, 3]),
    "whole numbers in part": ("1;2,5\n2;3\n3;4\n", TWO, [1, 2, 3], [2.5, 3, 4]),
    "a separator at the end": ("x;y;\n1;2;\n3;4;\n", ("x", "y"), [1, 3], [2, 4]),
    "also of the lines only": ("x;y\n1;2;\n3;4;\n", ("x", "y"), [1, 3], [2, 4]),
    "empty rows of a spreadsheet": ("x;y;\n1;2;\n;;\n3;4;\n;;\n", ("x", "y"), [1, 3], [2, 4]),
    "units with spaces": ("time (s)  voltage (V)\n1 2\n3 4\n", TWO, [1, 3], [2, 4]),
    "a comma in a name": ('"t, s";"U ""a"", V"\n1,5;2\n', ("t, s", 'U "a", V'), [1.5], [2]),
    "a line break in a name": ('"t\n(s)","U"\n1,2\n', ("t (s)", "U"), [1], [2]),
    "a remark with semicolons": ("1,2,good; nearly\n3,4,bad; wet\n", THREE, [1, 3], [2, 4]),
    "dates and times": (DATES, THREE, [0, 24], [1.5, 2.5]),
    "signs": ("+1.5 −2.5\n.5 5.\n1e3 -1E-2\n", TWO, [1.5, 0.5, 1000], [-2.5, 5, -0.01]),
    "without an end": ("1 2", TWO, [1], [2]),
    "a column without a value": ("x,y,note\n1,2,\n3,4,\n", ("x", "y", "note"), [1, 3], [2, 4]),
    "NA elsewhere": ("x,y,z\n1,2,NA\n3,4\n", ("x", "y", "z"), [1, 3], [2, 4]),
}


@pytest.mark.parametrize("name", IN_THE_WILD)
def test_in_the_wild(name: str) -> None:
    content, names, x, y = IN_THE_WILD[name]
    assert read_table(content).names == names
    points = understood(content)
    assert points.x.tolist() == x
    assert points.y.tolist() == y


@pytest.mark.parametrize(
    ("content", "separator", "decimal"),
    [
        *(("1,5;2,3", ";", ","), ("1,5\t2,3", "\t", ","), ("1,5 2,3", " ", ","), ('"1,5","2,3"', ",", ",")),
        *(
            ("1.5,2.3", ",", "."),
            ("1,5\n2,3", ",", "."),
            ("1,234\t500", "\t", ","),
            ("1 2", " ", "."),
            ("12\n13", "", "."),
        ),
    ],
)
def test_separator_and_decimal_sign(content: str, separator: str, decimal: str) -> None:
    table = read_table(content)
    assert (table.separator, table.decimal) == (separator, decimal)


def test_what_a_table_says() -> None:
    table = read_table("# by hand\nname;x\n\na;1,5\nb;NA\n")
    assert len(table) == 2
    assert table.lines == (4, 5)
    assert table.names == ("name", "x")
    name, x = table.columns
    assert (name.name, name.texts, name.is_of_numbers) == ("name", ("a", "b"), False)
    assert (x.texts, x.is_of_numbers) == (("1,5", "NA"), True)
    np.testing.assert_array_equal(x.values, [1.5, np.nan])
    with pytest.raises(ValueError, match="read-only"):
        x.values[0] = 0
    assert len(read_table(f"{'n' * 500},y\n1,2").names[0]) == 60


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        ("x;y\n1;2\n3;abc\n4;5", 3, 2, "“abc” is not a number; allowed are finite numbers such as 1.5"),
        ("x;y\n1,5;2\n3;abc\n4;5", 3, 2, "such as 1,5"),
        ("abc;2\n1;2\n3;4", 1, 1, "“abc” is not a number"),
        ("1;2\n\n# a\n3;4 V\n5;6", 4, 2, "“4 V” is not a number; allowed are finite numbers"),
        ("1;2\n3;4 V\n5;6", 2, 2, "such as 1.5 or −2e-3, without a unit"),
        ("t;U\n1 s;5 V\n2 s;6 V", 2, 1, "two columns of numbers are needed"),
        ("x,y\n1,2\n2,abc", 3, 2, "“abc” is not a number"),  # of few, half are no numbers: the others are innocent
        ("x,y\n1,2\n2,inf", 3, 2, "“inf” is not a number; allowed are finite numbers"),
        ("x,y\n1,2\n2,nan\n3,inf", 3, 2, "“nan” is not a value"),
        ("x,y\n1,2\n né,3".encode("latin-1"), 3, 1, "“né” is not a number"),
        ("1;1_000\n2;3\n4;5", 1, 2, "“1_000”"),
        ("1;٣\n2;3\n4;5", 1, 2, "“٣”"),
        ("1;0x10\n2;3\n4;5", 1, 2, "“0x10”"),
        ("x,y\n1,NA\n2,3", 2, 2, "“NA” is not a value: a number is needed in each line, so leave the line out"),
        ("x,y\n1,2\n,3", 3, 1, "nothing is there"),
        ("x,y\n1,2\n3", 3, 2, "nothing is there"),
        ("x,y\n1,inf\n2,3\n3,4", 2, 2, "“inf” is not a number"),
        ("x;y\n1;2\n#N/A;3\n#DIV/0!;4", 3, 1, "“#N/A” is not a value"),
        ("x,y\n1,2\n1e7,3", 3, 1, "“1e7” is not allowed as x: -1,000,000 to 1,000,000; subtract the first x"),
        ("x,y\n1,2\n3,1e999", 3, 2, "“1e999” is not allowed"),
        ("1,2\n3,4,5\n6,7", 2, 3, "“5” is one field too many: 2 are allowed"),
        ("x,y,z\n1,2\n3,4", 1, 3, "“z” is one field too many"),
        ("1,234.5;2,000.1\n1,2;3,4", 1, 1, "“1,234.5” is not a number"),
        ("-999.43, 58 309.78, 8.09\n1.0, 12 000.5, 2.0", 1, 2, "“58 309.78” is not one number"),
        ("t,U,I\n1,NA,1\n2,3,4", 2, 2, "“NA”"),
        ("a,b\n1,5,2,5\n2,5,3,5\n", 1, None, "2 names stand above 4 columns: if the commas"),
        ("Date,Close\n03/14/2023,$152.59\n03/15/2023,$153", 2, 2, "“$152.59” is not a number"),
        ("1;2,3 4\n1,2;3;4 5\n1;2,3 4\n1,2;3;4 5", 2, None, "is not one number"),
        ("01.02.2020;1\n2020-02-02;2", 1, 1, "“01.02.2020” is not a number"),
        ("10;1\n10:30;2", 2, 1, "“10:30” is not a number"),
        ("1\n2\n3", 1, None, "two columns of numbers are needed, x and y, and 1 is there"),
        ('1,2\n3,"4\n5,6', 2, None, "quotation mark"),
        ('1,2,"a"b\n3,4,c', 1, None, "quotation mark that does not enclose"),
        ('1,2,"' + "\n" * 30 + '"\n3,4,5', 1, None, "a field of more than 20 lines"),
        ("x,y\n1,\0", 2, None, "not a text"),
        ("x,y\n1,2\n".encode("utf-16-le"), 1, None, "with a BOM, UTF-16"),
        (b"%PDF-1.5\n%\0", None, None, "this is a PDF, not a text"),
        (b"\xff\xfex", None, None, "but is not a text in it"),
        ("", None, None, "there are no numbers"),
        ("# only this\n\n", None, None, "there are no numbers"),
        ("x,y\n", None, None, "only a header"),
    ],
)
def test_what_is_refused_and_where(content: bytes | str, line: int | None, column: int | None, words: str) -> None:
    error = refused(content)
    assert error.line == line
    assert column is None or error.column == column
    assert words in str(error)
    if line is not None:
        assert str(error).startswith(f"line {line}")


@pytest.mark.parametrize(
    ("content", "x", "y"),
    [
        ("1,234.5;2,000.1\n1,200.0;3,400.0", [1234.5, 1200], [2000.1, 3400]),
        ('"x";"y"\n1,234.5;2,000.1\n1,200.0;3,400.0', [1234.5, 1200], [2000.1, 3400]),
        ("1 234,5;2 345,6\n1 111,0;2 222,1", [1234.5, 1111], [2345.6, 2222.1]),
        ("1 234,5\t2 345,6", [1234.5], [2345.6]),
        ("1,234.5 2,000.1\n2,345.1 3,000.0", [1234.5, 2345.1], [2000.1, 3000]),
        ("t;U;I\n0,5;1 234,5;1\n1,5;1 334,5;2", [0.5, 1.5], [1234.5, 1334.5]),
        ("t;U;I\n1;1.234,5;1\n2;1.334,5;2", [1, 2], [1234.5, 1334.5]),
        ("1;1.234.567\n2;234.567", [1, 2], [1234567, 234567]),
        ("Tag;B\n01.03.2023;-1.250,00\n03.03.2023;3.412,77\n07.03.2023;-48,1", [0, 2, 6], [-1250, 3412.77, -48.1]),
        ("Datum;E\n2021-01-01;1.234.567\n2023-01-01;1.334.511", [0, 2], [1234567, 1334511]),
        ('Date,V\n2023-03-14,"73,695.5"\n2023-03-15,"84,457.2"', [0, 1], [73695.5, 84457.2]),
    ],
)
def test_thousands_that_can_be_nothing_else(content: str, x: list[float], y: list[float]) -> None:
    points = understood(content)
    assert (points.x.tolist(), points.y.tolist()) == (x, y)


@pytest.mark.parametrize(
    ("content", "way", "value"),
    [
        *(("1;3,280\n2;842", {"thousands": ","}, 3280), ("1;3,280\n2;842", {"decimal": ","}, 3.28)),
        *(("1;3.280\n2;842", {"thousands": "."}, 3280), ("1;3.280\n2;842", {"decimal": "."}, 3.28)),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked(content: str, way: dict[str, Any], value: float) -> None:
    error = refused(content)
    assert error.line == 1
    assert str(error).endswith("can be read in two ways: 3.28 or 3280")
    question = not_none(read_table(f"{content}\n;842").question)
    assert [answer.rows[-1] for answer in question.answers] == ["–  842", "–  842"]
    table = read_table(content, read_as=ReadAs(**way))
    assert table.question is None
    assert points_of_table(table, Columns(0, 1), origin="")[0].y.tolist() == [value, 842]
    for decided in (content.replace("842", "0,842"), content.replace("842", "84,2")) * ("," in content):
        assert understood(decided).y[0] == 3.28
    assert points_of_table(read_table("1;2", read_as=ReadAs(**way)), Columns(0, 1), origin="")[0].y.tolist() == [2]


@pytest.mark.parametrize("content", ["1.250,2.375\n1.375,4.125", "1.250 2.375", "0.125\t2.375\n1.375\t4.125"])
def test_what_few_would_doubt_is_not_asked(content: str) -> None:
    assert understood(content).y[0] == 2.375


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1,2\n" + "1" * (MAX_LINE_LENGTH + 1), "line 2: “1"),
        ("1," * (MAX_COLUMNS + 1), "1,002 fields are not allowed"),
        ("\n" * MAX_LINES, "1,000,001 lines are not allowed"),
        (b"1,2\n" * (MAX_BYTES // 4) + b"\n", "more than 20,000,000 bytes"),
        ("1,2,3,4,5,6,7,8\n" * 260_000, "more than 2,000,000 fields"),
    ],
)
def test_what_is_too_large(content: bytes | str, words: str) -> None:
    assert words in str(refused(content))


@pytest.mark.parametrize("separator", "\t;, ")
def test_what_is_hard_to_match_takes_no_time(separator: str) -> None:
    for field in ("1;" * 9000, "1," * 9000, "1e1" * 6000, "1.000" * 3900, "1;1,1 " * 150, '"1""1' * 3000, "#" * 9000):
        lines = f"{field}x{separator}1\n" * 50
        start = time.process_time()  # whatever else the machine does
        with contextlib.suppress(DataFileError):
            understood(lines)
        assert time.process_time() - start < 5


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x;y\n1;2\n")
    assert read_file(str(path)).names == ("x", "y")
    path.write_bytes(b" " * (MAX_BYTES + 5))
    with pytest.raises(DataFileError, match="more than"):
        read_file(str(path))
    with pytest.raises(OSError, match="nothing"):
        read_file(str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("x,y,z\n1,2,3", Columns(0, 1)),
        ("name,x,y\na,1,2", Columns(1, 2)),
        ("x,y,held_out\n1,2,0\n3,4,1", Columns(0, 1, 2)),
        ("Test,x,y\nyes,2,0\nno,4,1", Columns(1, 2, 0)),
        ("split,x,y\ntrain,2,0\ntest,4,1", Columns(1, 2, 0)),
        ("Held out,x,y\n0.0,2,0\n1.0,4,1", Columns(1, 2, 0)),
        ("x,held_out,y\n1,TRUE,2\n3,FALSE,4", Columns(0, 2, 1)),
        ("x,test\n1,0\n3,1", Columns(0, 1)),  # nothing else could be y
        ("test,x,y\n1.5,2,0\n3,4,1", Columns(0, 1)),  # says neither yes nor no
        ("x,y,test\n1,2,0\n3,4,2", Columns(0, 1)),
        (",x,y\n0,2,0\n1,4,1", Columns(1, 2)),
        ("rownames,x,y\n7,2,0\n3,4,1", Columns(1, 2)),
        ("index,x\n0,2\n1,4", Columns(0, 1)),  # or there would be no x
        ("n,year,m,c\n1,1974,5,333\n1,1974,6,332", Columns(2, 3)),  # constants
        ("id,day,q,c\n44,20230101,3,1\n44,20230105,4,2", Columns(1, 2, None, "days")),
        (",x,y\n1,2,0\n2,4,1\n1,5,0", Columns(0, 1)),  # not all different
        (",x,y\n1.5,2,0\n2,4,1", Columns(0, 1)),
        ("1,2,0\n2,4,1", Columns(0, 1)),  # no names at all: the first is as good as any
        (",x,y,held_out\n0,2,0,1\n1,4,1,0", Columns(1, 2, 3)),
    ],
)
def test_which_columns_are_meant(content: str, columns: Columns) -> None:
    assert suggest_columns(read_table(content)) == columns


def test_the_columns_can_be_chosen() -> None:
    table = read_table("a,b,c,d\n1,2,3,no\n4,5,6,yes")
    points, rows = points_of_table(table, Columns(2, 0, 3), origin="a file")
    assert points == Points([3, 6], [1, 4], [False, True], "a file", "c", "a")
    assert rows == 2
    chosen = [suggest_columns(table, *names) for names in (("c",), ("b",), ("", "a"), ("c", "b"))]
    assert chosen == [Columns(2, 0), Columns(1, 0), Columns(1, 0), Columns(2, 1)]
    with pytest.raises(DataFileError, match="“e” is not one of its columns: a, b, c, d"):
        suggest_columns(table, "e")
    with pytest.raises(DataFileError) as error:
        points_of_table(table, Columns(0, 1, 2), origin="")
    assert (error.value.line, error.value.column) == (2, 3)
    assert "“3” does not say whether the sample is held out" in str(error.value)
    with pytest.raises(DataFileError) as error:
        points_of_table(read_table("1,2,1\n3,4,1"), Columns(0, 1, 2), origin="")
    assert "all points are held out" in str(error.value)
    assert (error.value.line, error.value.column) == (None, 3)


@pytest.mark.parametrize("columns", [Columns(0, 0), Columns(0, 1, 0), Columns(0, 1, 1)])
def test_one_column_is_not_two(columns: Columns) -> None:
    with pytest.raises(DataFileError, match="cannot be the same column"):
        points_of_table(read_table("0,1\n1,0\n"), columns, origin="")


def test_a_name_that_is_no_text() -> None:
    table = read_table("1,2")
    assert hash(points_of_table(table, Columns(0, 1), origin="\udcff.csv")[0]) == hash(Points([1], [2], origin="?.csv"))


def many(count: int) -> Table:
    return read_table("".join(f"{place},{place % 7}\n" for place in range(count)))


def test_of_more_points_a_random_part_is_taken() -> None:
    table, columns = many(MAX_POINTS + 500), Columns(0, 1)
    points, rows = points_of_table(table, columns, origin="", seed=3)
    assert (len(points), rows) == (MAX_POINTS, MAX_POINTS + 500)
    assert (np.diff(points.x) > 0).all()  # in the order of the file, none twice
    assert points.x.max() > MAX_POINTS
    assert points_of_table(table, columns, origin="", seed=3)[0] == points
    assert points_of_table(table, columns, origin="", seed=4)[0] != points
    few, rows = points_of_table(many(30), columns, origin="", most=10)
    assert (len(few), rows) == (10, 30)
    assert few.y.tolist() == [x % 7 for x in few.x]


def test_what_is_written() -> None:
    points = Points([0.1, 2], [-3, 1e-7], [False, True])
    assert write_table(points) == "x,y,held_out\n0.1,-3.0,0\n2.0,1e-07,1\n"
    named = Points([0.1, 2], [-3, 1e-7], [False, True], "", "t, s", 'U "peak" [V]')
    assert write_table(named).startswith('"t, s","U ""peak"" [V]",held_out\n')
    assert understood(write_table(named)) == named
    for name in ("2020", "1,5", "2021-03-01", "# t", "NA", "-", "***"):
        table = read_table(write_table(Points([1, 2], [3, 4], None, "", name, name)))
        assert table.names == ("x", "y", "held_out")
    predicted = np.array([[0.1], [np.nan]], dtype=np.float32)
    assert write_table(points, predicted) == "x,y,held_out,predicted\n0.1,-3.0,0,0.1\n2.0,1e-07,1,nan\n"
    assert as_cells(points) == "0.1\t-3.0\n2.0\t1e-07\n"
    assert as_cells(points, ",") == "0,1\t-3,0\n2,0\t1e-07\n"
    for decimal in ".,":
        like_thousands = Points([1.125, -999.875, 0.125], [2.375, 1234.125, 7.0])
        assert understood(as_cells(like_thousands, decimal)) == like_thousands
        assert understood(as_cells(like_thousands.at(np.array([0])), decimal)).x[0] == 1.125


ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, st.booleans(), st.floats(width=32)), min_size=1, max_size=30)


@given(ROWS, st.booleans(), st.sampled_from(".,"))
def test_what_is_written_is_read_back(
    rows: list[tuple[float, float, bool, float]], with_predicted: bool, decimal: str
) -> None:
    x, y, held_out, predicted = (list(column) for column in zip(*rows, strict=True))
    held_out[0] = False
    points = Points(x, y, held_out)
    table = write_table(points, np.array(predicted, dtype=np.float32) if with_predicted else None)
    written = for_spreadsheet(table, decimal)
    assert decimal == "," or written.count(",") == table.count(",")
    again = understood(written.encode())
    assert again == points
    assert again.x.tobytes() == points.x.tobytes()
    assert again.held_out.tolist() == held_out
    if with_predicted:
        texts = [text.replace(",", ".") for text in read_table(written).columns[3].texts]
        np.testing.assert_array_equal(np.array(texts, dtype=np.float32), np.array(predicted, dtype=np.float32))


@given(ROWS, st.sampled_from(".,"))
def test_what_is_copied_is_read_back(rows: list[tuple[float, float, bool, float]], decimal: str) -> None:
    points = Points([row[0] for row in rows], [row[1] for row in rows])
    assert understood(as_cells(points, decimal)) == points


DIALECTS = [*itertools.product("\t;", ".,"), (",", "."), ("  ", "."), (" ", ","), (", ", "."), (" \t", ".")]
NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters='"'), max_size=20).map(
    lambda name: f"n{name.strip()}"
)


@given(
    st.sampled_from(DIALECTS),
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=20),
    st.lists(NAMES, min_size=3, max_size=3) | st.none(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.lists(st.sampled_from(["# 1, 2; 3", "", "   ", "#"]), max_size=3),
    st.booleans(),
)
def test_each_dialect_is_read_as_it_was_meant(
    dialect: tuple[str, str],
    rows: list[tuple[float, ...]],
    names: list[str] | None,
    end: str,
    encoding: str,
    between: list[str],
    trailing: bool,
) -> None:
    separator, decimal = dialect
    at_end = separator if trailing and separator.strip(" ") else ""
    lines = [separator.join(repr(value).replace(".", decimal) for value in row) + at_end for row in rows]
    if names:
        lines.insert(0, separator.join(f'"{name}"' for name in names))
    lines[1:1] = between
    table = read_table(f"{end.join(lines)}{end}".encode(encoding))
    assert [column.values.tolist() for column in table.columns] == [list(column) for column in zip(*rows, strict=True)]
    assert [table.lines[0], table.lines[-1]] == [1 + (len(between) + 1 if names else 0), len(lines)]
    if names:
        assert list(table.names) == [" ".join(name.split()) for name in names]
    else:
        assert table.names == ("column 1", "column 2", "column 3")


@given(
    st.sampled_from("\t;"),
    st.sampled_from([",.", ".,", " ,", " .", "'."]),
    st.lists(st.tuples(*[st.floats(-99_999, 99_999).map(lambda value: round(value, 2))] * 2), min_size=1, max_size=8),
)
def test_thousands_are_never_misread(separator: str, signs: str, rows: list[tuple[float, float]]) -> None:
    """Where tabs or semicolons separate, what is not refused is what was meant."""
    texts = [[f"{value:,.2f}".translate(str.maketrans(",.", signs)) for value in row] for row in rows]
    try:
        points = understood("\n".join(separator.join(row) for row in texts))
    except DataFileError:
        return
    assert list(zip(points.x.tolist(), points.y.tolist(), strict=True)) == rows


PIECES = [*',;\t \n"#x.−', "\xa0", "\u2028", "1", "2.5", "-3,5", "\r\n", "NA", "1e5", "sep=;"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=200) | st.binary(max_size=300))
def test_hostile_content_is_understood_or_refused(content: bytes | str) -> None:
    try:
        table = read_table(content)
        assert table.columns
        assert {len(column.texts) for column in table.columns} == {len(column.values) for column in table.columns}
        assert len(table) == len(table.columns[0].texts)
        assert list(table.lines) == sorted(set(table.lines))
        points, rows = points_of_table(table, suggest_columns(table), origin="")
        assert len(points) == rows == len(table)
    except DataFileError as error:
        said = str(error)
    else:
        said = ""
    assert len(said) < 400


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=4, max_size=12), st.data())
def test_one_bad_field_is_named(rows: list[tuple[float, float]], data: st.DataObject) -> None:
    separator, decimal = data.draw(st.sampled_from(DIALECTS))
    line, column = data.draw(st.integers(1, len(rows) - 1)), data.draw(st.integers(0, 1))
    texts = [[repr(value).replace(".", decimal) for value in row] for row in rows]
    texts[line][column] = data.draw(st.sampled_from(["abc", "NA", "5V", "2020-01-02", "--1", "1.2.3"]))
    error = refused("\n".join(separator.join(row) for row in texts))
    assert (error.line, error.column) == (line + 1, column + 1)
    assert f"“{texts[line][column]}”" in str(error)


def test_a_long_text_is_read_with_rests_and_the_share_is_told() -> None:
    text = "".join(f"{n};{n % 7},5 {n}\n" for n in range(5_000))
    shares: list[float] = []
    table = read_table(text, shares.append)
    assert len(shares) > 20
    assert len({share for share in shares if share}) > 5
    assert all(0 <= share <= 1 for share in shares)
    told = [share for share in shares if share]
    assert told == sorted(told)
    assert table.columns[0].values.tolist() == list(range(5_000))


def test_reading_ends_with_what_is_raised_meanwhile() -> None:
    def on_progress(share: float) -> None:
        if share > 0.1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        read_table("".join(f"{n},{n}\n" for n in range(5_000)), on_progress)
