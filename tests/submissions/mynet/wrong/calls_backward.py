# expects: output-weights output-biases hidden-weights hidden-biases descends untouched repeatable
# mistake: autograd-called
import torch


def backpropagation(model, y_true, y_pred):
    loss = torch.nn.MSELoss(reduction="sum")(y_pred, y_true)
    model.zero_grad()
    loss.backward()
    for l in range(1, model.L + 1):
        model.dL_dw[l] = model.fc[str(l)].weight.grad
        model.dL_db[l] = model.fc[str(l)].bias.grad
