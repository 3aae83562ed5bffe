# outcome: out-of-memory
import torch
torch.zeros(10**10)
