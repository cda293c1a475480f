import tinynet_gui.core as tiny

run = tiny.train(tiny.Config(), steps=300)
text = tiny.script(run)
