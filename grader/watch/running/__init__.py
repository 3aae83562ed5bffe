"""How the code of a submission is run: its entry points, or a script as a whole; within limits."""
