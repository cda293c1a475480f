"""Reads the samples that the command line names; reports on stderr how they were read, and what was left out."""

import argparse
import os
import sys
from typing import Any

from tinynet_gui.core.data.data_file import SEED, points_without_gaps, read_file
from tinynet_gui.core.data.delimited import DataFileError, ReadAs, SheetError
from tinynet_gui.core.data.points import Points, is_better_standardised
from tinynet_gui.core.data.table import doubtful_rows, is_constant, question_of, suggest_columns
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.wording.table_text import changes_text, restart_text, sheet_text


def read_points(options: argparse.Namespace) -> Points:
    """Read the file of ``--data`` as samples, as the other options say.

    DataFileError if it has none or is ambiguous, naming the options that help; OSError if it cannot be read.
    """
    name = options.data
    names = ("decimal", "thousands", "dates", "sheet", "samples")
    given: dict[str, Any] = {each: getattr(options, each) or "" for each in names}
    read_as = ReadAs(**given, skip=options.skip)
    try:
        table = read_file(name, read_as=read_as)
    except SheetError as error:
        raise DataFileError(f"{error.in_full}; --sheet takes another") from None
    columns = suggest_columns(table, options.x or "", options.y or "")
    if question := question_of(table, columns):
        raise question.refusal("--{} {}")
    doubtful = doubtful_rows(table, columns)
    points, rows = points_without_gaps(table, columns, "--skip {}", origin=os.path.basename(name))
    taken = [f"{axis}: {table.names[place]}" for axis, place in (("x", columns.x), ("y", columns.y))]
    said = [f"{', '.join(taken)}; {rows:,} rows", changes_text(table), restart_text(table, columns)]
    if len(table.sheets) > 1:
        said.insert(0, f"{sheet_text(table)}; --sheet takes another")
    if is_constant(points.x):
        said.append(f"x is {points.x[0]:.10g} throughout: choose another column with --x")
    if doubtful.gaps.words:
        said.append(f"left out {doubtful.gaps.words}")
    if is_better_standardised(points) and options.setting is None and options.config is None:
        said.append("x or y is large, tiny or far from 0: mostly learned better with --setting standardise=xy")
    if doubtful.sentinels.words:
        said.append(f"used are {doubtful.sentinels.words}")
    if len(points) < rows:
        said.append(f"{len(points):,} of {rows:,} rows are used, drawn from seed {SEED}")
    for part in filter(None, said):
        print(f"tinynet-gui: --data {shortened(name, 200)}: {part}", file=sys.stderr)
    return points
