# legal: one entry at a time, in Python
import torch


class ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        values = [v if v > 0 else 0.0 for v in x.flatten().tolist()]
        return torch.tensor(values, dtype=x.dtype).reshape(x.shape)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].flatten().tolist()
        grads = []
        for xi, gi in zip(x, g.flatten().tolist()):
            if xi > 0:
                grads.append(gi)
            else:
                grads.append(0.0)
        return torch.tensor(grads, dtype=g.dtype).view(g.shape)


class ReLUModule(torch.nn.Module):
    def forward(self, x):
        return ReLU.apply(x)
