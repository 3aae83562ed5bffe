import torch
w = torch.zeros(10, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for i in range(100):
    ((datax @ w + b - datay) ** 2).mean().backward()
    with torch.no_grad():
        w -= 0.05 * w.grad
        b -= 0.05 * b.grad
    w.grad, b.grad = None, None
while True:
    pass
