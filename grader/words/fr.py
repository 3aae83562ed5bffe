"""French."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "est de forme {have}, doit être de forme {want}",
    # how a run ended
    "stopped-after-processor-time": "arrêté après {seconds:g} s de temps processeur : y a-t-il une boucle sans fin ?",
    "stopped-while-it-waited": "arrêté : il attendait longtemps sans rien calculer ; attend-il une saisie ?",
    "stopped-after-wall-time": "arrêté après {seconds:g} s : y a-t-il une boucle sans fin ?",
    # ce que le bac à sable a remarqué d'un fichier
    "refused": "{where}, ligne {line} : Python refuse cette partie, et rien n'en compte.\n{error}",
    "refused-newer": "{where}, ligne {line} : c'est du Python {needs} ; ici tourne Python {here}, qui refuse cette"
    " partie, donc rien n'en compte.",
    "older-definition": "Ce n'est pas le `{name}` que Python refuse ({where}, ligne {line}) qui a été noté, mais un"
    " précédent.",
    "stands-inside": "`{name}` se trouve dans `{inside}` ({where}, ligne {line}) ; ce qui est noté se trouve au premier"
    " niveau.",
    "stands-in-text": "`{name}` se trouve dans une cellule de texte ({where}), qui n'est pas exécutée.",
    "missing-module": "Le module `{module}` n'a pas été remis et n'est pas installé ici ; ce qu'il devait donner ne"
    " fait rien.",
    "never-called": "`{name}` ({where}, ligne {line}) est défini et jamais appelé, donc rien n'en a été vu.",
    "stood-for": "Les données de l'exercice ont remplacé {what}.",
    "on-processor": "Le fichier demande une carte graphique ; il a été exécuté sur le processeur.",
}
