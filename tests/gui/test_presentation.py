"""In a presentation everything can be read from the last row, and everything is given back at its end."""

from collections.abc import Iterator
from typing import Any

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFont, QFontInfo, QPen
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsItem, QSplitter, QWidget
from pytestqt.qtbot import QtBot
