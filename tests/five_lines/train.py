import tinynet_gui.core as tiny

run = tiny.train(tiny.Config())
loss, y = run.loss, run.predict([2.3])
longer = tiny.train(run, 5_000)
