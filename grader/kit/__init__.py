"""What exercises are made of: generic parts, for `exercise.py` to import.

They run in a submission's process and in the key builder. They hold no answers, and import nothing of the program.
"""
