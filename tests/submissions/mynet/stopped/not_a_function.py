# outcome: unreadable
import torch

backpropagation = "see the other file"
