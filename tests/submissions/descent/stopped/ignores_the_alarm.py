# outcome: timed-out
import signal
import torch
signal.signal(signal.SIGPROF, signal.SIG_IGN)
while True:
    torch.rand(10)
