# outcome: returned
# attempt: start threads, and let torch use many
import _thread

import torch


def backpropagation(model, y_true, y_pred):
    for _ in range(4):
        try:
            _thread.start_new_thread(print, ("THROUGH",))
        except RuntimeError:
            continue
    torch.set_num_threads(8)
    (torch.ones(300, 300) @ torch.ones(300, 300)).sum()
    torch.ones(3_000_000).exp().sum()
