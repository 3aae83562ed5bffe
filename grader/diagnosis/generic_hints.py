"""What is said of mistakes that are found from a formula: a title, and a nudge, a pointer and an explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Texts = tuple[str, str, str, str]
"""Title, nudge, pointer, explanation, with places for `gradients`, `where` and `factor`."""

EN: Mapping[str, Texts] = {
    "zero": (
        "One path on the way back is not followed",
        "{gradients}: does the loss depend on it in more ways than you followed?",
        "Look at the step {where}: nothing of what arrives there is passed on.",
        "Every place in which a value is used sends a gradient back, and these are added. What is passed {where} is"
        " missing from {gradients}.",
    ),
    "minus": (
        "A sign is the opposite of what it should be",
        "{gradients}: follow the signs.",
        "Look at the step {where}: the sign changes there, or should not.",
        "What is passed {where} has the opposite sign in {gradients}. The derivative of a - b by b is -1, that of 1/b"
        " is -1/b^2.",
    ),
    "twice": (
        "A factor 2 is too much",
        "{gradients}: what is the derivative of a square, and is anything counted twice?",
        "Look at the step {where}: what is passed on there is twice what it should be.",
        "What is passed {where} is doubled in {gradients}. Either a factor 2 does not belong there, or something is"
        " added a second time.",
    ),
    "half": (
        "A factor 2 is missing",
        "{gradients}: what is the derivative of a square, and is everything counted that is used twice?",
        "Look at the step {where}: what is passed on there is half of what it should be.",
        "What is passed {where} is halved in {gradients}. The derivative of x^2 is 2 x; of what is used twice, both"
        " gradients are added.",
    ),
    "times": (
        "A mean is missing: everything is {factor} times too large",
        "{gradients}: is it a sum or a mean?",
        "Look at the step {where}: a division by {factor} is missing, or something was multiplied by it.",
        "What is passed {where} is {factor} times what it should be in {gradients}. A mean over n numbers passes 1/n"
        " of what arrives to each of them.",
    ),
    "over": (
        "A division too many: everything is {factor} times too small",
        "{gradients}: is it a sum or a mean?",
        "Look at the step {where}: there is a division by {factor} that does not belong there.",
        "What is passed {where} is divided by {factor} in {gradients}. A sum passes what arrives on to each of its"
        " terms as it is.",
    ),
    "factor": (
        "A constant factor is wrong",
        "{gradients}: is there a constant that does not belong there?",
        "Look at the step {where}: what is passed on there is {factor} times what it should be.",
        "What is passed {where} is {factor} times what it should be in {gradients}, in every trial.",
    ),
    "no-slope": (
        "A step is passed over: its slope is left out",
        "{gradients}: is every step of the chain rule there?",
        "Look at the step {where}: what arrives there is passed on as it is.",
        "The chain rule multiplies what arrives by the slope of the step. {where_too}, that factor is missing in"
        " {gradients}.",
    ),
    "no-arriving": (
        "What arrives from above is left out",
        "{gradients}: is every step of the chain rule there?",
        "Look at the step {where}: the slope is passed on, without what arrives.",
        "The chain rule multiplies the slope of a step by the gradient that arrives. {where_too}, that gradient is left"
        " out in {gradients}.",
    ),
    "slope-sign": (
        "A sign in a slope is wrong",
        "{gradients}: what is the slope of the function, as a formula of what it gives out?",
        "Look at the step {where}: there is a plus in the slope that must be a minus.",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " a sign is the opposite.",
    ),
    "slope-part": (
        "A slope is not complete",
        "{gradients}: what is the slope of the function, as a formula of what it gives out?",
        "Look at the step {where}: a part of the slope is missing.",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " a part of it is missing.",
    ),
    "slope-at-output": (
        "A slope is taken at the wrong place",
        "{gradients}: at which number is the slope taken?",
        "Look at the step {where}: is the slope that of the input of the function, or of what it gave out?",
        "The slope of f at x is f'(x). {where_too}, it is taken at f(x) instead.",
    ),
    "slope-of-input": (
        "A slope is computed from the wrong number",
        "{gradients}: of which number is the slope a formula?",
        "Look at the step {where}: which number do you put into the formula of the slope?",
        "The slope of tanh is 1 - y^2 and that of the sigmoid y (1 - y), where y is what the function gave out. {where_too},"
        " its input stands in the place of y.",
    ),
    "transposed": (
        "A matrix must be transposed",
        "{gradients}: look at the shapes, and at what belongs to rows and to columns.",
        "Look at the step {where}: one of the two matrices has to be transposed.",
        "For c = a @ b, what comes back to a is dc @ b^T, and to b it is a^T @ dc. {where_too}, one is not transposed; here"
        " it is square, so the shapes do not tell.",
    ),
    "overwritten": (
        "What is looked up twice must be added",
        "{gradients}: what if the same index occurs twice?",
        "Look at the step {where}: of several gradients for one row, only the last is kept.",
        "A row that is looked up several times gets the sum of all that comes back to it. Assignment by an index keeps the"
        " last only; numpy has np.add.at, torch index_add_.",
    ),
    "diagonal": (
        "A softmax depends on all of its inputs",
        "{gradients}: does one output of the softmax depend on one input alone?",
        "Look at the step {where}: each entry is treated as if it depended on itself only.",
        "The derivative of y_i by x_j is y_i (1 - y_i) for i = j, and -y_i y_j otherwise. {where_too}, the second part is"
        " missing.",
    ),
}  # fmt: skip
FR: Mapping[str, Texts] = {
    "zero": (
        "Un chemin du retour n'est pas suivi",
        "{gradients} : la perte en dépend-elle par d'autres chemins que ceux que vous avez suivis ?",
        "Regardez l'étape {where} : rien de ce qui y arrive n'est transmis.",
        "Chaque endroit où une valeur sert renvoie un gradient, et ils s'ajoutent. Ce qui passe {where} manque dans"
        " {gradients}.",
    ),
    "minus": (
        "Un signe est l'inverse de ce qu'il doit être",
        "{gradients} : suivez les signes.",
        "Regardez l'étape {where} : le signe y change, ou ne devrait pas.",
        "Ce qui passe {where} est de signe contraire dans {gradients}. La dérivée de a - b par rapport à b est -1, celle"
        " de 1/b est -1/b^2.",
    ),
    "twice": (
        "Un facteur 2 est de trop",
        "{gradients} : quelle est la dérivée d'un carré, et quelque chose est-il compté deux fois ?",
        "Regardez l'étape {where} : ce qui y est transmis est le double de ce qu'il faut.",
        "Ce qui passe {where} est doublé dans {gradients}. Un facteur 2 n'y a pas sa place, ou quelque chose est ajouté"
        " une seconde fois.",
    ),
    "half": (
        "Un facteur 2 manque",
        "{gradients} : quelle est la dérivée d'un carré, et tout ce qui sert deux fois est-il compté ?",
        "Regardez l'étape {where} : ce qui y est transmis est la moitié de ce qu'il faut.",
        "Ce qui passe {where} est divisé par deux dans {gradients}. La dérivée de x^2 est 2 x ; pour ce qui sert deux"
        " fois, les deux gradients s'ajoutent.",
    ),
    "times": (
        "Il manque une moyenne : tout est {factor} fois trop grand",
        "{gradients} : est-ce une somme ou une moyenne ?",
        "Regardez l'étape {where} : une division par {factor} manque, ou il y a une multiplication de trop.",
        "Ce qui passe {where} est {factor} fois ce qu'il faut dans {gradients}. Une moyenne de n nombres transmet à"
        " chacun 1/n de ce qui arrive.",
    ),
    "over": (
        "Une division de trop : tout est {factor} fois trop petit",
        "{gradients} : est-ce une somme ou une moyenne ?",
        "Regardez l'étape {where} : une division par {factor} n'y a pas sa place.",
        "Ce qui passe {where} est divisé par {factor} dans {gradients}. Une somme transmet ce qui arrive tel quel à"
        " chacun de ses termes.",
    ),
    "factor": (
        "Un facteur constant est faux",
        "{gradients} : une constante n'y a-t-elle pas sa place ?",
        "Regardez l'étape {where} : ce qui y est transmis est {factor} fois ce qu'il faut.",
        "Ce qui passe {where} est {factor} fois ce qu'il faut dans {gradients}, à chaque essai.",
    ),
    "no-slope": (
        "Une étape est sautée : sa pente est oubliée",
        "{gradients} : toutes les étapes de la dérivation en chaîne y sont-elles ?",
        "Regardez l'étape {where} : ce qui y arrive est transmis tel quel.",
        "La dérivation en chaîne multiplie ce qui arrive par la pente de l'étape. {where_too}, ce facteur manque dans"
        " {gradients}.",
    ),
    "no-arriving": (
        "Ce qui arrive d'en haut est oublié",
        "{gradients} : toutes les étapes de la dérivation en chaîne y sont-elles ?",
        "Regardez l'étape {where} : la pente est transmise, sans ce qui arrive.",
        "La dérivation en chaîne multiplie la pente d'une étape par le gradient qui arrive. {where_too}, ce gradient est"
        " oublié dans {gradients}.",
    ),
    "slope-sign": (
        "Un signe est faux dans une pente",
        "{gradients} : quelle est la pente de la fonction, en formule de ce qu'elle donne ?",
        "Regardez l'étape {where} : il y a dans la pente un plus qui doit être un moins.",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné. {where_too}, un"
        " signe est contraire.",
    ),
    "slope-part": (
        "Une pente n'est pas complète",
        "{gradients} : quelle est la pente de la fonction, en formule de ce qu'elle donne ?",
        "Regardez l'étape {where} : une partie de la pente manque.",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné. {where_too}, il"
        " en manque une partie.",
    ),
    "slope-at-output": (
        "Une pente est prise au mauvais endroit",
        "{gradients} : en quel nombre la pente est-elle prise ?",
        "Regardez l'étape {where} : la pente est-elle celle de l'entrée de la fonction, ou de ce qu'elle a donné ?",
        "La pente de f en x est f'(x). {where_too}, elle est prise en f(x).",
    ),
    "slope-of-input": (
        "Une pente est calculée à partir du mauvais nombre",
        "{gradients} : de quel nombre la pente est-elle une formule ?",
        "Regardez l'étape {where} : quel nombre mettez-vous dans la formule de la pente ?",
        "La pente de tanh est 1 - y^2 et celle de la sigmoïde y (1 - y), où y est ce que la fonction a donné."
        " {where_too}, son entrée est à la place de y.",
    ),
    "transposed": (
        "Une matrice doit être transposée",
        "{gradients} : regardez les formes, et ce qui va aux lignes et aux colonnes.",
        "Regardez l'étape {where} : l'une des deux matrices doit être transposée.",
        "Pour c = a @ b, ce qui revient à a est dc @ b^T, et à b, a^T @ dc. {where_too}, l'une n'est pas transposée ; ici"
        " elle est carrée, et les formes n'en disent rien.",
    ),
    "overwritten": (
        "Ce qui est lu deux fois s'ajoute",
        "{gradients} : et si le même indice revient deux fois ?",
        "Regardez l'étape {where} : de plusieurs gradients pour une ligne, seul le dernier est gardé.",
        "Une ligne lue plusieurs fois reçoit la somme de tout ce qui lui revient. Une affectation par indices ne garde que"
        " le dernier ; numpy a np.add.at, torch index_add_.",
    ),
    "diagonal": (
        "Un softmax dépend de toutes ses entrées",
        "{gradients} : une sortie du softmax ne dépend-elle que d'une entrée ?",
        "Regardez l'étape {where} : chaque coefficient est traité comme s'il ne dépendait que de lui-même.",
        "La dérivée de y_i par x_j est y_i (1 - y_i) si i = j, et -y_i y_j sinon. {where_too}, la seconde partie manque.",
    ),
}  # fmt: skip
_TEXTS: Mapping[str, Mapping[str, Texts]] = {"en": EN, "fr": FR}
_WHERE: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("from `{step}` back to `{operand}`", "at the very start, into `{operand}`", " or ", "within `{step}`"),
    "fr": ("de `{step}` vers `{operand}`, au retour", "tout au début, vers `{operand}`", " ou ", "dans `{step}`"),
}  # fmt: skip


def told(
    kind: str, factor: str, steps: Sequence[tuple[str, str]], quantities: Sequence[str]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The title in English, and for each language three texts.

    Args:
        kind: `edge`, or how a step is done in another way.
        factor: at an edge: `zero`, `times N`, `over N D`, or a number.
        steps: the expressions between which it may be, `xhat` and `x - mu`.
        quantities: the gradients that it makes wrong.
    """
    word, _, letters = factor.partition(" ")
    kind = "slope-part" if kind == "slope-rest" else kind
    which = kind if kind != "edge" else word if word in EN else "factor"
    gradients = ", ".join(quantities)
    hints: dict[str, tuple[str, ...]] = {}
    title = ""
    for language, texts in _TEXTS.items():
        where = _WHERE[language][2].join(_place(language, *step) for step in steps)
        values = {
            "gradients": gradients,
            "where": where,
            "factor": " ".join(letters.split()).replace(" ", "·") or factor,
        }
        heading, *three = (text.format(**values, where_too=where[0].upper() + where[1:]) for text in texts[which])
        hints[language] = tuple(three)
        title = title or heading
    return title, hints


def _place(language: str, step: str, operand: str) -> str:
    between, beginning, _, within = _WHERE[language]
    if not step:
        return beginning.format(operand=operand)
    return within.format(step=step) if step == operand else between.format(step=step, operand=operand)
