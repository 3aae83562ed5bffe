"""The same in French: a nudge, a pointer and an explanation for each mistake that is found from a formula."""

from __future__ import annotations

from collections.abc import Mapping

FR: Mapping[str, tuple[str, str, str]] = {
    "zero": (
        "{gradients} : la perte en dépend-elle par d'autres chemins que ceux que vous avez suivis ?",
        "Regardez l'étape {where} : rien de ce qui y arrive n'est transmis.",
        "Chaque endroit où une valeur sert renvoie un gradient, et ils s'ajoutent. Ce qui passe {where} manque dans"
        " {gradients}.",
    ),
    "minus": (
        "{gradients} : suivez les signes.",
        "Regardez l'étape {where} : le signe y change, ou ne devrait pas.",
        "Ce qui passe {where} est de signe contraire dans {gradients}. La dérivée de a - b par rapport à b est -1, celle"
        " de 1/b est -1/b^2.",
    ),
    "twice": (
        "{gradients} : quelle est la dérivée d'un carré, et quelque chose est-il compté deux fois ?",
        "Regardez l'étape {where} : ce qui y est transmis est le double de ce qu'il faut.",
        "Ce qui passe {where} est doublé dans {gradients}. Un facteur 2 n'y a pas sa place, ou quelque chose est ajouté"
        " une seconde fois.",
    ),
    "half": (
        "{gradients} : quelle est la dérivée d'un carré, et tout ce qui sert deux fois est-il compté ?",
        "Regardez l'étape {where} : ce qui y est transmis est la moitié de ce qu'il faut.",
        "Ce qui passe {where} est divisé par deux dans {gradients}. La dérivée de x^2 est 2 x ; pour ce qui sert deux"
        " fois, les deux gradients s'ajoutent.",
    ),
    "times": (
        "{gradients} : est-ce une somme ou une moyenne ?",
        "Regardez l'étape {where} : une division par {factor} manque, ou il y a une multiplication de trop.",
        "Ce qui passe {where} est {factor} fois ce qu'il faut dans {gradients}. Une moyenne de n nombres transmet à"
        " chacun 1/n de ce qui arrive.",
    ),
    "over": (
        "{gradients} : est-ce une somme ou une moyenne ?",
        "Regardez l'étape {where} : une division par {factor} n'y a pas sa place.",
        "Ce qui passe {where} est divisé par {factor} dans {gradients}. Une somme transmet ce qui arrive tel quel à"
        " chacun de ses termes.",
    ),
    "factor": (
        "{gradients} : une constante n'y a-t-elle pas sa place ?",
        "Regardez l'étape {where} : ce qui y est transmis est {factor} fois ce qu'il faut.",
        "Ce qui passe {where} est {factor} fois ce qu'il faut dans {gradients}, à chaque essai.",
    ),
    "no-slope": (
        "{gradients} : toutes les étapes de la dérivation en chaîne y sont-elles ?",
        "Regardez l'étape {where} : ce qui y arrive est transmis tel quel.",
        "La dérivation en chaîne multiplie ce qui arrive par la pente de l'étape. {where_too}, ce facteur manque dans"
        " {gradients}.",
    ),
    "no-arriving": (
        "{gradients} : toutes les étapes de la dérivation en chaîne y sont-elles ?",
        "Regardez l'étape {where} : la pente est transmise, sans ce qui arrive.",
        "La dérivation en chaîne multiplie la pente d'une étape par le gradient qui arrive. {where_too}, ce gradient est"
        " oublié dans {gradients}.",
    ),
    "slope-sign": (
        "{gradients} : quelle est la pente de la fonction, en formule de ce qu'elle donne ?",
        "Regardez l'étape {where} : il y a dans la pente un plus qui doit être un moins.",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné. {where_too}, un"
        " signe est contraire.",
    ),
    "slope-part": (
        "{gradients} : quelle est la pente de la fonction, en formule de ce qu'elle donne ?",
        "Regardez l'étape {where} : une partie de la pente manque.",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné. {where_too}, il"
        " en manque une partie.",
    ),
    "slope-at-output": (
        "{gradients} : en quel nombre la pente est-elle prise ?",
        "Regardez l'étape {where} : la pente est-elle celle de l'entrée de la fonction, ou de ce qu'elle a donné ?",
        "La pente de f en x est f'(x). {where_too}, elle est prise en f(x).",
    ),
    "slope-of-input": (
        "{gradients} : de quel nombre la pente est-elle une formule ?",
        "Regardez l'étape {where} : quel nombre mettez-vous dans la formule de la pente ?",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné."
        " {where_too}, son entrée est à la place de y.",
    ),
    "transposed": (
        "{gradients} : regardez les formes, et ce qui va aux lignes et aux colonnes.",
        "Regardez l'étape {where} : l'une des deux matrices doit être transposée.",
        "Pour c = a @ b, ce qui revient à a est dc @ b^T, et à b, a^T @ dc. {where_too}, l'une n'est pas transposée ; ici"
        " elle est carrée, et les formes n'en disent rien.",
    ),
    "overwritten": (
        "{gradients} : et si le même indice revient deux fois ?",
        "Regardez l'étape {where} : de plusieurs gradients pour une ligne, un seul est gardé.",
        "Une ligne lue plusieurs fois reçoit la somme de tout ce qui lui revient. Une affectation par indices n'en garde"
        " qu'un, et `dW[i] += g` aussi ; numpy a np.add.at, torch index_add_.",
    ),
    "diagonal": (
        "{gradients} : une sortie du softmax ne dépend-elle que d'une entrée ?",
        "Regardez l'étape {where} : chaque coefficient est traité comme s'il ne dépendait que de lui-même.",
        "La dérivée de y_i par x_j est y_i (1 - y_i) si i = j, et -y_i y_j sinon. {where_too}, la seconde partie manque.",
    ),
    "slope-of-another": (
        "{gradients} : de quelle fonction est la pente par laquelle vous multipliez ?",
        "Regardez l'étape {where} : la pente est-elle celle d'une sigmoïde, ou de tanh ?",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné. {where_too},"
        " l'une est à la place de l'autre.",
    ),
    "row-sum": (
        "{gradients} : une sortie du softmax dépend de toutes ses entrées ; tout y est-il ?",
        "Regardez l'étape {where} : avant le produit par le softmax, un nombre est retranché à chaque ligne de ce qui arrive ;"
        " lequel, de quel signe, et sur quel axe est-ce une somme ?",
        "Pour y = softmax(x), ce qui revient à x est y (dy - somme(dy y)) : la somme porte sur l'axe du softmax, et sur les"
        " produits de ce qui arrive par y. {where_too}, elle manque ou en est une autre.",
    ),
    "part": (
        "{gradients} : la dérivée est une somme de deux parties ; y sont-elles toutes deux, avec les bons signes ?",
        "Regardez l'étape {where} : des deux parties de sa dérivée, une manque ou est de signe contraire.",
        "Un produit comme x f(x) a pour dérivée f(x) + x f'(x), et l'entropie croisée d'un softmax donne p moins un à la"
        " bonne classe. {where_too}, l'une des deux manque ou est de signe contraire.",
    ),
    "mask": (
        "{gradients} : où ReLU transmet-elle ce qui arrive ?",
        "Regardez l'étape {where} : d'après quels nombres, et de quel côté de zéro, choisissez-vous ce qui est transmis ?",
        "ReLU transmet ce qui arrive là où sa propre entrée est positive, et rien ailleurs. {where_too}, le choix est un"
        " autre.",
    ),
    "threshold": (
        "{gradients} : à partir de quel nombre la formule change-t-elle de cas ?",
        "Regardez l'étape {where} : à quel nombre comparez-vous ?",
        "La formule change de cas à un nombre qui n'est pas zéro. {where_too}, {gradients} sont ce qu'ils seraient s'il"
        " était zéro.",
    ),
    "window-share": (
        "{gradients} : de quel nombre d'une fenêtre le maximum dépend-il ?",
        "Regardez l'étape {where} : tous les nombres d'une fenêtre reçoivent quelque chose.",
        "Un maximum ne dépend que du plus grand nombre : lui seul reçoit ce qui arrive. {where_too}, tous ceux d'une fenêtre"
        " reçoivent un gradient.",
    ),
    "flipped": (
        "{gradients} : quel coefficient du filtre a rencontré quel nombre à l'aller ?",
        "Regardez l'étape {where} : les lignes et colonnes du filtre sont retournées, ou devraient l'être.",
        "Au retour, chaque nombre rencontre le même coefficient du filtre qu'à l'aller ; quand on fait glisser le filtre sur"
        " ce qui arrive, il faut le retourner. {where_too}, c'est l'inverse.",
    ),
    "own-factors": (
        "{gradients} : quelle est la dérivée d'un produit par rapport à l'un de ses facteurs ?",
        "Regardez l'étape {where} : quel facteur multiplie ce qui revient à lequel ?",
        "Pour c = a b, ce qui revient à a est dc b, et à b, dc a. {where_too}, c'est l'inverse.",
    ),
    "left-out": (
        "{gradients} : par quelles entrées est-ce multiplié à l'aller ?",
        "Cherchez `{step}`, par quoi ce qui avance a été multiplié : il n'est nulle part dans ce qui revient.",
        "Pour c = a b, ce qui revient à a est dc b. `{step}` est un tel facteur, oublié dans {gradients}.",
    ),
    "parts-exchanged": (
        "{gradients} : dans quel ordre les parties ont-elles été séparées à l'aller ?",
        "Regardez l'étape {where} : deux parties sont à la place l'une de l'autre.",
        "Ce qui est séparé à l'aller est réuni au retour, dans le même ordre. {where_too}, deux parties sont échangées.",
    ),
    "one-stays": (
        "{gradients} : combien de fois sert-il, et tout ce qui revient est-il ajouté ?",
        "Regardez l'étape {where} : y a-t-il un `=` là où il faut `+=`, ou un seul exemple, endroit ou pas est-il pris ?",
        "Ce qui sert plusieurs fois, pour tous les exemples, à tous les endroits ou à tous les pas, reçoit la somme de tout"
        " ce qui revient. {where_too}, il ne reste qu'une contribution (ou celles d'une rangée) dans {gradients}.",
    ),
    "power": (
        "{gradients} : regardez les puissances, et ce qui est divisé par quoi.",
        "Regardez l'étape {where} : il y a un facteur `{instead}`, ou son carré, de trop ou de moins dans ce qui y est"
        " transmis.",
        "La dérivée de x^n est n x^(n-1), celle de 1/x est -1/x^2, celle de sqrt(x), 1/(2 sqrt(x)). {where_too}, `{instead}`"
        " y est trop ou pas assez de fois : une puissance est fausse, ou une quantité sert qui le contient déjà.",
    ),
    "operand": (
        "{gradients} : par quelle quantité multipliez-vous ?",
        "Regardez l'étape {where} : `{instead}` est-il ce qu'il y faut ?",
        "Pour c = a b, ce qui revient à a est dc b : l'autre facteur, tel qu'il était à l'aller. {where_too}, `{instead}` est"
        " à sa place.",
    ),
    "exchanged": (
        "{gradients} : lequel est lequel ?",
        "{gradients} : chacun a les nombres de l'autre. Regardez l'ordre dans lequel vous les donnez, et quel facteur va avec"
        " lequel.",
        "{gradients} sont justes, à leurs places près : chacun est là où l'autre devrait être.",
    ),
    "instead": (
        "{gradients} : de quoi est-ce le gradient ?",
        "{gradients} a les nombres de `{instead}`, qui est juste à sa propre place.",
        "Ce qui est dans {gradients} est le gradient de `{instead}`.",
    ),
    "not-summed": (
        "{gradients} : quelle forme doit-il avoir ?",
        "{gradients} a un axe de trop : combien de fois la valeur sert-elle le long de cet axe ?",
        "Ce qui sert pour tous le long d'un axe reçoit la somme de tout ce qui revient le long de cet axe. Sommé sur l'un"
        " de ses axes, {gradients} serait juste.",
    ),
    "summed-too-far": (
        "{gradients} : quelle forme doit-il avoir ?",
        "{gradients} a un axe de moins : sur quels axes faut-il sommer ?",
        "Un gradient a la forme de ce dont il est le gradient. Dans {gradients} sont ajoutés des nombres qui vont à des"
        " coefficients différents.",
    ),
    "turned": (
        "{gradients} : quelle forme doit-il avoir ?",
        "{gradients} est juste à ses axes près : les lignes y sont des colonnes.",
        "Un gradient a la forme de ce dont il est le gradient. La transposée de {gradients} serait juste.",
    ),
}  # fmt: skip
