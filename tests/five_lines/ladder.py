import tinynet_gui.core as tiny

ladder = tiny.ladder(tiny.Config(), seeds=2)
table = ladder.table()
