# outcome: returned
# attempt: fork while the file is loaded
import os

children = []


def attempt():
    try:
        child = os.fork()
    except OSError:
        return
    if child == 0:
        os._exit(0)
    children.append(child)


for _ in range(3):
    children.append(attempt())


def backpropagation(model, y_true, y_pred):
    if any(children):
        print("THROUGH")
