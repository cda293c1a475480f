"""Which experiments there are to choose, and how each is spoken of."""

from dataclasses import dataclass

from tinynet_gui.core.experiments.results import FEWEST_SEEDS


@dataclass(frozen=True)
class Kind:
    """An experiment to choose: its label, the question it answers, and how many runs there may be.

    Where `runs_label` is empty, how many there are is not to be chosen. `list_name` and `open_hint` say what is in the
    list and what the button beside it does. `tells_time`: it takes as long for each part of the way.
    """

    label: str
    question: str
    runs_label: str
    fewest: int
    most: int
    usual: int
    key: str
    list_name: str = "Runs of the experiment, the best first"
    open_hint: str = "Make this run the current one, trained to its end. Undo brings your settings back."
    tells_time: bool = False


KINDS: dict[str, Kind] = {
    "swarm": Kind(
        "Swarm of seeds",
        "How often does this setting fail, and why?",
        "seeds",
        50,
        1_000,
        256,
        "One dot a seed, heaped up over its final loss. Click one to choose it.",
    ),
    "ladder": Kind(
        "Ladder of widths",
        "Which number of neurons fits best?",
        "seeds",
        1,
        50,
        8,
        "The loss at the end, for each number of neurons. Click a dot to choose a run.",
    ),
    "depth": Kind(
        "Shallow against deep",
        "Which learns faster with as many parameters: shallow or deep?",
        "seeds",
        FEWEST_SEEDS,
        100,
        20,
        "The loss of each shape at its best learning rate: the median, and the middle half as a band.",
    ),
    "influence": Kind(
        "Leave one sample out",
        "Which sample did it? The network is trained without each of them in turn, from the same initial weights.",
        "",
        1,
        1,
        1,
        "How far the final curve moves without a sample (root mean square, in units of y), over its x. Point at one to "
        "see its curve.",
        "Samples left out, the most influential first",
        "A run without one sample has samples of its own, which the settings cannot describe: it cannot be opened.",
        tells_time=True,
    ),
    "claim": Kind(
        "Claim",
        "Does what you say hold? It is tested on many seeds.",
        "seeds",
        50,
        1_000,
        256,
        "One dot a seed, heaped up over its final loss. Click one to choose it.",
        "Runs of the claim, the one that speaks most against it first",
    ),
}
