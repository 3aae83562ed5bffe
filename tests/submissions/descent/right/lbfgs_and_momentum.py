"""Manual momentum in question 1, LBFGS and weight decay in question 2."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
X, Y, XT, YT = (t.double() for t in (datax, datay, testx, testy))

def regression(batch, lr, mu, epochs, decay=0.0):
    theta = [torch.zeros(10, 1).requires_grad_(), torch.zeros(1).requires_grad_()]
    velocity = [torch.zeros_like(p) for p in theta]
    for _ in range(epochs):
        for rows in torch.randperm(X.shape[0]).chunk(max(1, X.shape[0] // batch)):
            J = F.mse_loss(F.linear(X[rows], theta[0].T, theta[1]), Y[rows])
            J.backward()
            with torch.no_grad():
                for p, v in zip(theta, velocity):
                    v.mul_(mu).add_(p.grad + decay * p)
                    p.sub_(lr * v)
                    p.grad.zero_()
        F.mse_loss(XT @ theta[0].detach() + theta[1].detach(), YT)
    return theta

w, b = regression(353, .02, .9, 100)
regression(1, .001, .5, 3)
regression(30, .01, .9, 10, decay=1e-3)

class Perceptron(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.hidden = torch.nn.Linear(10, n)
        self.output = torch.nn.Linear(n, 1)

    def forward(self, x):
        z = self.hidden(x)
        h = (torch.exp(z) - torch.exp(-z)) / (torch.exp(z) + torch.exp(-z))
        return self.output(h)

model = Perceptron(6)
optimiser = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=5)
def closure():
    optimiser.zero_grad()
    value = F.mse_loss(model(X), Y)
    value.backward()
    return value
for _ in range(10):
    print(optimiser.step(closure).item())

model = torch.nn.Sequential(torch.nn.Linear(10, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-2)
for _ in range(100):
    optimiser.zero_grad()
    F.mse_loss(model(X), Y).backward()
    optimiser.step()
