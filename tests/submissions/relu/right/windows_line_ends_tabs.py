# legal: saved by another system
import torch
from torch import nn

class MyReLUFunction(torch.autograd.Function):
	@staticmethod
	def forward(ctx, x):
		ctx.save_for_backward(x)
		return x.clamp_min(0)

	@staticmethod
	def backward(ctx, g):
		x, = ctx.saved_tensors
		return (x > 0) * g

class MyReLU(nn.Module):
	def forward(self, x):
		return MyReLUFunction.apply(x)
