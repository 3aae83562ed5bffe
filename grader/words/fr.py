"""French."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "est de forme {have}, doit être de forme {want}",
    # how a run ended
    "stopped-after-processor-time": "arrêté après {seconds:g} s de temps processeur : y a-t-il une boucle sans fin ?",
    "stopped-while-it-waited": "arrêté : il attendait longtemps sans rien calculer ; attend-il une saisie ?",
    "stopped-after-wall-time": "arrêté après {seconds:g} s : y a-t-il une boucle sans fin ?",
}
