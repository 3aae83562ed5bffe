# outcome: raised
# attempt: make the parser fail by brackets that are nested deeply
def backpropagation(model, y_true, y_pred):
    return eval("(" * 100_000 + ")" * 100_000)
