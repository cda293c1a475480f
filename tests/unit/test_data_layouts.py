"""Data as people have them: the layouts of real sources, each with the samples that must come out.

The numbers are made up; the lines around them, the signs between them and the words for gaps are the source's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tinynet_gui.core.data.data_file import points_of_table, read_table
from tinynet_gui.core.data.delimited import AS_IT_IS, ReadAs
from tinynet_gui.core.data.table import Columns, doubtful_rows, question_of, suggest_columns
from tinynet_gui.core.wording.table_text import understood_text

Column = tuple[str, Sequence[float]]


@dataclass(frozen=True)
class Layout:
    """A file and what must come out of it.

    Attributes
    ----------
    samples
        The first ones: x and y, each with its name.
    said
        Parts of what the preview says.
    read_as, columns
        What the user answers and chooses, where that is needed: `Columns`' fields.
    """

    content: bytes | str
    samples: tuple[Column, Column]
    said: tuple[str, ...] = ()
    read_as: ReadAs = AS_IT_IS
    columns: dict[str, Any] | None = None


EXCEL = "Zeit [min];Temperatur [°C]\r\n0,5;21,25\r\n1,0;-2,5\r\n1,5;3\r\n"
MINUTES = (("Zeit [min]", [0.5, 1.0, 1.5]), ("Temperatur [°C]", [21.25, -2.5, 3.0]))
GISTEMP = """\
Land-Ocean: Global Means
Year,Jan,Feb,Mar,J-D,D-N
1880,-.20,-.26,-.09,-.17,***
1881,-.20,-.15,.02,-.09,-.10
1882,.16,.13,.04,-.11,-.09
1883,***,***,***,***,***
"""

THIRTEEN = {
    "Excel, German, semicolons": Layout(EXCEL, MINUTES),
    "decimal commas between tabs": Layout(EXCEL.replace(";", "\t"), MINUTES),
    "tabs": Layout("t\tU\n1\t2.5\n2\t3\n", (("t", [1, 2]), ("U", [2.5, 3]))),
    "a BOM": Layout(EXCEL.encode("utf-8-sig"), MINUTES),
    "UTF-16": Layout(EXCEL.encode("utf-16"), MINUTES),
    "Latin-1": Layout(EXCEL.encode("latin-1"), MINUTES),
    "commas": Layout("t,U\n1,2.5\n2,3\n", (("t", [1, 2]), ("U", [2.5, 3]))),
    "a column of text": Layout("who,t,U\nme,1,2.5\nyou,2,3\n", (("t", [1, 2]), ("U", [2.5, 3]))),
    "5,000 rows": Layout(
        "n,n²\n" + "".join(f"{n},{n * n}\n" for n in range(5_000)),
        (("n", range(5_000)), ("n²", [n * n for n in range(5_000)])),
    ),
    "gaps": Layout(
        "t,U\n1,2.5\n2,\n3,NA\n-,4\n5,NaN\n6,7\n",
        (("t", [1, 6]), ("U", [2.5, 7])),
        ("4 of 6 rows", "line 3"),
    ),
    "a title and asterisks (GISTEMP)": Layout(
        GISTEMP,
        (("Year", [1880, 1881, 1882]), ("Jan", [-0.2, -0.2, 0.16])),
        ("begins in line 2", "1 of 4 rows", "line 6"),
    ),
    "texts among numbers, and a number for none": Layout(
        "t;U\n1;2,5\n2;OL\n3;3\n4;-999\n5;---\nMittel;7\n7;k.A.\n8;2\n",
        (("t", [1, 3, 8]), ("U", [2.5, 3, 2])),
        ("2 of 8 rows without a value, the first in line 6", "the first in line 3: “OL”", "−999, perhaps no value"),
    ),
    "times of two mornings": Layout(
        "t;T\n08:00;1\n09:00;2\n10:00;3\n08:30;4\n09:30;5\n",
        (("t [hours since 08:00]", [0, 1, 2, 0.5, 1.5]), ("T", [1, 2, 3, 4, 5])),
        ("times start again in line 5",),
    ),
    "a text among dates": Layout(
        "Tag;U\n2021-03-01;1\n2021-03-03;2\nMittel;1,5\n2021-03-31;4\n",
        (("Tag [days since 2021-03-01]", [0, 2, 30]), ("U", [1, 2, 4])),
        ("1 of 4 rows without a number, the first in line 4: “Mittel”",),
    ),
    "dates": Layout(
        "Date,Height (m)\n2021-03-01,1.5\n2021-03-03,2\n2021-03-31,4\n",
        (("Date [days since 2021-03-01]", [0, 2, 30]), ("Height (m)", [1.5, 2, 4])),
    ),
    "thousands": Layout(
        '"3,280","595,045"\n"842","1,200"\n"2,000","3,100"\n',
        (("", [3280, 842, 2000]), ("", [595045, 1200, 3100])),
        ("3280", "3.28"),
        ReadAs(thousands=","),
    ),
}
TWENTY = {
    "Scripps, CO2 at Mauna Loa, weekly (comments in quotes)": Layout(
        '" Scripps CO2 program                    "\n" Weekly averages, in ppm; cite as below. "\n'
        '" Start of data, 2 columns               "\n'
        "1958-03-29,   316.19\n1958-04-05,   317.31\n1958-04-12,   317.69\n",
        (("[days since 1958-03-29]", [0, 7, 14]), ("", [316.19, 317.31, 317.69])),
        ("begins in line 4",),
    ),
    "NOAA, CO2 at Mauna Loa, monthly (comments by #)": Layout(
        "# USE OF NOAA GML DATA\n#\n# decimal date, monthly average\n"
        "year,month,decimal date,average,ndays\n"
        "1958,3,1958.2027,315.70,-1\n1958,4,1958.2877,317.45,-1\n1958,5,1958.3699,317.51,-1\n",
        (("decimal date", [1958.2027, 1958.2877, 1958.3699]), ("average", [315.7, 317.45, 317.51])),
        columns={"x": 2, "y": 3},
    ),
    "NOAA, Climate at a Glance (title lines, a year and month in one number)": Layout(
        "Global Land and Ocean Average Temperature Anomalies\nUnits: Degrees Celsius\nBase Period: 1901-2000\n"
        "Missing: -999\nYear,Anomaly\n1850,-0.15\n1851,-0.09\n1852,-0.06\n",
        (("Year", [1850, 1851, 1852]), ("Anomaly", [-0.15, -0.09, -0.06])),
        ("begins in line 5",),
    ),
    "Deutscher Wetterdienst, hourly (semicolons, padded, a day as digits)": Layout(
        "STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\n"
        "         44;2020010100;    3;   3.9;  91.0;eor\n         44;2020010112;    3;   4.5;  90.0;eor\n"
        "         44;2020010200;    3;   5.0;  89.0;eor\n",
        (("MESS_DATUM [days since 2020-01-01 00:00]", [0, 0.5, 1]), ("TT_TU", [3.9, 4.5, 5.0])),
        columns={"x": 1, "y": 3, "unit": "days"},
    ),
    "Eurostat, TSV turned upright (flags after a colon)": Layout(
        "freq,geo\\TIME_PERIOD\tBE \tDE \n2019 \t1.2 \t3.4 \n2020 \t: \t3.5 \n2021 \t1.4 \t3.6 \n",
        (("freq,geo\\TIME_PERIOD", [2019, 2021]), ("BE", [1.2, 1.4])),
        ("1 of 3 rows", "line 3"),
    ),
    "World Bank (four lines above the table, a comma at each end)": Layout(
        '"Data Source","World Development Indicators",\n\n"Last Updated Date","2021-05-25",\n\n'
        '"Country Name","Country Code","Area","Population",\n'
        '"Aruba","ABW","180","106766",\n"Angola","AGO","446550","32866268",\n"Malta","MLT","320","",\n',
        (("Area", [180, 446550]), ("Population", [106766, 32866268])),
        ("begins in line 5", "1 of 3 rows"),
        columns={"x": 2, "y": 3},
    ),
    "World Bank, as downloaded (a column for each year)": Layout(
        '"Data Source","World Development Indicators",\n\n"Last Updated Date","2021-05-25",\n\n'
        '"Country Name","Country Code","1960","1961","1962",\n'
        '"Aruba","ABW","54211","55438","56225",\n"Angola","AGO","5454933","",\n"Malta","MLT","326550","325250","324100",\n',
        (("1960", [54211, 326550]), ("1961", [55438, 325250])),
        ("begins in line 5, which names the columns", "1 of 3 rows"),
    ),
    "Excel, French (narrow spaces between thousands)": Layout(
        "Année;Habitants\r\n1990;1\u202f234,5\r\n2000;12\u202f345,75\r\n2010;999\r\n",
        (("Année", [1990, 2000, 2010]), ("Habitants", [1234.5, 12345.75, 999])),
    ),
    "Excel, Swiss (apostrophes between thousands)": Layout(
        "Jahr;Betrag [CHF]\r\n1990;1'234.50\r\n2000;12’345.75\r\n2010;999.00\r\n",
        (("Jahr", [1990, 2000, 2010]), ("Betrag [CHF]", [1234.5, 12345.75, 999])),
    ),
    "Excel, German, a line of units": Layout(
        "Zeit;Spannung\r\ns;V\r\n0,0;1,5\r\n0,1;1,75\r\n0,2;2\r\n",
        (("Zeit [s]", [0, 0.1, 0.2]), ("Spannung [V]", [1.5, 1.75, 2])),
        ("line 2",),
    ),
    "Arduino, serial monitor with time stamps": Layout(
        "10:00:01.250 -> 512\n10:00:01.750 -> 513\n10:00:02.250 -> 540\n",
        (("[seconds since 10:00:01.25]", [0, 0.5, 1]), ("", [512, 513, 540])),
        columns={"x": 0, "y": 2, "unit": "seconds"},
    ),
    "Vernier Logger Pro": Layout(
        "Vernier Format 2\nUntitled.cmbl 5/3/2021 10:00:00 .\nLatest\nTime\tDistance\nt\td\ns\tm\n\n"
        "0.05\t0.412\n0.1\t0.417\n0.15\t0.425\n",
        (("Time [s]", [0.05, 0.1, 0.15]), ("Distance [m]", [0.412, 0.417, 0.425])),
        ("begins in line 4",),
    ),
    "PASCO Capstone": Layout(
        '"Time (s) Run #1","Position (m) Run #1"\n"0.00","0.15"\n"0.05","0.16"\n"0.10",""\n"0.15","0.2"\n',
        (("Time (s) Run #1", [0, 0.05, 0.15]), ("Position (m) Run #1", [0.15, 0.16, 0.2])),
        ("1 of 4 rows", "line 4"),
    ),
    "Keysight oscilloscope (a line of units, a channel's number as its name)": Layout(
        "x-axis,1\nsecond,Volt\n-5.0E-04,+2.0E-02\n-4.0E-04,+4.0E-02\n-3.0E-04,+8.0E-02\n",
        (("x-axis [second]", [-5e-4, -4e-4, -3e-4]), ("1 [Volt]", [0.02, 0.04, 0.08])),
        ("line 2 has the units",),
    ),
    "Tektronix oscilloscope (settings beside and above)": Layout(
        "Model,TDS2024C\nFirmware Version,24.26\nPoint Format,Y\nHorizontal Units,S\nSample Interval,4e-06\n\n"
        "TIME,CH1,CH2\n-0.0016,0.04,1\n-0.0012,0.08,2\n-0.0008,0.12,3\n",
        (("TIME", [-0.0016, -0.0012, -0.0008]), ("CH1", [0.04, 0.08, 0.12])),
        ("begins in line 7",),
    ),
    "gnuplot": Layout("# t  U\n  0.0   1.5\n 10.0  -2.5e-1 # an outlier\n\n\n", (("", [0, 10]), ("", [1.5, -0.25]))),
    "FRED (a point for a gap)": Layout(
        "observation_date,GDP\n1947-01-01,243.164\n1947-04-01,.\n1948-01-01,260.1\n",
        (("observation_date [years since 1947-01-01]", [0, 1]), ("GDP", [243.164, 260.1])),
        ("1 of 3 rows", "line 3"),
        columns={"x": 0, "y": 1, "unit": "years"},
    ),
    "Yahoo Finance": Layout(
        "Date,Open,High,Close,Volume\n2021-03-01,123.75,127.93,127.79,116307900\n"
        "2021-03-02,128.41,128.72,125.12,102260900\n2021-03-03,null,null,null,null\n",
        (("Date [days since 2021-03-01]", [0, 1]), ("Close", [127.79, 125.12])),
        ("1 of 3 rows",),
        columns={"x": 0, "y": 3, "unit": "days"},
    ),
    "InfluxDB (time stamps with Z)": Layout(
        "time,value\n2021-03-01T12:00:00Z,1.5\n2021-03-01T12:00:00.500Z,2\n2021-03-01T14:00:01+02:00,3\n",
        (("time [seconds since 2021-03-01 12:00Z]", [0, 0.5, 1]), ("value", [1.5, 2, 3])),
        columns={"x": 0, "y": 1, "unit": "seconds"},
    ),
    "Our World in Data, Covid (empty fields)": Layout(
        "iso_code,location,date,new_cases,new_deaths\nDEU,Germany,2020-01-27,1.0,\nDEU,Germany,2020-01-28,3.0,0.0\n",
        (("date [days since 2020-01-27]", [0, 1]), ("new_cases", [1, 3])),
        columns={"x": 2, "y": 3, "unit": "days"},
    ),
    "European Covid table (day first, which must be asked)": Layout(
        "dateRep,cases\n03/04/2021,5\n02/05/2021,7\n",
        (("dateRep [months since 2021-04-03]", [0, 1 + 1 / 31 - 2 / 30]), ("cases", [5, 7])),
        ("03/04/2021",),
        ReadAs(dates="day-first"),
        {"x": 0, "y": 1, "unit": "months"},
    ),
    "spirometer (a header block of name and value)": Layout(
        "Patient;Muster\nGeburtsdatum;01.02.1970\nGerät;Spiro 2\n\nVolumen [l];Fluss [l/s]\n"
        "0,0;0,0\n0,5;6,25\n1,0;8,5\n",
        (("Volumen [l]", [0, 0.5, 1]), ("Fluss [l/s]", [0, 6.25, 8.5])),
        ("begins in line 5",),
    ),
    "LabVIEW measurement (.lvm)": Layout(
        "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\nDate\t2021/03/01\nX_Columns\tOne\n"
        "***End_of_Header***\t\n\nChannels\t1\t\nSamples\t3\t\nX_Value\tVoltage\tComment\n"
        "0.000000\t1.25\n0.001000\t1.5\n0.002000\t1.75\n",
        (("X_Value", [0, 0.001, 0.002]), ("Voltage", [1.25, 1.5, 1.75])),
        ("begins in line 10",),
    ),
    "pandas with its index": Layout(
        ",time,value\n0,0.5,1e-05\n1,1.0,2\n2,1.5,\n", (("time", [0.5, 1.0]), ("value", [1e-5, 2])), ("1 of 3 rows",)
    ),
    "LibreOffice with a footer": Layout(
        "Messung 3,,\n,,\nt (s),s (m),\n0,0,\n1,4.9,\n2,19.6,\n,,\nMittel,8.2,\nSource: physics lab,,\n",
        (("t (s)", [0, 1, 2]), ("s (m)", [0, 4.9, 19.6])),
        ("begins in line 3", "left out: line 1 above the table, lines 8 to 9 below the table"),
    ),
    "Destatis (title above, source below)": Layout(
        "Bevölkerung: Deutschland, Stichtag\nFortschreibung des Bevölkerungsstandes\nStichtag;Anzahl\n"
        "31.12.1950;50958125\n31.12.1951;51434777\n31.12.1953;-\n__________\n© Statistisches Bundesamt (Destatis)\n",
        (("Stichtag [years since 1950-12-31]", [0, 1]), ("Anzahl", [50958125, 51434777])),
        ("begins in line 3", "1 of 3 rows", "line 6"),
        columns={"x": 0, "y": 1, "unit": "years"},
    ),
}
LAYOUTS = THIRTEEN | TWENTY


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read(name: str) -> None:
    layout = LAYOUTS[name]
    asked = read_table(layout.content)
    table = read_table(layout.content, read_as=layout.read_as)
    columns = Columns(**layout.columns) if layout.columns else suggest_columns(table)
    question = question_of(asked, columns)
    assert (question is None) == (layout.read_as == AS_IT_IS)
    doubtful = doubtful_rows(table, columns)
    said = [
        understood_text(table, columns),
        *doubtful.words(),
        str(question.refusal()) if question else "",
    ]
    points, _ = points_of_table(table, columns, origin="", without=doubtful.all)
    (x_name, x), (y_name, y) = layout.samples
    assert points.x.tolist() == pytest.approx(list(x), abs=1e-9)
    assert points.y.tolist() == list(y)
    assert (points.x_name, points.y_name) == (x_name, y_name)
    assert [words for words in layout.said if words not in " ".join(said)] == []
