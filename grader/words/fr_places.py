"""French, of places in a submission's code."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # ---- what an expression holds
    "is-quantity": "{name}",
    "is-transposed": "la transposée de {name}",
    "is-multiple": "{factor}{name}",
    "is-of-shape": "{name} de forme {shape}",
    "is-no-quantity": "une valeur qui n'apparaît pas dans la dérivation",
    "is-in-turn": "{names} tour à tour",
    "holds-some-quantities": "{names} ; une autre fois, une valeur qui n'apparaît pas dans la dérivation",
    "holds-quantities": "{names}",
    "lacks-factor": "il manque le facteur {factor}",
    "has-factor-too-many": "le facteur {factor} est de trop",
    # ---- why there is none
    "no-places-found": "L'endroit du code où cela se gâte n'a pas pu être cherché : {text} ; merci de le signaler",
    "no-quantities-known": "Aucun endroit du code ne peut être indiqué dans cet exercice, car sa formule n'a pas pu être suivie : {text}",
    # ---- the box
    "place-at": "{file}{cell:, cellule {cell}|}, ligne {line}",
    "place-is-and-should-be": "ceci est {held} ; il faut ici {wanted}{relation: : {relation}|}",
    "place-is": "ceci est {held}",
    "place-look": "regardez cette ligne",
    "follows-from-line": "découle de la ligne {line}",
    "see-line": "voir la ligne {line}",
    "lines-follow": "{n:La ligne {lines} en découle|Les lignes {lines} en découlent}.",
    "tried": "Avec {n:cette seule valeur corrigée|ces {n} valeurs corrigées}, toutes les valeurs et tous les gradients sont justes : cela a été essayé.",
    "tried-in-part": "Avec {n:cette seule valeur corrigée|ces {n} valeurs corrigées}, ceci devient juste : {outputs}. Cela a été essayé.",
    "your-code-marked": "Où votre code se trompe",
    "their-code-marked": "Où le code se trompe",
    "their-code": "Le code, ligne par ligne",
    "your-code": "Votre code, ligne par ligne",
    "what-it-holds": "Ce que contient la ligne",
    "line": "Ligne",
    "code": "Code",
}
