# expects: backpropagation-out backpropagation-da backpropagation-db
"""scalar_functions.py only, with functions of operators.py at its top."""
import numpy as np


def inv_back(x, d):
    return -1.0 / (x * x) * d


def sigmoid(x):
    return float(1 / (1 + np.exp(-x)))


class ScalarFunction:
    pass


class Mul(ScalarFunction):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, d_output):
        return [d_output * v for v in ctx.saved_values[::-1]]


class Log(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return float(np.log(a))

    @staticmethod
    def backward(ctx, d_output):
        return (1.0 / ctx.saved_values[0]) * d_output


class Inv(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return 1.0 / a

    @staticmethod
    def backward(ctx, d_output):
        return inv_back(ctx.saved_values[0], d_output)


class Neg(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        return 0.0 - a

    @staticmethod
    def backward(ctx, d_output):
        return (-1.0 * d_output,)


class Sigmoid(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return sigmoid(a)

    @staticmethod
    def backward(ctx, d_output):
        (a,) = ctx.saved_values
        return sigmoid(a) * sigmoid(-a) * d_output


class ReLU(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return max(0.0, a)

    @staticmethod
    def backward(ctx, d_output):
        return np.sign(max(0.0, ctx.saved_values[0])) * d_output


class Exp(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return np.exp(a)

    @staticmethod
    def backward(ctx, d_output):
        return np.exp(ctx.saved_values[0]) * d_output
