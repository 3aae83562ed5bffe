# outcome: timed-out
# attempt: one operation in C that takes years and looks at no signal
def backpropagation(model, y_true, y_pred):
    return pow(3, 10**9)
