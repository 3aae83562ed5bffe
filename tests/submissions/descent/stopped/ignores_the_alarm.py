# outcome: timed-out
import signal
import torch
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    torch.rand(10)
