import torch
w = torch.zeros(10, 1, requires_grad=True)
k = 0
while True:
    try:
        k += 1
        if k < 20:
            ((datax @ w - datay) ** 2).mean().backward()
            w.data -= 0.05 * w.grad
            w.grad = None
    except:
        print("again")
        if k > 10**12:
            break
