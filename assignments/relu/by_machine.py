"""What the two classes give where nothing is derived: autograd differentiates PyTorch's own ReLU.

Students' own checks get their expected numbers so. It does not run where submissions do.
"""

import torch.nn.functional as F
from torch import nn

from grader.machine import differentiated


def submission(exercise, reading):
    """The entry points."""
    function = differentiated(F.relu)

    class Module(nn.Module):
        def forward(self, x):
            return function.apply(x)

    return {"Function": function, "Module": Module}
