"""Français : ce qui est dit d'un entraînement enregistré."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # un entraînement enregistré
    "trace-unreadable": "n'est pas une trace",
    "trace-of-other-data": "n'est pas montré : ce qui a été enregistré n'est pas un entraînement sur ces données",
    "no-linear-model": "pas abordé : aucune boucle n'entraîne de modèle linéaire",
    "no-network": "pas abordé : aucune boucle n'entraîne de réseau",
    "training-no-gradient": "ne se voit pas : un entraînement n'a calculé aucun gradient",
    "loss-spread": (
        "compare chaque prédiction à toutes les cibles dans {losses} coûts : les dimensions des prédictions "
        "et des cibles diffèrent, comme (N, 1) et (N,)"
    ),
    "several-outputs": (
        "compare {outputs} prédictions à chaque cible dans {losses} coûts : le modèle a plus de sorties qu'il"
        " n'y a de cibles"
    ),
    "loss-summed": "est la somme des carrés des erreurs dans {losses} coûts sur {of}, pas leur moyenne",
    "loss-rooted": "est la racine de la moyenne des carrés des erreurs dans {losses} coûts sur {of}",
    "loss-absolute": "est la moyenne des erreurs absolues dans {losses} coûts sur {of}, pas de leurs carrés",
    "loss-unlike": (
        "n'est pas la moyenne des carrés des erreurs dans {losses} coûts sur {of} : son gradient en la "
        "prédiction n'est pas 2 (prédiction - cible) / N"
    ),
    "loss-halved": (
        "Dans {losses} coûts, c'est la moitié de la moyenne des carrés des erreurs qui est calculée : le "
        "gradient est moitié moins long, et un pas deux fois plus grand revient au même. Aucun point n'est "
        "perdu."
    ),
    "rows-misaligned": "compare des prédictions aux cibles d'autres lignes, dans {losses} coûts",
    "gradients-stale": (
        "ne le sont pas : à {stale} mises à jour sur {updates}, .grad contenait encore ce qu'une mise à jour "
        "précédente avait utilisé"
    ),
    "prediction-old": (
        "ne l'est pas : {gradients} gradients viennent d'une prédiction faite avant la dernière mise à jour"
    ),
    "update-lost": "est perdue : à {steps} pas, le gradient venait d'être remis à zéro",
    "update-missing": (
        "n'a pas lieu : après {gradients} gradients, les tenseurs dont ils sont les gradients n'ont pas changé"
    ),
    "update-once": "n'a lieu qu'une fois, après {gradients} gradients : elle est hors de la boucle",
    "update-partial": (
        "laisse {unmoved} paramètres sur {parameters} tels qu'ils étaient, bien que chacun ait un gradient"
    ),
    "update-no-number": "n'est pas un nombre",
    "update-uphill": "monte : les paramètres changent de +{rate:.4g} fois le gradient",
    "update-at-two-rates": (
        "n'est pas un multiple de moins le gradient : à la mise à jour {update}, l'entrée {low} change de "
        "{change:.5g}, soit {ratio:.4g} fois son gradient, et l'entrée {high} de {other_change:.5g}, soit "
        "{other_ratio:.4g} fois le sien"
    ),
    "update-no-multiple": (
        "n'est pas un multiple de moins le gradient : à la mise à jour {update}, l'entrée {entry} change de "
        "{change:.5g}, alors que le gradient est {gradient:.5g}"
    ),
    "row-always-same": "utilise la même ligne à chacune des {updates} mises à jour",
    "rows-always-same": "utilise les mêmes {rows} lignes à chacune des {updates} mises à jour",
    "windows-overlap": (
        "n'atteint jamais la plupart des données : les fenêtres se recouvrent, et atteignent {reached} lignes"
        " sur {rows}"
    ),
    "descent-not-seen": "n'a pas été vue ; ont été vues : {seen}",
    "parameters-cut-off": (
        "ne changent pas tous : aucun gradient n'en atteint {missed} sur {parameters}, la prédiction en est coupée"
    ),
    "parameters-unmoved": "ne changent pas tous : {unmoved} sur {parameters} ne changent jamais",
    "optimiser-missing": "manque : aucun optimiseur de torch.optim n'a fait de pas dans cette boucle",
    "optimiser-finds-nothing": "ne trouve rien à {steps} de ses pas : le gradient venait d'être remis à zéro",
    "optimiser-once": "ne fait qu'un pas, après {gradients} gradients : le pas est hors de la boucle",
    "test-set-trains": "entraîne : {updates} mises à jour ont utilisé un gradient de ses lignes",
    "layers-differ": "est {layers}, doit être linear - tanh - linear",
    "modules-not-seen": "n'a pas été vu : aucune boucle n'entraîne de réseau fait de modules",
    "container-not-seen": "n'a pas été vu : aucune boucle n'entraîne de réseau fait d'un conteneur",
}
