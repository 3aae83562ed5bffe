"""Layers that are declared: a forward formula, inputs with letters for axes, and how a submission is called."""
