# legal: the whole practical in one script, with a data loader that is not here, checks by autograd, and training at the top
import argparse

import matplotlib.pyplot as plt
import torch
import dlc_practical_prologue as prologue

options = argparse.ArgumentParser()
options.add_argument("--hidden", type=int, default=50)
options.add_argument("--epochs", type=int, default=1000)
args = options.parse_args()


# -- exercise 1 -----------------------------------------------------------
def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    e = torch.exp(2 * x)
    return 4 * e / (e + 1) ** 2


probe = torch.randn(5, requires_grad=True)
sigma(probe).sum().backward()
print("dsigma:", "ok" if torch.allclose(probe.grad, dsigma(probe.detach())) else "WRONG")


# -- exercise 2 -----------------------------------------------------------
def loss(v, t):
    return torch.sum((v - t) ** 2)


def dloss(v, t):
    return 2 * (v - t)


guess = torch.randn(5, requires_grad=True)
truth = torch.randn(5)
loss(guess, truth).backward()
assert torch.allclose(guess.grad, dloss(guess.detach(), truth))


# -- exercise 3 -----------------------------------------------------------
def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.matmul(w1, x) + b1
    x1 = sigma(s1)
    s2 = torch.matmul(w2, x1) + b2
    x2 = sigma(s2)
    return x, s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    at_output = dloss(x2, t) * dsigma(s2)
    at_hidden = torch.matmul(at_output, w2) * dsigma(s1)
    dl_dw1 += torch.outer(at_hidden, x)
    dl_dw2 += torch.outer(at_output, x1)
    dl_db1 += at_hidden
    dl_db2 += at_output


# -- exercise 4 -----------------------------------------------------------
train_x, train_y, test_x, test_y = prologue.load_data(one_hot_labels=True, normalize=True)
train_y, test_y = 0.9 * train_y, 0.9 * test_y
params = [1e-6 * torch.randn(args.hidden, train_x.size(1)), 1e-6 * torch.randn(args.hidden),
          1e-6 * torch.randn(train_y.size(1), args.hidden), 1e-6 * torch.randn(train_y.size(1))]
rate = 0.1 / len(train_x)
history = []

for epoch in range(args.epochs):
    grads = [torch.zeros_like(p) for p in params]
    total = 0.0
    for image, target in zip(train_x, train_y):
        passed = forward_pass(*params, image)
        total += loss(passed[-1], target).item()
        backward_pass(*params, target, *passed, *grads)
    for p, g in zip(params, grads):
        p -= rate * g
    wrong = sum(forward_pass(*params, image)[-1].argmax() != target.argmax() for image, target in zip(test_x, test_y))
    history.append(total)
    print(epoch, total, wrong / len(test_x))

plt.plot(history)
plt.show()
