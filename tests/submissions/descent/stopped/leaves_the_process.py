# outcome: crashed
import os
import torch
os._exit(3)
