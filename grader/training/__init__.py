"""What can be claimed of a recorded training. Pure: a trace in, facts out."""
