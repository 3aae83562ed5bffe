# outcome: timed-out
# attempt: a regular expression that takes years
import re


def backpropagation(model, y_true, y_pred):
    return re.match("(a|a?)+$", "a" * 60 + "b")
