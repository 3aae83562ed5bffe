# outcome: not-attempted
import torch

backpropagation = "see the other file"
