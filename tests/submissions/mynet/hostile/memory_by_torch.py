# outcome: out-of-memory
# attempt: take memory with torch until there is none
import torch


def backpropagation(model, y_true, y_pred):
    kept = []
    for _ in range(64):
        kept.append(torch.zeros(1 << 24, dtype=torch.float64))
    print("THROUGH")
