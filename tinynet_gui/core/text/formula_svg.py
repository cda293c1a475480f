"""A formula in LaTeX as a picture in SVG."""

from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written

SIZE, COLOR = 24.0, "black"  # of its font, in pixels; and of its signs


class FormulaSvg(NamedTuple):
    """A drawn formula; its box is given around the beginning of its base line, with y downwards."""

    svg: bytes
    left: float
    top: float
    width: float
    height: float


@lru_cache(maxsize=512)
def formula_svg(latex: str, is_displayed: bool) -> FormulaSvg:
    """Draw a formula once, whatever the size and the colour it is shown in; raise a ValueError if that fails."""
    from ziamath.config import config  # imported late, as few texts have formulas
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws no symbols that are defined once
    try:
        svg = Latex(latex, size=SIZE, color=COLOR, inline=not is_displayed).svgxml()
    except Exception:  # its own kinds and whatever else an odd formula makes of it
        words = _(
            "the formula {latex} cannot be drawn; a brace or an argument may be missing, "
            "or one sign may have two ^ or two _"
        )
        raise ValueError(words.format(latex=written(latex))) from None
    left, top, width, height = (float(number) for number in svg.attrib["viewBox"].split())
    return FormulaSvg(ElementTree.tostring(svg), left, top, width, height)
