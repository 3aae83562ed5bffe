# légal : le fichier est en Latin-1, avec des octets qui ne sont pas de l'UTF-8 dans les commentaires
# -*- coding: latin-1 -*-
# Auteurs : Zoé Müller et Noël Lefèvre
import torch


def retropropagation(model, y_true, y_pred):
    """Rétropropagation : calcule les dérivées de l'erreur quadratique, de la dernière à la première couche."""
    erreur = 2 * (y_pred - y_true)          # dérivée de (y' - y)², où le 2 descend
    for couche in range(model.L, 0, -1):
        d = erreur * model.df[couche](model.z[couche])      # à travers l'activation
        model.dL_dw[couche] = d.T @ model.a[couche - 1]
        model.dL_db[couche] = d[0]
        erreur = d @ model.fc[str(couche)].weight           # à travers les poids, déjà transposés


backpropagation = retropropagation
