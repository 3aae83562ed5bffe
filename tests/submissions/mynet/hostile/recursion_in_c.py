# outcome: crashed
# attempt: exhaust the stack, with the limit on recursion removed
import sys


class Deep:
    def __repr__(self):
        return repr(self.inner)


def backpropagation(model, y_true, y_pred):
    sys.setrecursionlimit(2**31 - 1)
    top = inner = Deep()
    inner.inner = top
    repr(top)
