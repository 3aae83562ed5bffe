"""Français : ce qu'un exercice constate là où un nombre manque."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # ---- les fonctions et ce qu'elles rendent
    "call-gives-another-count": "n'a pas été donné : `{call}` donne {have:une valeur|{have} valeurs}, et doit en donner {want} : {names}",
    "call-gives-something-else": "n'a pas été donné : `{call}` donne un objet de type {type}, et doit donner {names}",
    "call-has-no-attribute": "n'a pas été donné : `{name}` n'a pas d'attribut `{attribute}`",
    "call-has-no-entry": "n'a pas été donné : `{name}` n'a pas d'élément {key}",
    "has-another-shape": "est de forme {have}, doit être de forme {want}",
    "nothing-was-added": "n'a pas été enregistré : rien n'a été ajouté à {name}",
    "one-number-was-added": "n'a pas été enregistré : un seul et même nombre a été ajouté à tous les éléments de {name}",
    "too-slow": "n'a pas été calculé : un exemple prend {milliseconds} ms",
    # ---- les dictionnaires
    "dictionary-replaced": "n'a pas été enregistré : {place} est maintenant de type {type}, et doit rester un dictionnaire",
    "stored-under-a-text": "a été enregistré sous la clé '{key}', un texte ; la clé doit être le nombre {key}",
    "put-into-grad-of-the-weight": "a été mis dans l'attribut .grad du poids ; il doit être enregistré dans {place}",
    "put-into-grad-of-the-bias": "a été mis dans l'attribut .grad du biais ; il doit être enregistré dans {place}",
    "returned-and-not-stored": "n'a pas été enregistré dans {place} ; ce que la fonction rend n'est pas regardé",
    # ---- forward et backward d'une classe
    "no-gradient-computed": "ne compte pas : aucun gradient n'a été calculé",
    "is-none": "est None",
    "backward-not-implemented": "n'est pas là : backward n'est pas écrit",
    "backward-gives-nothing": "manque : backward ne rend rien",
    "backward-gives-fewer": "manque : backward rend {have} des {want} gradients",
    "changes-after-another-forward": "change quand forward a été appelé encore une fois avant backward",
    # ---- une Function et son Module
    "is-no-tensor": "n'est pas un tenseur mais {type}",
    "returned-no-tensor": "ne peut pas être calculé : ce qui a été rendu n'est pas un tenseur",
    "gradient-raised": "n'a pas été calculé : {type} : {text}",
    "gradient-stops": "n'a pas été calculé : aucun gradient n'est revenu jusque-là, il s'arrête en chemin",
    "gradient-does-not-reach-layer": "n'a pas été calculé : il n'est pas arrivé à cette couche",
    "gradient-does-not-come-back": "échoue : le gradient de {name} ne revient pas",
    "gradient-is-another": "échoue : le gradient de {name} en est un autre",
    "module-gives-truth-values": "n'a pas été calculé : le Module donne des valeurs de vérité, qui ne se dérivent pas",
    "module-gives-whole-numbers": "n'a pas été calculé : le Module donne des nombres entiers, qui ne se dérivent pas",
    "module-has-backward": "n'est pas de vous : le Module a une méthode `backward`, et autograd n'appelle que celle d'une Function",
    "no-function-in-file": "n'est pas de vous : il n'y a pas de Function dans le fichier, et autograd dérive ce que le Module calcule",
    "not-by-way-of-function": "n'est pas passé par votre Function : le Module doit rendre ce que donne apply",
    "printing-failed": "a échoué : {type} : {text}",
    "called": "appels : {text}",
    "noticed": "{text}",
}
