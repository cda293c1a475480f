"""The functions to learn, by name. To add one, add its entry here."""

from tinynet_gui.core.text.language import NC_, translated
from tinynet_gui.core.values import frozen_dataclass

FORMULA = "formula"


@translated("label", context="target")
@frozen_dataclass
class Target:
    """A function to learn: `formula` in the language of `core.data.formula`, `since` the format that introduced it."""

    label: str
    formula: str
    since: int = 6


TARGETS: dict[str, Target] = {
    "square": Target("x²", "x**2"),
    "cube": Target("x³", "x**3"),
    "sin": Target("sin x", "sin(x)"),
    "cos": Target("cos x", "cos(x)"),
    "abs": Target("|x|", "abs(x)"),
    "step": Target(NC_("target", "step"), "step(x)"),
    "sawtooth": Target(NC_("target", "sawtooth"), "sawtooth(x)"),
    "gaussian": Target("exp(−x²)", "exp(-x**2)"),
    "x_sin": Target("x·sin x", "x*sin(x)"),
    "sin3": Target("sin 3x", "sin(3*x)"),
    FORMULA: Target(NC_("target", "a formula …"), ""),
}
