# outcome: raised
import torch
for i in range(10)
    loss = 0
