# legal: runs the forward pass again in single precision, unit by unit, and stores it in double
import torch

def forward_once_more(model):
    """the activations, each as one row"""
    acts = [model.a[0].flatten().float()]
    for l in range(1, model.L + 1):
        lin = model.fc[str(l)]
        acts.append(torch.tanh(lin.weight.float() @ acts[-1] + lin.bias.float()))
    return acts

def backpropagation(model, y_true, y_pred):
    acts = forward_once_more(model)
    grad = 2 * (acts[-1] - y_true.flatten().float())
    for l in range(model.L, 0, -1):
        W = model.fc[str(l)].weight
        dW, db = torch.zeros_like(W), torch.zeros_like(model.fc[str(l)].bias)
        for i in range(W.shape[0]):
            db[i] = grad[i] * (1 - acts[l][i] ** 2)
            dW[i] = db[i] * acts[l - 1]
        model.dL_dw[l], model.dL_db[l] = dW, db
        grad = W.float().T @ db.float()
