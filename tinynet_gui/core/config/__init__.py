from tinynet_gui.core.config.config import IN_FILES, Config, changed_paths, needs_reset
from tinynet_gui.core.config.sections import SETTINGS, DataConfig, NetworkConfig, TrainingConfig
from tinynet_gui.core.config.setting import MAX_HIDDEN_LAYERS, MAX_SEED, MAX_WIDTH, ConfigError, Effect, Setting

__all__ = [
    "IN_FILES",
    "MAX_HIDDEN_LAYERS",
    "MAX_SEED",
    "MAX_WIDTH",
    "SETTINGS",
    "Config",
    "ConfigError",
    "DataConfig",
    "Effect",
    "NetworkConfig",
    "Setting",
    "TrainingConfig",
    "changed_paths",
    "needs_reset",
]
