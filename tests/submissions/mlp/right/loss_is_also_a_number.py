# legal: the name of the function loss is given to a number, in the loop that trains and after it
import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x)**2


def loss(v, t):
    return ((v - t)**2).sum()


def dloss(v, t):
    return 2*(v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    return s1, x1, s2, sigma(s2)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    delta = dsigma(s2)*dloss(x2, t)
    dl_dw2 += torch.outer(delta, x1)
    dl_db2 += delta
    delta = dsigma(s1)*(w2.T @ delta)
    dl_dw1 += torch.outer(delta, x)
    dl_db1 += delta


w1, b1, w2, b2 = torch.randn(3, 4)/2, torch.randn(3)/2, torch.randn(2, 3)/2, torch.randn(2)/2
grads = [torch.zeros_like(p) for p in (w1, b1, w2, b2)]
for k in range(10**9):
    x, t = torch.randn(4), torch.rand(2)
    s1, x1, s2, x2 = forward_pass(w1, b1, w2, b2, x)
    loss = ((x2 - t)**2).sum()
    backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, *grads)
loss = loss.item()
print("done", loss)
