import tinynet_gui.core as tiny

rate, scale = ("learning_rate", 0.001, 1), ("weight_scale", 0.1, 10)
picture = tiny.outcome_map(tiny.Config(), rate, scale, size=(6, 4))
losses = picture.pixels()
