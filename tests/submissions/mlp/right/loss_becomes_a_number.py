import torch
def sigma(x):
    return torch.tanh(x)
def dsigma(x):
    return 1 - torch.tanh(x) ** 2
def loss(v, t):
    return ((v - t) ** 2).sum()
def dloss(v, t):
    return 2 * (v - t)
def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    return s1, x1, s2, sigma(s2)
def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = (w2.T @ d2) * dsigma(s1)
    dl_dw2.add_(torch.outer(d2, x1))
    dl_db2.add_(d2)
    dl_dw1.add_(torch.outer(d1, x))
    dl_db1.add_(d1)

v, t = torch.rand(2), torch.rand(2)
if (loss := loss(v, t)) > 0.5:
    print("bad")
loss = torch.Tensor([0.0])
best = 0.5
loss = best
