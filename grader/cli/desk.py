"""`grade desk`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from grader.cli.decide import WHO, the_folder
from grader.cli.options import with_language
from grader.cli.output import bring_up_to_date
from grader.cli.status import GRADED


@click.command("desk", short_help="Look at reports and decide, in a browser.")
@click.argument("reports", required=False, type=click.Path(path_type=Path), metavar="[REPORTS]")
@click.option("--anonymous", is_flag=True, help="Hide names until a student was shown the result.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default one that is free.")
@with_language
@WHO
def desk_command(reports: Path | None, anonymous: bool, port: int, language: str, who: str | None) -> int:
    """Open the reports that `grade batch` wrote in a browser: look, decide, comment, next.

    It serves this machine alone, and whoever knows the address that it prints. Nothing is loaded from elsewhere. What
    you decide is kept in REPORTS/decisions.jsonl at once. Ctrl-C ends it.
    """
    from grader.decisions.making import me
    from grader.desk.serving import serve
    from grader.words import Words

    words = Words(language)
    folder = the_folder(reports)

    def tell(address: str) -> None:
        print(f"{address}\n{words('desk: open')}", flush=True)

    serve(folder.path, port=port, who=who or me(), language=language, anonymous=anonymous, tell=tell)
    bring_up_to_date(folder, words)
    return GRADED
