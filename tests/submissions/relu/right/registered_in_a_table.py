# legal: the Module looks its Function up in a table, and a network stands after it
import torch, warnings
from torch import nn
warnings.filterwarnings("error")
torch.autograd.set_detect_anomaly(True)
REGISTER = {}
def registrer(navn):
    def deko(k):
        REGISTER[navn] = k
        return k
    return deko
@registrer("relu-funksjon")
class MinReLUFunksjon(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inn):
        maske = (inn > 0).to(inn.dtype)
        ctx.save_for_backward(maske)
        return inn * maske
    @staticmethod
    def backward(ctx, grad_ut):
        maske, = ctx.saved_tensors
        return maske * grad_ut, 
@registrer("relu-modul")
class MinReLU(nn.Module):
    def forward(self, inn): return REGISTER["relu-funksjon"].apply(inn)
class Nett(nn.Module):
    def __init__(self, act=MinReLU):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5); self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 2)
        self.act = act()
    def forward(self, x):
        x = nn.functional.max_pool2d(self.act(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(self.act(self.conv2(x)), 2)
        x = x.flatten(1)
        return self.fc3(self.act(self.fc2(self.act(self.fc1(x)))))
if __name__ == "__main__":
    net = Nett(); print(net)
    out = net(torch.randn(1, 1, 32, 32)); nn.MSELoss()(out, torch.randn(1, 2)).backward()
