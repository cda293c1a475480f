"""The rows of the parameter panel: each field's editor, stable object name and tooltip."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLabel

from tinynet_gui.core.choices import loops, losses, optimizers, schedules
from tinynet_gui.core.choices.gradient_changes import CLIP, DECAY, L1
from tinynet_gui.core.config import SETTINGS, Setting
from tinynet_gui.core.data.points import STANDARDISE
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.views.panel import fields
from tinynet_gui.ui.widgets.accessibility import in_role, named, wrapped
from tinynet_gui.ui.widgets.fields.editors import CheckBox, ChoiceBox
from tinynet_gui.ui.widgets.fields.number_fields import NumberField, ScrubLabel

EditorFactory = Callable[[Setting], Any]
WIDTHS, ACTIVATION = "network.hidden", "network.activation"


@frozen_dataclass
class Row:
    """One line of the panel, or the second field of one (`beside`, after the word `between`).

    `label` is that of both, unless it is the first field's; `is_first`: one of the few that are always shown.
    """

    path: str
    make_editor: EditorFactory = NumberField
    beside: "Row | None" = None
    between: str = ""
    label: str = ""
    name: str = ""
    is_first: bool = False

    @property
    def object_name(self) -> str:
        """The editor's object name, by default learningRate for training.learning_rate."""
        first, *others = self.path.partition(".")[2].split("_")
        return self.name or first + "".join(map(str.capitalize, others))

    @property
    def fields(self) -> "tuple[Row, ...]":
        return (self,) if self.beside is None else (self, self.beside)

    @property
    def tooltip(self) -> str:
        return TOOLTIPS[self.path]

    @property
    def title(self) -> str:
        return self.label or SETTINGS[self.path].label


def _choice(registry: Mapping[str, Any]) -> EditorFactory:
    return lambda _: ChoiceBox({name: entry.label for name, entry in registry.items()})


def _number(step: float = 0, **look: Any) -> EditorFactory:
    return lambda setting: NumberField(setting, step, **look)


_RANGE = _(
    "Samples are drawn from this range of x. Outside it the network extrapolates, which it was never trained to do."
)
TOOLTIPS: dict[str, str] = {  # by path
    "data.target": _(
        "The function that the network is to learn from its samples. Below the functions are measured data."
    ),
    "data.formula": _(
        "The same function as a formula of x. Type your own, such as sin(3*x) + 0.3*x, and press Enter.\n"
        "Allowed: + - * / % **, pi, e, sin, cos, tan, tanh, exp, log, sqrt, abs, sign, floor, step, sawtooth, "
        "relu, min, max."
    ),
    "data.sample_count": _("How many samples are drawn. With few, the network has to guess what lies between them."),
    "data.x_min": _RANGE,
    "data.x_max": _RANGE,
    "data.noise": _(
        "Standard deviation σ of the noise added to y, in units of y. Then even the true function has a mean "
        "squared error of about σ² on the samples."
    ),
    "data.held_out": _(
        "Share of the samples that is held back from training. The loss on them, the validation loss, tells "
        "whether the network has learned the function or only the samples."
    ),
    "data.standardise": _(
        "The network sees (x − μ)/σ, with mean and standard deviation of the training samples when the run begins; "
        "with x and y it also gives (y − μ)/σ, and the loss is of that. Data and curves stay in their own units. "
        "Samples far from 0 or large ones are learned much better so."
    ),
    "data.points": _(
        "Points of your own, edited in the plot, pasted or opened: they are the samples. The button draws samples "
        "of the function again and restarts."
    ),
    "data.seed": _("Another seed draws other samples; the same seed draws the same ones."),
    WIDTHS: _(
        "Neurons in each hidden layer: 10 for one layer of ten, 8, 8, 8 for three layers of eight, nothing for "
        "none.\n"
        "0 to 6 layers of 1 to 1,000 neurons. Up and Down change the number at the cursor.\n"
        "In a single hidden layer each ReLU neuron can add one kink to the curve. In deeper layers it can add "
        "several."
    ),
    ACTIVATION: _(
        "What each neuron does with its weighted sum. Without a bend (identity) any network is a straight line.\n"
        "With several layers, the last choice gives each of them its own."
    ),
    "network.initialization": _(
        "How the first weights are drawn. With zeros all neurons stay alike forever; weights that are too large "
        "make the first steps explode."
    ),
    "network.weight_scale": _(
        "A factor on all first weights and biases: 1 leaves them as they are drawn, and with 0 all neurons stay "
        "alike forever.\n"
        "With one hidden ReLU layer, any other factor keeps the kinks of the untrained curve in place and "
        "multiplies its slopes by the factor's square."
    ),
    "network.first_weights": _(
        "The weights and biases of a network that was opened: training begins with them, and Reset comes back to "
        "them. The button draws weights from the seed again and restarts."
    ),
    "network.seed": _(
        "Another seed draws other first weights, and the training may end elsewhere; the same seed gives the same run."
    ),
    "network.drawn_before": _(
        "Which network the seed draws. The tutorial's notebook draws five, one after the other: of 5, 1, 2, 1,000 "
        "and 10 neurons, and trains the fifth. Each weight and bias takes one random number, so the fifth comes "
        "after 3,028."
    ),
    "training.loss": _(
        "What training minimises. MSE punishes large errors most, L1 all alike. Huber is half the MSE for errors "
        "up to 1, and beyond that L1 less ½."
    ),
    "training.loop": _(
        "The tutorial's loop, or one with a mistake that most people make once: optimizer.zero_grad() is "
        "forgotten, so all gradients add up; the targets have the shape (n,), so each output is compared with "
        "every y; the loss is a sum, which is like a learning rate n times as large for n samples a step."
    ),
    "training.optimizer": _(
        "How a gradient becomes an update. Momentum keeps rolling, Adam and RMSprop scale each weight's step by "
        "the size of its past gradients."
    ),
    "training.learning_rate": _(
        "How far one step goes against the gradient. Too small: nothing happens for thousands of steps. Too large: "
        "the loss jumps, and the training may diverge."
    ),
    "training.schedule": _(
        "How the learning rate changes by itself, counted from step 0, as PyTorch's schedulers do it. Step "
        "multiplies it by γ each time T more steps are over. Cosine lets it fall along half a wave, to 0 at step "
        "T; after that it rises again."
    ),
    "training.schedule_steps": _(
        "T: for Step, the number of steps between two falls of the learning rate; for Cosine, the steps until it "
        "is 0. They are counted from the end of the warm-up."
    ),
    "training.gamma": _("The factor by which the learning rate falls each time: 0.1 leaves a tenth."),
    "training.warm_up": _(
        "So many steps at the beginning, the learning rate rises in a straight line, from a hundredth of it to "
        "all of it. 0: it begins with all of it."
    ),
    "training.momentum": _(
        "What share of the last update is kept in the next. 0.9 goes about ten times as far along a steady "
        "slope. 1 would be a loop that never resets its gradients, but for rounding."
    ),
    "training.nesterov": _("Look ahead along the momentum before correcting the course: less overshooting."),
    "training.beta1": _("How slowly Adam's mean of the gradients changes."),
    "training.beta2": _("How slowly Adam's mean of the squared gradients changes."),
    "training.alpha": _("How slowly RMSprop's mean of the squared gradients changes."),
    "training.epsilon": _("Keeps the division by a vanishing gradient finite."),
    "training.batch_size": _(
        "Samples in one step. All of them give the exact gradient; a few give a noisy one, and more steps in a "
        "pass over the data (an epoch)."
    ),
    "training.stop_step": _("Training stops at this step. Start then continues for as many steps again."),
    "training.patience": _(
        "Early stopping: with held-out samples, stop when their loss has not got better for so many steps, "
        "counted from its best or the last change of this number, and go back to its best. Each step is looked "
        "at, which takes time. Previews, experiments and maps train to their stop step all the same."
    ),
    **{f"training.{change.setting}": change.tooltip for change in (DECAY, L1, CLIP)},
}
DATA = (
    Row("data.target", lambda _: fields.TargetBox(), name="targetFunction", is_first=True),
    Row("data.formula", lambda _: fields.TextField()),
    Row("data.sample_count"),
    Row(
        "data.x_min",
        _number(0.5, has_buttons=False),
        beside=Row("data.x_max", _number(0.5, has_buttons=False), name="rangeMax"),
        between="…",
        label=_("Range of x"),
        name="rangeMin",
    ),
    Row("data.noise", _number(0.1), is_first=True),
    Row("data.held_out", _number(5, is_percent=True)),
    Row("data.standardise", lambda _setting: ChoiceBox({name: _(text) for name, text in STANDARDISE.items()})),
    Row(
        "data.points",
        lambda _setting: fields.SourceField(
            "drawAgain", _("Leave these points"), _("Draw samples of the function again; Undo brings these back.")
        ),
        name="dataSource",
    ),
    Row("data.seed", name="dataSeed"),
)
NETWORK = (
    Row(WIDTHS, lambda _: fields.WidthsField(), name="hiddenLayers", is_first=True),
    Row(ACTIVATION, lambda _: fields.ActivationBox()),
    Row("network.initialization", _choice(INITIALIZATIONS)),
    Row("network.weight_scale"),
    Row(
        "network.first_weights",
        lambda _setting: fields.SourceField(
            "drawWeights", _("Leave these weights"), _("Draw weights from the seed again; Undo brings these back.")
        ),
    ),
    Row("network.seed", name="networkSeed", is_first=True),
    Row("network.drawn_before", lambda _: fields.DrawnBeforeBox(), label=_("Drawn as")),
)
TRAINING = (
    Row("training.loss", _choice(losses.LOSSES), name="lossFunction"),
    Row("training.loop", _choice(loops.LOOPS)),
    Row("training.optimizer", _choice(optimizers.OPTIMIZERS)),
    Row("training.learning_rate", is_first=True),
    Row("training.schedule", _choice(schedules.SCHEDULES)),
    Row("training.schedule_steps", _number(1_000)),
    Row("training.gamma", _number(0.1)),
    Row("training.warm_up", _number(100)),
    Row("training.momentum", _number(0.01)),
    Row("training.nesterov", lambda _: CheckBox()),
    Row("training.beta1", _number(0.01)),
    Row("training.beta2", _number(0.001)),
    Row("training.alpha", _number(0.01)),
    Row("training.epsilon"),
    *(Row(f"training.{change.setting}", name="l1Penalty" if change is L1 else "") for change in (DECAY, L1, CLIP)),
    Row("training.batch_size", _number(text_for_zero=_("all"))),
    Row("training.stop_step", _number(1_000)),
    Row("training.patience", _number(100, text_for_zero=_("off"))),
)
SECTIONS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (_("Data"), DATA),
    (_("Network"), NETWORK),
    (pgettext("section of the settings", "Training"), TRAINING),
)


def make_editor(row: Row, wheel_filter: QObject) -> Any:
    """Return the field; the filter keeps the wheel from changing it by accident."""
    setting = SETTINGS[row.path]
    effect = _("Acts on the next step.") if setting.effect == "live" else _("A change restarts the training.")
    unit = _("Unit: {unit}.").format(unit=setting.unit) + " " if setting.unit else ""
    tooltip = f"{row.tooltip}\n{unit}{effect}"
    editor: Any = named(row.make_editor(setting), row.object_name, setting.label, tooltip)
    editor.setAccessibleDescription(tooltip)
    editor.setFont(fixed_font() if not isinstance(editor, ChoiceBox) else editor.font())
    editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    editor.setMinimumWidth(40)
    editor.installEventFilter(wheel_filter)
    return editor


def make_label(row: Row, editor: Any, *, may_be_dragged: bool) -> QLabel:
    """Return the label, by which a number can be dragged; that of the neurons may have two lines."""
    text = f"{row.title} ●" if SETTINGS[row.path].effect == "live" else row.title
    tooltip, is_dragged = editor.toolTip(), may_be_dragged and isinstance(editor, QAbstractSpinBox | fields.WidthsField)
    lines = 2 if row.path == WIDTHS else 1
    label = in_role(ScrubLabel(text, editor, lines) if is_dragged else QLabel(text), "caption")
    drag = _("Drag this label left or right to change the value.")
    label.setToolTip(wrapped(f"{tooltip}\n{drag}") if is_dragged else tooltip)
    label.setBuddy(editor)
    return label
