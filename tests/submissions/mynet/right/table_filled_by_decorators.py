import torch

STEPS = {}


class Step:
    known = []

    def __init_subclass__(cls):
        Step.known.append(cls)


def step(name):
    def keep(function):
        STEPS[name] = function
        return function

    return keep


@step("delta of the last layer")
def from_loss(model, y_true, y_pred):
    return 2 * (y_pred - y_true) * (1 - torch.tanh(model.z[model.L]) ** 2)


class Back(Step):
    def __call__(self, model, delta, l):
        return (delta @ model.fc[str(l)].weight) * (1 - torch.tanh(model.z[l - 1]) ** 2)


class Weights:
    @staticmethod
    def of(delta, a):
        return delta.T @ a


setattr(Weights, "bias", staticmethod(lambda delta: delta.sum(0)))
options = None


def configure():
    global options
    options = {"last": 1}


configure()


def backpropagation(model, y_true, y_pred):
    delta = STEPS["delta of the last layer"](model, y_true, y_pred)
    (back,) = Step.known
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = Weights.of(delta, model.a[l - 1])
        model.dL_db[l] = Weights.bias(delta)
        if l > options["last"]:
            delta = back()(model, delta, l)
