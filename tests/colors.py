"""How colours are seen: how bright, and how far apart, with each kind of colour blindness."""

import numpy as np
from PySide6.QtGui import QColor

from tinynet_gui.core.values import Floats

# Machado, Oliveira & Fernandes (2009): what is seen without the L, M or S cones, of linear sRGB.
BLINDNESS: dict[str, Floats] = {
    "none": np.eye(3),
    "protanopia": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deuteranopia": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritanopia": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def _linear(color: QColor) -> Floats:
    values = np.array([color.redF(), color.greenF(), color.blueF()])
    linear: Floats = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear


def luminance(color: QColor) -> float:
    return float(TO_XYZ[1] @ _linear(color))


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2: from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


# Ottosson (2020), "A perceptual color space for image processing": linear sRGB to cones, and their cube roots to OKLab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def apart(one: QColor, other: QColor) -> float:
    """How far two colours are apart for whom they are the closest, in hundredths of OKLab: 2 is just seen."""

    def oklab(color: QColor, blindness: Floats) -> Floats:
        seen: Floats = TO_OKLAB @ np.cbrt(TO_CONES @ np.clip(blindness @ _linear(color), 0, 1))
        return 100 * seen

    return min(float(np.linalg.norm(oklab(one, eye) - oklab(other, eye))) for eye in BLINDNESS.values())


def over(color: QColor, ground: QColor) -> QColor:
    """What is seen of a colour that lets the ground through."""
    share = color.alpha() / 255
    parts = ((color.red(), ground.red()), (color.green(), ground.green()), (color.blue(), ground.blue()))
    return QColor(*(round(share * above + (1 - share) * below) for above, below in parts))


def lab(color: QColor, blindness: str = "none") -> Floats:
    """CIE L*a*b*: a distance of 2 is just seen."""
    xyz = TO_XYZ @ np.clip(BLINDNESS[blindness] @ _linear(color), 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
