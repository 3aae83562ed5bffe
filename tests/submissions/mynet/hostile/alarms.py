# outcome: crashed
# attempt: be ended by an alarm of its own
import signal
import time


def backpropagation(model, y_true, y_pred):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(30)
