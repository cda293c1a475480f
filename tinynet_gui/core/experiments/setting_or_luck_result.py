"""What comes of the question “setting or luck?”, for the views. Imports neither torch nor numba."""

from dataclasses import dataclass

from tinynet_gui.core.config import Config
from tinynet_gui.core.statistics.paired_share import PairedShare


@dataclass(frozen=True)
class SettingOrLuck:
    """Two settings, trained from the same seeds.

    Attributes
    ----------
    configs
        The two, with the first of the seeds.
    training, held_out
        In how many seeds the first ends with the lower loss: over the training samples and over the held-out ones;
        None without such. With both, their intervals hold together as often as one alone would.
    diverged
        How many trainings of each diverged; those count as infinitely bad.
    """

    configs: tuple[Config, Config]
    training: PairedShare
    held_out: PairedShare | None
    diverged: tuple[int, int]
