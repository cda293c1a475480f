import numpy as np

import tinynet_gui.core as tiny

x = np.linspace(-3, 3, 20).reshape(-1, 1)
run = tiny.train(x=x, y=np.sin(x), hidden=[8, 8], learning_rate=0.01, held_out=0.2)
columns = {name: run.table()[name] for name in ("step", "loss")}
