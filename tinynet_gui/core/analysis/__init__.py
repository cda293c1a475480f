"""What can be found out about a network, a step, a run or many of them."""
