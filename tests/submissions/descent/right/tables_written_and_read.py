# legal: writes tables, logs and numbers to files, and reads a table again
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
import csv, json, logging, os
from pathlib import Path
out = Path("res"); out.mkdir(exist_ok=True)
logging.basicConfig(filename=out / "log.txt", level=logging.INFO, force=True)
def fit(n, lr):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    with open(out / f"{n}.csv", "w", newline="") as fh:
        wr = csv.DictWriter(fh, ["t", "train", "test"]); wr.writeheader()
        for t in range(80):
            i = torch.randperm(353)[:n]
            l = F.mse_loss(datax[i] @ w + b, datay[i]); l.backward()
            with torch.no_grad():
                for p in (w, b): p -= lr * p.grad; p.grad = None
                wr.writerow(dict(t=t, train=l.item(), test=F.mse_loss(testx @ w + b, testy).item()))
            logging.info("%d %f", t, l)
    with open(out / f"{n}.csv") as fh: rows = list(csv.DictReader(fh))
    (out / f"{n}.json").write_text(json.dumps(rows)); np.savetxt(out / f"{n}.txt", [float(r["test"]) for r in rows])
    return float(rows[-1]["test"])
def main():
    print({n: fit(n, lr) for n, lr in ((353, .1), (1, .003), (32, .03))})
if __name__ == "__main__": main()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
