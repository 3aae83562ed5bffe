import numpy as np
import torch


def probes(rng):
    for name, shape in (("matrix", (4, 3)), ("vector", (5,))):
        x, v1, v2 = rng.normal(0, 1, (3, *shape))
        upstream = np.stack([v1, v2, v1 + v2, -3 * v1, 0 * v1])
        yield {"name": f"value of a {name}", "title": name, "inputs": {"x": x}, "part": "forward"}
        yield {"name": name, "title": name, "inputs": {"x": x, "v": upstream}, "part": "backward"}


class Forward:
    needs = ("swish",)

    def quantities(self, inputs):
        yield "y", "forward", ""

    def observe(self, names, inputs, report):
        report("y", names["swish"](inputs["x"]))


class Backward:
    needs = ("swish_backward",)

    def quantities(self, inputs):
        yield "dx", "backward", "x"
        yield "dx in v", "upstream", "dx"

    def points(self, inputs):
        return [inputs | {"v": v} for v in inputs["v"]]

    def scalar(self, point):
        return (point["v"] * point["x"] * torch.sigmoid(point["x"])).sum()

    def observe(self, names, inputs, report):
        for v in inputs["v"]:
            report("dx", names["swish_backward"](inputs["x"], v))


forward, backward = Forward(), Backward()
