"""The untrusted side: which parts of a submission are run, how they are run, and what is seen of a training.

It imports nothing of the program but the wire format and the parts of exercises.
"""
