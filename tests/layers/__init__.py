"""Layers as students of several courses write them, right ones; tests change them to make wrong ones."""
