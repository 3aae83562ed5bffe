"""French."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "est de forme {have}, doit être de forme {want}",
    # A declared layer in somebody's own tests
    "layer-name-missing": "`{name}` n'est pas défini.",
    "layer-attribute-missing": "`{name}` n'existe pas : rien n'a l'attribut `{attribute}`.",
    "layer-key-missing": "`{name}` n'a pas d'élément {key}.",
    "layer-wrong-count": "`{call}` donne {have} valeurs ; il en faut {want} : {names}.",
    "layer-not-given": "`{name}` manque : aucune étape ne l'a donné.",
    "layer-no-numbers": "`{name}` est un {type}, pas un tableau de nombres.",
    "layer-shape": "`{name}` est de forme {have} ; il doit être de forme {want} (pour {sizes}).",
    "layer-entries-differ": (
        "`{name}` est faux pour {wrong} coefficients sur {entries} ; la plus grande erreur est en {at} : "
        "{have}, il faut {want} (pour {sizes})."
    ),
    "layer-input-changed": "`{name}` a été fourni, et a été modifié sur place ; travaillez sur une copie.",
    "layer-result-overwritten": "`{name}` a été modifié par l'appel suivant ; renvoyez chaque fois un tableau à part.",
    "layer-second-call-differs": (
        "`{name}` change quand tout est appelé une seconde fois ; quelque chose reste-t-il du premier appel ?"
    ),
    "layer-raises": "`{call}` lève {type} : {message}\n    ligne {line} : {source}",
    "layer-call-fails": "`{call}` ne peut pas être appelé ainsi : {type} : {message}",
    # how a run ended
    "stopped-after-processor-time": "arrêté après {seconds:g} s de temps processeur : y a-t-il une boucle sans fin ?",
    "stopped-while-it-waited": "arrêté : il attendait longtemps sans rien calculer ; attend-il une saisie ?",
    "stopped-after-wall-time": "arrêté après {seconds:g} s : y a-t-il une boucle sans fin ?",
}
