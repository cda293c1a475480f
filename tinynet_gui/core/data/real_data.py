"""Measured data, small enough to ship with the program; each file names its source."""

from tinynet_gui.core.data.points import Points
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text.language import N_
from tinynet_gui.core.values import frozen_dataclass


@frozen_dataclass
class RealData:
    """One set of measured data.

    Attributes
    ----------
    file
        Its name in ``resources/data/``.
    x, y
        Axis names with units.
    about
        What makes it interesting, in one sentence.
    """

    label: str
    file: str
    x: str
    y: str
    source: str
    about: str


REAL_DATA = {
    "planets": RealData(
        N_("Planets (Kepler's third law)"),
        "planets.csv",
        N_("semi-major axis (au)"),
        N_("period (years)"),
        "NASA Planetary Fact Sheet, as in the package planets 0.9.1",
        N_("A law without noise, T² = a³, known at eight places only, half of them close together."),
    ),
    "copper": RealData(
        N_("Thermal expansion of copper"),
        "copper.csv",
        N_("temperature (K)"),
        N_("coefficient of thermal expansion"),
        "NIST Statistical Reference Datasets, Hahn1 (T. Hahn, Copper Thermal Expansion Study)",
        N_("A steep rise that bends into a nearly straight line, measured with very little noise."),
    ),
    "motorcycle": RealData(
        N_("Motorcycle accident"),
        "motorcycle.csv",
        N_("time after impact (ms)"),
        N_("acceleration of the head (g)"),
        "B. W. Silverman (1985), J. Royal Statistical Society B 47, 1-52, as in statsmodels 0.15",
        N_("Flat, then a deep dip and a rebound, with noise that is much larger after the impact than before."),
    ),
    "nile": RealData(
        N_("Flow of the Nile"),
        "nile.csv",
        N_("year"),
        N_("annual flow at Aswan (10⁸ m³)"),
        "G. W. Cobb (1978), Biometrika 65, 243-251, as in statsmodels 0.15",
        N_("Mostly noise, around a mean that dropped about 1898."),
    ),
    "sunspots": RealData(
        N_("Sunspots"),
        "sunspots.csv",
        N_("year"),
        N_("sunspot number, yearly mean"),
        "National Geophysical Data Center, as in statsmodels 0.15",
        N_("Some 28 periods of about 11 years and of very different height: it takes many kinks to follow them."),
    ),
}


def load(name: str) -> Points:
    """Return the samples of one of `REAL_DATA`."""
    from tinynet_gui.core.data import data_file
    from tinynet_gui.core.data.table import suggest_columns

    data = REAL_DATA[name]
    table = data_file.read_file(str(resource_path(f"data/{data.file}")))
    points, _ = data_file.points_of_table(table, suggest_columns(table), origin=data.label)
    return Points(points.x, points.y, points.held_out, points.origin, data.x, data.y)
