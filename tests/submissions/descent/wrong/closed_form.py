# expects: q1-loss q1-gradient-reset q1-fresh q1-update q1-batch q1-stochastic q1-minibatch q1-test-untouched q2-network q2-sequential q2-loss q2-parameters q2-optimiser q2-test-untouched
import torch
# no descent at all
X = torch.cat([datax, torch.ones(len(datax), 1)], 1)
theta = torch.linalg.solve(X.T @ X, X.T @ datay)
w, b = theta[:-1], theta[-1]
print(((testx @ w + b - testy) ** 2).mean())
