import tinynet_gui.core as tiny

swarm = tiny.swarm(tiny.Config(), 256)
table = swarm.table()
