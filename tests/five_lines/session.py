import tinynet_gui.core as tiny

tiny.save([tiny.train(steps=100), tiny.train(tiny.Config.notebook(3), 100)], "two runs")
runs = tiny.open("two runs.tinynet")
losses = [run.replay().loss for run in runs]
