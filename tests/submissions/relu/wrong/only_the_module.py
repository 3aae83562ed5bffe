# expects: forward backward untouched module-backward net-gradients
# mistake: function-missing
import torch
from torch import nn


class MyReLU(nn.Module):

    def forward(self, x):
        return x.clamp(min=0)
