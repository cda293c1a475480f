import tinynet_gui.core as tiny

run = tiny.train(steps=300)
around = tiny.outcome_map(run, ("gradient", -1, 1), ("sharpest", -1, 1), "loss", size=(9, 5))
