"""French: what people decide, the desk, and what goes back to students."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # ---- decisions, in a report
    "outcome: decided": "Points donnés par un correcteur",
    "ended: decided": "un correcteur a donné les points",
    "decided-points": "points donnés par un correcteur{above:, au-delà du barème|} ; {measured} mesurés",
    "decided-total": "Un correcteur a donné {points} points pour l'ensemble{measured: ; {measured} mesurés|}.",
    "decided-why": "{title:{title} : |}{measured} -> {points} points, par {who}, {when}{why: : {why}|}",
    "comment": "{text}",
    # ---- decisions, listed
    "decision: points": "{check} : {points} points sur {out_of}",
    "decision: total": "{points} points sur {out_of} pour l'ensemble",
    "decision: comment": "commentaire : {text}",
    "decision: excuse": "ne compte pas",
    "decision: name": "rendu par {text}",
    "decision: main": "le fichier est {text}",
    "decision: late": "{hours} heures de retard",
    "decision: late-rule": "barème des retards",
    "decision: worth": "{check} vaut {points} points",
    "decision: undo": "annulé",
    "decision: release": "montré à l'étudiant{points: : {points} points sur {out_of}|}",
    "state: holds": "compte",
    "state: undone": "annulé",
    "state: replaced": "remplacé",
    "decided": "Décisions",
    "attempts": "Tentatives",
    "report": "rapport",
    "show: no-code": "Le fichier n'a pas été gardé ; la prochaine correction le gardera.",
    # ---- feedback in one line
    "feedback: no-score": "Pas encore de note : {why}.",
    "feedback: penalty": "{percent:g} % des points sont retirés.",
    "feedback: ended": "{how}.",
    "feedback: all-right": "Tout est juste.",
    "feedback: mistake": "{title}{more:, et {more:une autre chose est fausse|{more} autres choses sont fausses}|}.",
    "feedback: step": "Revoir cette étape : {step}.",
    "feedback: not-right": "Pas encore juste : {titles}.",
}
