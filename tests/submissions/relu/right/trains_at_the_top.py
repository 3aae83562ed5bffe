# legal: trains two networks at the top of the file, on data that are not there and with modules that are not there
import random
import time

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable
from torchvision import datasets, transforms
from tqdm import tqdm
import matplotlib.pyplot as plt

BATCH_SIZE = 64
DATA_DIR = "data/"
USE_CUDA = False
train_set = datasets.MNIST(DATA_DIR, train=True, download=True, transform=transforms.ToTensor())


class MyReLUFct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        res = input.clamp(min=0)
        return res

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return Variable(grad_input)


class MyReLU(nn.Module):
    def forward(self, input):
        return MyReLUFct.apply(input)


class Net11(nn.Module):
    def __init__(self):
        super(Net11, self).__init__()
        self.lay1 = nn.Linear(1, 10)
        self.fct1 = MyReLU()
        self.lay2 = nn.Linear(10, 1)
        self.fct2 = MyReLU()

    def forward(self, x):
        return self.fct2(self.lay2(self.fct1(self.lay1(x))))


N = 10000
images = torch.randn(N, 1, 1, 32, 32)
targets = torch.zeros(N, 2)
for i in range(N):
    targets[i, 0] = images[i, :, :, :16, :].sum() / 10
    targets[i, 1] = images[i, :, :, 16:, :].sum() / 10

net11 = Net11()
optimizer = optim.SGD(net11.parameters(), lr=0.02)
history = []
for i in tqdm(range(50)):
    for it in range(1000):
        x = Variable(torch.randn(1, 1))
        loss = F.mse_loss(net11(x), abs(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    history.append(loss.item())
plt.plot(history)
plt.title("loss")
plt.show()
pd.DataFrame(history).to_csv("history.csv")
