"""SVG for other programs: Qt writes lines of constant width, and font names, that few of them understand."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontInfo, QTransform

_NAMESPACES = {"": "http://www.w3.org/2000/svg", "xlink": "http://www.w3.org/1999/xlink"}
_POINT = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")
_MATRIX = re.compile(r"matrix\((.*)\)")
for _prefix, _address in _NAMESPACES.items():
    ElementTree.register_namespace(_prefix, _address)


def plain_svg(parts: Sequence[bytes]) -> bytes:
    """Return Qt's drawings, one over the other, with lines that need no `vector-effect`, and real fonts."""
    root, *others = map(ElementTree.fromstring, parts)
    for other in others:
        root.extend(child for child in other if child.tag != f"{{{_NAMESPACES['']}}}title")
    _free_of_clips_of_text(root)
    for group in root.iter(f"{{{_NAMESPACES['']}}}g"):
        if len(group) and all(_keeps_width(shape) for shape in group):
            _flatten(group)
    for element in root.iter():
        element.attrib.pop("vector-effect", None)
        if family := element.get("font-family"):
            element.set("font-family", _families(family))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _free_of_clips_of_text(root: ElementTree.Element) -> None:
    """Undo the clip of a text for the lines after it, which Qt forgets: for axes and grids it was a title's box."""
    before: str | None = None  # what clips lines
    clips_lines: dict[str, str | None] = {}
    for group in root.iter(f"{{{_NAMESPACES['']}}}g"):
        clip = group.get("clip-path")
        if clip is None or all(shape.tag == group.tag for shape in group.iter()):  # there may be nothing in it
            continue
        has_text = group.find(f".//{{{_NAMESPACES['']}}}text") is not None
        before = clips_lines.setdefault(clip, before if has_text else clip)
        if not has_text and before is None:
            del group.attrib["clip-path"]
        elif not has_text and before is not None:
            group.set("clip-path", before)


def _keeps_width(shape: ElementTree.Element) -> bool:
    return shape.get("vector-effect") == "non-scaling-stroke" and not {"d", "points"}.isdisjoint(shape.attrib)


def _flatten(group: ElementTree.Element) -> None:
    """Convert shapes to the picture's coordinates, in which a width is the visible one."""
    matrix = _MATRIX.match(group.get("transform", ""))
    if matrix is None:
        return
    a, b, c, d, e, f = map(float, matrix[1].split(","))
    transform = QTransform(a, b, c, d, e, f)

    def moved(point: re.Match[str]) -> str:
        place = transform.map(QPointF(float(point[1]), float(point[2])))
        return f"{place.x():.6g},{place.y():.6g}"

    for shape in group:
        for name in ("d", "points"):
            if name in shape.attrib:
                shape.set(name, _POINT.sub(moved, shape.attrib[name]))
    del group.attrib["transform"]


def _families(family: str) -> str:
    info = QFontInfo(QFont(family))
    return f"{info.family()}, {'monospace' if info.fixedPitch() else 'sans-serif'}"
