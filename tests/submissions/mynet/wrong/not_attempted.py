# expects: output-weights output-biases hidden-weights hidden-biases descends untouched repeatable
# mistake: not-attempted
import torch


def backpropagation(model, y_true, y_pred):
    # YOUR CODE HERE
    for l in range(1, model.L + 1):
        model.dL_dw[l] = None
        model.dL_db[l] = None
