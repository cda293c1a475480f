"""A formula in LaTeX as a picture in SVG."""

from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

from tinynet_gui.core.text.shortened import written


class FormulaSvg(NamedTuple):
    """A drawn formula; its box is given around the beginning of its base line, with y downwards."""

    svg: bytes
    left: float
    top: float
    width: float
    height: float


@lru_cache(maxsize=256)
def formula_svg(latex: str, is_displayed: bool, size: float = 12.0, color: str = "black") -> FormulaSvg:
    """Draw a formula in a size of its font in pixels; raise a ValueError if that cannot be done."""
    from ziamath.config import config  # imported late, as few texts have formulas
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws no symbols that are defined once
    try:
        svg = Latex(latex, size=size, color=color, inline=not is_displayed).svgxml()
    except Exception:  # its own kinds and whatever else an odd formula makes of it
        reason = "a brace or an argument may be missing, or one sign may have two ^ or two _"
        raise ValueError(f"the formula {written(latex)} cannot be drawn; {reason}") from None
    left, top, width, height = (float(number) for number in svg.attrib["viewBox"].split())
    return FormulaSvg(ElementTree.tostring(svg), left, top, width, height)
