"""Clumsy files from a school: what a person would take from each, and what is left out or turned on the way."""

from collections.abc import Sequence

import pytest

from tests.spreadsheets import Cell, workbook
from tinynet_gui.core.data.data_file import points_of_table, read_table
from tinynet_gui.core.data.delimited import AS_IT_IS, DataFileError, ReadAs, skipped_lines
from tinynet_gui.core.data.table import doubtful_rows, question_of, suggest_columns
from tinynet_gui.core.wording.table_text import understood_text

Samples = tuple[list[float], list[float]]

H = [170, 165, 180, 158, 175]
W = [60, 55, 78, 50, 70]
N = ["Anna", "Ben", "Carla", "Deniz", "Emil"]
T = [0, 2, 4, 6, 8, 10]
C = [90, 80, 72, 66, 61, 57]


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def persons(sep: str = ";", *end: str) -> str:
    return lines(
        sep.join(["Name", "Größe", "Gewicht"]),
        *(sep.join([n, str(h), str(w)]) for n, h, w in zip(N, H, W, strict=True)),
        *end,
    )


def persons4(*end: str) -> str:
    return lines(
        "Name;Alter;Größe;Gewicht",
        *(f"{n};{14 + i % 3};{h};{w}" for i, (n, h, w) in enumerate(zip(N, H, W, strict=True))),
        *end,
    )


def cool(*end: str, sep: str = ";", head: str = "Zeit (min);Temperatur (°C)") -> str:
    return lines(head.replace(";", sep), *(f"{t}{sep}{c}" for t, c in zip(T, C, strict=True)), *end)


COFFEE: Sequence[Sequence[Cell]] = [["Zeit (min)", "Temp (°C)"], *zip(T, C, strict=True)]
A = [14, 15, 16, 14, 15]
FILES: dict[str, tuple[str | bytes, Sequence[float], Sequence[float], str]] = {
    # summary rows
    "Mittelwert with a gap": (persons(";", "Mittelwert;169,6;62,6"), H, W, ""),
    "Mittelwert;;a;b": (persons4("Mittelwert;;169,6;62,6"), A, H, ""),
    "Mittel in x": (cool("Mittel;71,0"), T, C, ""),
    "Mittelwert then Standardabweichung": (persons(";", "Mittelwert;169,6;62,6", "Standardabw.;8,6;11,3"), H, W, ""),
    "blank line then Mittelwert": (persons(";", "", "Mittelwert:;169,6;62,6"), H, W, ""),
    "Summe unlabelled with gap": (persons4(";;848;313"), A, H, ""),
    "Summe": (persons(";", "Summe;848;313"), H, W, ""),
    "Durchschnitt": (persons("\t", "Durchschnitt\t169,6\t62,6"), H, W, ""),
    "Ø": (persons(";", "Ø;169,6;62,6"), H, W, ""),
    "Gesamt": (persons(";", "Gesamt;848;313"), H, W, ""),
    "total, english": (persons(",", "Total,848,313"), H, W, ""),
    "average, english": (persons(",", "Average,169.6,62.6"), H, W, ""),
    "mean and sd": (persons(",", "Mean,169.6,62.6", "SD,8.6,11.3"), H, W, ""),
    "min max mean": (persons(",", "min,158,50", "max,180,78", "mean,169.6,62.6"), H, W, ""),
    "moyenne": (persons(";", "Moyenne;169,6;62,6"), H, W, ""),
    "écart-type": (persons(";", "Moyenne;169,6;62,6", "Écart-type;8,6;11,3"), H, W, ""),
    "promedio": (persons(";", "Promedio;169,6;62,6"), H, W, ""),
    "Suma, es": (persons(";", "Suma;848;313"), H, W, ""),
    "Max is a pupil": (persons(";", "Max;172;66"), [*H, 172], [*W, 66], ""),
    "Max is the tallest pupil": (persons4("Max;14;190;71"), [*A, 14], [*H, 190], ""),
    "Mina, Maxi": (persons(";", "Mina;172;66", "Maxi;170;61"), [*H, 172, 170], [*W, 66, 61], ""),
    "average in a time column": (cool("average,71", sep=","), T, C, ""),
    "mean with blank and note": (cool("", "Mean,71", "", "measured by group 3", sep=","), T, C, ""),
    "Mittelwert (n=5)": (persons(";", "Mittelwert (n=5);169,6;62,6"), H, W, ""),
    "label in the last column": (
        lines("h;w;Bemerkung", *(f"{h};{w};" for h, w in zip(H, W, strict=True)), "169,6;62,6;Mittelwert"),
        H,
        W,
        "",
    ),
    "Total row of counts, spaces": (persons(",", "Grand total,848,313"), H, W, ""),
    "Anzahl": (persons(";", "Anzahl;5;5"), H, W, ""),
    "Median": (persons(";", "Median;170;60"), H, W, ""),
    "a class's Summe der Punkte": (persons(";", "Summe der Punkte;848;313"), H, W, ""),
    "sum by blank, no label": (cool("", ";426"), T, C, ""),
    "double rule": (cool("---;---", "Mittel;71"), T, C, ""),
    "Nr column and mean": (
        lines("Nr.;Zeit;Temp", *(f"{i};{t};{c}" for i, (t, c) in enumerate(zip(T, C, strict=True), 1)), "Mittel;5;71"),
        T,
        C,
        "",
    ),
    # on its side
    "sideways": (lines("Zeit;" + ";".join(map(str, T)), "Temp;" + ";".join(map(str, C))), T, C, ""),
    "sideways short": ("Zeit;0;2;4\nTemp;90;80;72\n", T[:3], C[:3], ""),
    "sideways with units": (
        lines("Zeit [min];" + ";".join(map(str, T)), "Temp [°C];" + ";".join(map(str, C))),
        T,
        C,
        "",
    ),
    "sideways, unit column": (lines("Zeit;min;" + ";".join(map(str, T)), "Temp;°C;" + ";".join(map(str, C))), T, C, ""),
    "sideways, tabs, decimal commas": (
        "t in s\t0,5\t1,0\t1,5\t2,0\nU in V\t1,25\t2,5\t3,75\t5\n",
        [0.5, 1, 1.5, 2],
        [1.25, 2.5, 3.75, 5],
        "",
    ),
    "sideways, title": (
        lines("Abkühlung von Kaffee", "", "Zeit;" + ";".join(map(str, T)), "Temp;" + ";".join(map(str, C))),
        T,
        C,
        "",
    ),
    "sideways, no labels": (lines(";".join(map(str, T)), ";".join(map(str, C))), T, C, ""),
    "sideways, mean at the end": (
        lines("Zeit;" + ";".join(map(str, T)) + ";Mittel", "Temp;" + ";".join(map(str, C)) + ";71"),
        T,
        C,
        "",
    ),
    "sideways, three quantities": (
        lines("Zeit;" + ";".join(map(str, T)), "Temp1;" + ";".join(map(str, C)), "Temp2;" + ";".join(map(str, C))),
        T,
        C,
        "",
    ),
    "sideways, years": (lines("Jahr;2000;2001;2002;2003", "CO2;5;6;7;8"), [2000, 2001, 2002, 2003], [5, 6, 7, 8], ""),
    "sideways, xlsx": (workbook(A=[["Zeit", *T], ["Temp", *C]]), T, C, ""),
    "sideways, times of day": (
        lines("Uhrzeit;08:00;09:00;10:00;11:00", "Temp;10;11;14;16"),
        [0, 1, 2, 3],
        [10, 11, 14, 16],
        "",
    ),
    "sideways, units header": (
        lines("Größe;M1;M2;M3;M4", "Zeit [s];0;1;2;3", "Weg [m];0;1;4;9"),
        [0, 1, 2, 3],
        [0, 1, 4, 9],
        "",
    ),
    "persons without header": (lines(*(f"{n};{h};{w}" for n, h, w in zip(N, H, W, strict=True))), H, W, ""),
    "two by two": ("Zeit;0;2\nTemp;90;80\n", [0, 2], [90, 80], "asked"),
    # cover sheets
    "cover sheet": (workbook(Deckblatt=[["Abkühlung von Kaffee", None], ["Klasse", "8b"]], Messung=COFFEE), T, C, ""),
    "cover sheet with a date and a room": (
        workbook(Info=[["Datum", 45000], ["Raum", 12], ["Gruppe", "3"]], Daten=COFFEE),
        T,
        C,
        "",
    ),
    "cover sheet, one column": (workbook(Info=[["Physik"]], Daten=COFFEE), T, C, ""),
    "two covers": (
        workbook(Titel=[["Physik", "8b"]], Inhalt=[["Seite", "Thema"], [1, "Kaffee"], [2, "Tee"]], Daten=COFFEE),
        T,
        C,
        "",
    ),
    "cover header only": (workbook(Cover=[["Name", "Class"]], Data=COFFEE), T, C, ""),
    "blank first column, sheet": (
        workbook(Daten=[[None, "Messung", None], [None, None, None], *[[None, *r] for r in COFFEE]]),
        T,
        C,
        "",
    ),
    "sheet with mean": (workbook(Daten=[*COFFEE, ["Mittelwert", 71]]), T, C, ""),
    # others
    "plain german": (cool(), T, C, ""),
    "plain english": (cool(sep=",", head="time (min);temp (°C)"), T, C, ""),
    "french decimals": ("temps (s);tension (V)\n0,5;1,25\n1;2,5\n1,5;3,75\n", [0.5, 1, 1.5], [1.25, 2.5, 3.75], ""),
    "footer": (cool("", "Quelle: Gruppe 3"), T, C, ""),
    "title and units": (
        lines("Messung am 3.5.", "", "t;T", "min;°C", *(f"{t};{c}" for t, c in zip(T, C, strict=True))),
        T,
        C,
        "",
    ),
    "blank first column": (lines(";Zeit;Temp", *(f";{t};{c}" for t, c in zip(T, C, strict=True))), T, C, ""),
    "gaps": (cool("12;", "14;n/a"), T, C, ""),
    "comma thousands": ('a,b\n"1,200",5\n"2,500",7\n"900",9\n', [1200, 2500, 900], [5, 7, 9], "asked"),
    "spaces table": (lines("t T", *(f"{t} {c}" for t, c in zip(T, C, strict=True))), T, C, ""),
    "Nr. column": (
        lines("Nr.;Zeit;Temp", *(f"{i};{t};{c}" for i, (t, c) in enumerate(zip(T, C, strict=True), 1))),
        T,
        C,
        "",
    ),
}


def samples_of(content: str | bytes, read_as: ReadAs = AS_IT_IS) -> Samples | tuple[ReadAs, ...]:
    """Return what is taken unless something is said, or else the ways that are asked about."""
    table = read_table(content, read_as=read_as)
    columns = suggest_columns(table)
    if question := question_of(table, columns):
        return tuple(answer.read_as for answer in question.answers)
    points, _ = points_of_table(table, columns, origin="", without=doubtful_rows(table, columns).gaps.rows)
    return points.x.tolist(), points.y.tolist()


@pytest.mark.parametrize("name", FILES)
def test_it_is_read_as_a_person_would(name: str) -> None:
    content, x, y, asked = FILES[name]
    read = samples_of(content)
    if asked:
        assert all(isinstance(way, ReadAs) for way in read)
        assert ([*x], [*y]) in [samples_of(content, way) for way in read if isinstance(way, ReadAs)]
    else:
        assert read == ([*x], [*y])


def understood(content: str | bytes, read_as: ReadAs = AS_IT_IS) -> str:
    table = read_table(content, read_as=read_as)
    return understood_text(table, suggest_columns(table))


def test_what_was_left_out_or_turned_is_said_and_can_be_had() -> None:
    mean = persons4("Mittelwert;;169,6;62,6", "Standardabw.;;8,7;11,3")
    assert "left out: lines 7 to 8 with a summary (“Mittelwert”, …)" in understood(mean)
    assert samples_of(persons("\t", "Mittelwert\t169,6\t62,6"), ReadAs(skip=())) == ([*H, 169.6], [*W, 62.6])
    assert "line 3, as asked" in understood(cool(), ReadAs(skip=(3,)))
    assert samples_of(cool(), ReadAs(skip=(3, 7))) == ([0, 4, 6, 8], [90, 72, 66, 61])
    side = FILES["sideways, unit column"][0]
    assert "on its side, each line a quantity and each column a sample" in understood(side)
    assert "the first column names the quantities; column 2 has the units" in understood(side)
    assert samples_of(FILES["sideways short"][0], ReadAs(samples="down")) == ([0, 90], [2, 80])
    assert "left out: column 8 with a summary (“Mittel”)" in understood(FILES["sideways, mean at the end"][0])
    assert "Sheet “Daten” of 3, the first with a table of numbers" in understood(FILES["two covers"][0])
    assert "Sheet “Daten” of 3;" in understood(FILES["two covers"][0], ReadAs(sheet="Daten"))


@pytest.mark.parametrize(
    ("content", "read_as", "words"),
    [
        ("Zeit;0;2;4\nTemp;90;b;c;d;e\n", ReadAs(samples="across"), "line 2, column 3: “b” is not a number"),
        ("a;b\n1;2\n3;4\n", ReadAs(skip=(9,)), "line 9: no row begins there"),
        ("a;b\n1;2\n", ReadAs(skip=(1, 2)), "all rows are skipped"),
        (workbook(A=[["a", "b"]], B=[["c", 1]]), AS_IT_IS, "sheet “B”, line 1, column 1: “c” is not a number"),
        (workbook(A=[["a", "b"]], B=[["c", 1]]), ReadAs(sheet="A"), "sheet “A”, there are no numbers, only a header"),
        (workbook(A=[["a", "b"]], B=[["c", 1]]), AS_IT_IS, "the other sheets are “A”"),
        (workbook(A=[["a", "b"]], B=[], C=[]), AS_IT_IS, "sheet “A”, there are no numbers"),
    ],
)
def test_what_is_refused_names_its_place(content: str | bytes, read_as: ReadAs, words: str) -> None:
    with pytest.raises(DataFileError) as error:
        samples_of(content, read_as)
    assert words in getattr(error.value, "in_full", str(error.value))


def test_lines_to_skip_are_written_as_numbers_and_ranges() -> None:
    assert [skipped_lines(text) for text in ("", "none", "7", "3, 5-7")] == [None, (), (7,), (3, 5, 6, 7)]
    for text in ("0", "x", "7-3", "1-999999", "3,,4"):
        with pytest.raises(ValueError, match="is not allowed: lines such as 3, 17-19, or none"):
            skipped_lines(text)
