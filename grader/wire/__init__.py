"""What both sides of the boundary share: frames, names of quantities, and what a recorded training is told by."""
