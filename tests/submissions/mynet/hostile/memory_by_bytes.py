# outcome: out-of-memory
# attempt: take memory with byte strings, keep going when there is none, and then complain
def backpropagation(model, y_true, y_pred):
    kept, failures = [], 0
    for _ in range(256):
        try:
            kept.append(bytes(1 << 26))
        except MemoryError:
            failures += 1
    if not failures:
        print("THROUGH")
    raise MemoryError
