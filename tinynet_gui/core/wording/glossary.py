"""The glossary: the field's words that the program uses, in two sentences each, for the first week of a course."""

import html
import re
from collections.abc import Iterator
from functools import cache

from tinynet_gui.core.text.language import current_language, gettext, pgettext
from tinynet_gui.core.values import frozen_dataclass


@frozen_dataclass
class GlossaryEntry:
    """A word, its meaning, and where in the window it can be seen.

    `tests.catalogue` has its words translated: what is here is English, the properties are in the current language.

    Attributes
    ----------
    key
        Its name in links.
    meaning
        Two sentences.
    shown_at
        The object name of a control or a view.
    others
        Its other spellings in texts: regular expressions, in lower case.
    """

    key: str
    meaning: str
    shown_at: str
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return pgettext("glossary", self.key)

    @property
    def text(self) -> str:
        return gettext(self.meaning)

    @property
    def spellings(self) -> str:
        """All spellings of the word, joined by | to be translated as one text."""
        return "|".join((self.key.lower(), *self.others))

    @property
    def forms(self) -> list[str]:
        return re.split(r"\|(?![^()]*\))", pgettext("glossary, in texts", self.spellings))


TERMS: tuple[GlossaryEntry, ...] = (
    GlossaryEntry(
        "activation function",
        "The function that a neuron applies to its weighted sum before it passes it on. Without one, however many "
        "layers there are, the network could only draw a straight line.",
        "activation",
        ("activations?", "activation functions"),
    ),
    GlossaryEntry(
        "autograd",
        "The part of PyTorch that remembers every operation and finds the gradient of the loss from it. The "
        "tutorial's loss.backward() calls it.",
        "microscope",
    ),
    GlossaryEntry(
        "batch",
        "The samples that are used together for one step. With all samples in it, each step goes down the gradient of "
        "the whole loss; with a few, of a part that changes from step to step.",
        "batchSize",
        ("batches", "mini-batch(es)?"),
    ),
    GlossaryEntry(
        "bias",
        "A number that a neuron adds to the weighted sum of its inputs. It moves the neuron's kink to the left or to "
        "the right.",
        "networkDiagram",
        ("biases",),
    ),
    GlossaryEntry(
        "branch",
        "A run that began in the middle of another one, where something was changed in its past. Up to there both are "
        "the same run.",
        "timeLine",
        ("branches", "branched off"),
    ),
    GlossaryEntry(
        "dead neuron",
        "A ReLU neuron whose weighted sum is below 0 for every sample, so that it gives 0 for all of them. Its "
        "gradient is 0 too: plain training (SGD) never revives one in the first layer; in later ones it often comes "
        "back, as its inputs change.",
        "networkDiagram",
        ("dead", "dead neurons", "dying relu", "died"),
    ),
    GlossaryEntry(
        "divergence",
        "The loss grows, mostly from step to step, until it is no longer a number. The learning rate is too large for "
        "how strongly the loss is curved there, and the steps overshoot farther and farther.",
        "lossPlot",
        ("diverged?", "diverges"),
    ),
    GlossaryEntry(
        "epoch",
        "One pass through all training samples. With all of them in each step an epoch is one step; with mini-batches "
        "it takes several.",
        "stepLabel",
        ("epochs",),
    ),
    GlossaryEntry(
        "extrapolation",
        "What the network says for an x beyond the samples it was trained on. Beyond its last kink a ReLU network goes "
        "on in a straight line, whatever the true function does.",
        "functionPlot",
        ("extrapolates?",),
    ),
    GlossaryEntry(
        "freeze",
        "To hold a weight, a neuron or a layer at its values while the rest trains on. Its gradient is still computed; "
        "it just is not used.",
        "inspector",
        ("frozen", "froze", "freezing"),
    ),
    GlossaryEntry(
        "ghost",
        "The curve in violet that shows where a training would end with the settings as they are now. It is a real "
        "training, done aside.",
        "functionPlot",
    ),
    GlossaryEntry(
        "gradient",
        "For each weight and bias, how much the loss would change if that number grew a little. Plain training "
        "(SGD) moves every number against its gradient.",
        "inspector",
        ("gradients",),
    ),
    GlossaryEntry(
        "gradient clipping",
        "Shortening the gradient of all weights and biases together to a given length where it is longer; its "
        "direction stays. So one steep place does not throw the weights far.",
        "maxNorm",
        ("clipping", "clip norm"),
    ),
    GlossaryEntry(
        "held-out samples",
        "Samples that the network is never trained on. The loss on them tells whether it has learned the function or "
        "only the samples.",
        "heldOut",
        ("held[- ]out",),
    ),
    GlossaryEntry(
        "hidden layer",
        "A row of neurons between the input and the output. What it gives is seen by the next layer only.",
        "hiddenLayers",
        ("hidden layers",),
    ),
    GlossaryEntry(
        "initial weights",
        "The numbers with which a network begins: random ones, times the initial scale. The seed says which, and they "
        "decide how well the training goes; on Windows PyTorch rounds their last digit twice.",
        "initialization",
        ("initiali[sz]ations?", "first weights"),
    ),
    GlossaryEntry(
        "kernel",
        "How much a small step for one sample changes the output for another, for each two samples. While it stays as "
        "it was, the network trains like its lazy twin.",
        "functionPlot",
        ("tangent kernels?", "kernels"),
    ),
    GlossaryEntry(
        "kink",
        "The x at which a ReLU neuron begins or ends to be active. The network's curve can bend only there.",
        "functionPlot",
        ("kinks", "kinked"),
    ),
    GlossaryEntry(
        "L1 penalty",
        "The sum of all weights and biases without their signs, times a number, added to the loss that training "
        "lowers. It pulls each of them towards 0, large and small alike: if training is long enough, many end within a "
        "step of 0.",
        "l1Penalty",
        ("l1 penalties",),
    ),
    GlossaryEntry(
        "lazy twin",
        "The network made linear in its weights around its start: its kinks stay, and its whole training is a formula "
        "(View, “Show its lazy twin”). One very wide hidden layer mostly stays close to it, as none of its weights "
        "moves far (Jacot, 2018; Chizat, 2019).",
        "functionPlot",
        ("lazy twins?", "twins?"),
    ),
    GlossaryEntry(
        "learning rate",
        "How far each step goes against the gradient. Too small, and the training takes for ever; too large, and it "
        "may diverge.",
        "learningRate",
        ("learning rates",),
    ),
    GlossaryEntry(
        "loss",
        "One number that says how wrong the network is on the samples. Training tries to make it smaller.",
        "lossPlot",
        ("losses", "mse", "mean squared error"),
    ),
    GlossaryEntry(
        "mode of the error",
        "A part of the lazy twin's error that is learned by itself; the larger its eigenvalue, the faster, unless the "
        "steps overshoot. With one or two hidden ReLU layers and x around 0 the first three mostly change sign 0, 1 "
        "and 2 times (View, “What the twin learns when”).",
        "lossPlot",
        ("modes?", "error in modes"),
    ),
    GlossaryEntry(
        "momentum",
        "A part of the last update that is added to the next one, like the swing of a rolling ball. Steps in one "
        "direction add up, so training is faster; but it may roll too far, and the loss rises on the way.",
        "optimizer",
    ),
    GlossaryEntry(
        "neuron",
        "It multiplies what comes in by its weights, adds its bias, and applies its activation function. A ReLU "
        "neuron of the first layer gives a line with one kink.",
        "networkDiagram",
        ("neurons",),
    ),
    GlossaryEntry(
        "noise",
        "What is added to the samples by chance, as every measurement has it. A network that follows the noise has not "
        "learned the function.",
        "noise",
    ),
    GlossaryEntry(
        "optimiser",
        "The rule that makes a step of the gradient: plain gradient descent (SGD), or one with a memory, such as "
        "momentum or Adam. The memory is its own, besides the weights.",
        "optimizer",
        ("optimi[sz]ers?", "sgd", "adam", "rmsprop"),
    ),
    GlossaryEntry(
        "overfitting",
        "The network fits the samples better and better, and the function behind them worse. It shows where the loss "
        "on held-out samples rises while the training loss still falls.",
        "lossPlot",
        ("overfits?",),
    ),
    GlossaryEntry(
        "plateau",
        "A stretch of steps over which the loss hardly moves. The training may be done, stuck, or only very slow.",
        "lossPlot",
    ),
    GlossaryEntry(
        "pre-activation",
        "The weighted sum of a neuron's inputs plus its bias, before the activation function. It is written u here, "
        "and what comes of it h.",
        "networkDiagram",
        ("pre-activations",),
    ),
    GlossaryEntry(
        "ReLU",
        "The activation function max(u, 0): what is negative becomes 0, the rest stays. Its name is short for "
        "rectified linear unit.",
        "activation",
        ("relu",),
    ),
    GlossaryEntry(
        "RMS error",
        "The root of the mean of the squared errors (root mean square), in units of y. It says how far the curve is "
        "from the true function or, where nobody knows that, from the held-out samples.",
        "functionPlot",
        ("root mean squares?", "rms", "rms errors"),
    ),
    GlossaryEntry(
        "sample",
        "One pair of x and y that the network learns from. All that it knows of the function is these pairs.",
        "functionPlot",
        ("samples",),
    ),
    GlossaryEntry(
        "schedule",
        "A rule by which the learning rate changes from step to step, by jumps or along a wave to 0. A large rate goes "
        "far in few steps, and a small one then calms what trembles.",
        "schedule",
        ("schedules",),
    ),
    GlossaryEntry(
        "seed",
        "A number from which random numbers are made. The same seed gives the same ones, so that a run can be "
        "repeated to the bit.",
        "networkSeed",
        ("seeds",),
    ),
    GlossaryEntry(
        "standardise",
        "To subtract the mean and divide by the standard deviation, so that numbers of any size lie around 0. The "
        "network then sees such numbers; the plots still show yours.",
        "standardise",
        ("standardised", "standardising"),
    ),
    GlossaryEntry(
        "step",
        "One update of all weights and biases: forward, loss, backward, update. The tutorial takes 10,000 of them.",
        "stepLabel",
        ("steps", "updates?"),
    ),
    GlossaryEntry(
        "weight",
        "A number by which a neuron multiplies one of its inputs. All that a network learns is in its weights and "
        "biases.",
        "networkDiagram",
        ("weights",),
    ),
    GlossaryEntry(
        "weight decay",
        "A small pull of every weight and bias towards 0 in each step. It keeps weights from growing without need, "
        "which often makes the curve smoother.",
        "weightDecay",
    ),
    GlossaryEntry(
        "what stays",
        "The squares of a ReLU neuron's outgoing weights minus those of its incoming ones and its bias. At a small "
        "learning rate plain SGD hardly changes it, and weight decay shrinks it; Adam does not keep it.",
        "inspector",
    ),
    GlossaryEntry(
        "what the curve costs",
        "With one layer of ReLU, each change of the curve's slope times √(1 + kink²), added up. The weights pay at "
        "least that, as half the sum of their squares and the biases'; long weight decay in small steps brings them "
        "down to it.",
        "inspector",
    ),
)


@cache
def _pattern(_language: str) -> re.Pattern[str]:
    """All forms of all terms in the current language, the longest first; the group that matches names the term."""
    forms = [(form, place) for place, term in enumerate(TERMS) for form in term.forms]
    forms.sort(key=lambda form: -len(form[0]))
    parts = "|".join(f"(?P<t{place}_{k}>{form})" for k, (form, place) in enumerate(forms))
    return re.compile(rf"(?<![\w-])(?:{parts})(?![\w-])", re.IGNORECASE)


def terms_in(text: str) -> tuple[GlossaryEntry, ...]:
    """Return the terms that a text uses, each once, in order."""
    return tuple(dict.fromkeys(term for _, _, term in uses_in(text)))


def uses_in(text: str) -> Iterator[tuple[int, int, GlossaryEntry]]:
    """Yield each use of a term in a text: its start, its end, and the term."""
    for match in _pattern(current_language()).finditer(text):
        yield match.start(), match.end(), TERMS[int((match.lastgroup or "t0_").partition("_")[0][1:])]


def with_links(text: str, besides: GlossaryEntry | None = None) -> str:
    """Return a plain text as rich text, in which each term, except `besides`, is a link at its first use.

    Quoted words are names, and get no link.
    """
    seen, names = {besides}, [quoted.span() for quoted in re.finditer("“[^”]*”|„[^“]*“", text)]
    parts, end = [], 0
    for first, last, term in uses_in(text):
        if term not in seen and not any(begin < first and last < over for begin, over in names):
            seen.add(term)
            link = f'<a href="{html.escape(term.key)}">{html.escape(text[first:last])}</a>'
            parts += [html.escape(text[end:first]), link]
            end = last
    return "".join((*parts, html.escape(text[end:]))).replace("\n", "<br>")
