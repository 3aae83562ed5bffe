# outcome: raised
import torch


class GradientError(Exception):
    def __str__(self):
        return self.details["why"]


def backpropagation(model, y_true, y_pred):
    if y_pred.shape != y_true.T.shape:
        raise GradientError()
