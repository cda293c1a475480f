"""The lazy twin: a network linearised in its weights around its start, whose training is a formula."""
