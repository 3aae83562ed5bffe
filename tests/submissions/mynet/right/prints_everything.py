# permis : affiche tous les tenseurs au passage, et mesure le temps avec cProfile
import cProfile

import torch


def backpropagation(model, y_true, y_pred):
    profil = cProfile.Profile()
    profil.enable()
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * model.df[l](model.z[l])
        print("couche", l, delta)
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.reshape(-1)
        print(f"dW = {model.dL_dw[l]}")
        delta = delta @ model.fc[str(l)].weight
    profil.disable()
