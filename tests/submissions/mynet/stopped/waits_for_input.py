# outcome: raised
import torch


def backpropagation(model, y_true, y_pred):
    lr = float(input("learning rate? "))
    model.dL_db[model.L] = lr * (y_pred - y_true)[0]
