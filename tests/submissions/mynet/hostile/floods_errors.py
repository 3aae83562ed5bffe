# outcome: too-much-output
# attempt: write without end to the error output, by its descriptor
import os


def backpropagation(model, y_true, y_pred):
    while True:
        os.write(2, b"\x00\xff\x1b[2J" * 8192)
