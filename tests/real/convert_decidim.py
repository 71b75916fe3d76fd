"""Turns Barcelona's proposals and comments of 2016 into the files of `flask import-board`.

    python -m tests.real.convert_decidim FOLDER

What is kept: every proposal and comment, its author's number, date and stance, and whether a proposal was accepted.
What is dropped: totals of votes (the set has no voters), likes of comments, districts, addresses.
What is decided here, because the source does not say it:

- kind: every proposal asks for something, so it is an opportunity;
- themes: keywords in Catalan and Spanish, below; title words weigh more; a proposal without any is about connection;
- language: Catalan or Spanish, guessed from the words;
- group: the city's own proposals come from the city administration, everybody else is a resident, organisations with
  the affiliation "Entitat"; proposals from neighbourhood meetings have no author and share one, marked on paper.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tests.real.finding import DECIDIM, data_set
from tests.real.shaping import read, title_and_text, write

ZONE = ZoneInfo("Europe/Madrid")
MEETINGS = "meetings"

SOURCE = (
    "decidim.barcelona: proposals and comments on sustainable mobility for Barcelona's Municipal Action Plan, 2016. "
    "CC BY-SA, Ajuntament de Barcelona and the participants. Changed: votes left out, threads folded to one level, "
    "long titles shortened, kinds and themes assigned by keywords."
)
SOURCE_URL = "https://github.com/elaragon/metadecidim"

THEMES = {
    "walking-cycling": r"bici|bicing|ciclis|ciclab|ciclable|pedal|vianant|peató|peatón|peaton|vorer|acera|caminar|"
    r"a peu|a pie|passeig per|camins? escolar|zona 30|pacifica|superill|supermanzan|carrer tallat|escales mec|"
    r"escaleras mec|carril-bici|passos? de|pas de zebra|patinet|rambla",
    "public-transport": r"\bbus|autob|\bmetro\b|tramvia|tranv|trambaix|rodalies|cercan|\btren|ferroc|\bfgc|\btmb|"
    r"transport públic|transporte público|transport public|transporte publico|línia|linia|línea|parada|"
    r"\bl\d{1,2}\b|\b[hvd]\d{1,2}\b|funicular|estació|estación|nitbus|llançadora",
    "parking": r"aparca|apaca|parking|pàrquing|parquing|párking|estaciona|àrea verda|area verda|área verde|"
    r"area verde|zona verda|zona blava|zona verde|zona azul|garatge|garaje|grua|grúa|gual",
    "congestion": r"trànsit|transit|tràfic|tráfico|trafico|embús|embus|congesti|cotxe|coche|vehicle privat|"
    r"vehículo privado|circulació|circulación|circular|hora punta|hores punta|carrils?(?! ?-?(?:bici|bus))|"
    r"calçada|calzada|doble sentit|"
    r"doble sentido|rond[ae]|rotond|semàfor|semafor|semáforo|moto|túnel|direcció|col·laps|col.laps",
    "air-climate": r"contamin|pol·lu|polu|qualitat de l.aire|calidad del aire|\baire\b|emission|emisi|soroll|ruido|"
    r"acústic|sostenib|mediambient|medioambient|medi ambient|medio ambiente|clima|co2|verd urbà|"
    r"ecològ|ecológ|diesel|dièsel|netej|salut|salud",
    "electric": r"elèctric|eléctric|electric|recàrrega|recarga|endoll|enchufe|híbrid",
    "sharing": r"compart|car.?sharing|sharing|bicing|lloguer|alquiler|\btaxi",
    "automated": r"intel·ligent|inteligente|smart|autònom|autónom|sensor|\bapp\b|aplicació|telemàtic|temps real|"
    r"tiempo real|tecnolog",
    "freight": r"(?<!re)càrrega|carga y desc|carga i desc|descàrrega|descarga|mercaderi|mercancí|camion|camió|repart|"
    r"distribució urbana|furgonet|logíst|proveïd",
    "safety": r"segur|perill|peligr|accident|velocitat|velocidad|semàfor|semafor|semáforo|visibilitat|il·lumin|"
    r"ilumin|atropell|radar|casc\b|sanci|multa|vigil|civism|incívi|educació viària|educación vial|protegi",
    "access": r"accessib|accesib|discapa|mobilitat reduïda|movilidad reducida|ascensor|barrer|cadira|silla de|"
    r"gent gran|mayores|jubilat|jubilad|pensionist|tarif|preu|precio|gratu|bonific|descompte|descuento|t-?10|"
    r"t-?12|t-?16|t-?4|targeta|tarjeta|tarja|bitllet|billet|infant|niños|abaratir|rampa",
    "connection": r"connect|conect|connexi|conexi|intermodal|intercanvi|intercambi|transbord|enllaç|enlla[cç]|"
    r"integració|xarxa|\bred de|accés|acceso|\bunir|comunicar|entre el|entre la|entre els|informació|información|"
    r"senyalit|señaliz",
}
_WORDS = {theme: re.compile(words, re.IGNORECASE) for theme, words in THEMES.items()}
TITLE_WEIGHT = 3
FALLBACK = "connection"

STATUSES = {"accepted": "taken_up", "rejected": "not_pursued"}
STANCES = {"1": "support", "-1": "concern"}


def convert(source: Path, target: Path) -> None:
    """Write `ideas.csv` and `comments.csv` into the folder `target`."""
    write(target, "ideas", _ideas(source / "proposals-mobility.csv"))
    write(target, "comments", _comments(source / "comments-mobility.csv"))


def themes_of(title: str, text: str) -> tuple[str, ...]:
    """One to three themes, the best first; a second and third need at least a third of the first one's weight."""
    weights = {
        theme: TITLE_WEIGHT * len(words.findall(title)) + len(words.findall(text))
        for theme, words in _WORDS.items()
    }
    ranked = sorted((theme for theme in weights if weights[theme]), key=lambda theme: -weights[theme])
    best = [theme for theme in ranked if weights[theme] * 3 >= weights[ranked[0]]]
    return tuple(best[:3]) or (FALLBACK,)


def language_of(text: str) -> str:
    """`ca` or `es`."""
    return str(_identifier().classify(text)[0])


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["ca", "es"])
    return identifier


def _ideas(path: Path) -> Iterator[dict[str, Any]]:
    for row in read(path):
        title, text = title_and_text(row["title"], row["summary"])
        group, affiliation = {
            "official": ("city_administration", "Ajuntament de Barcelona"),
            "organization": ("resident", "Entitat"),
            "meeting": ("resident", "Trobades presencials"),
        }.get(row["source"], ("resident", ""))
        yield {
            "id": f"proposal-{row['id']}",
            "author": row["author_id"] or MEETINGS,
            "kind": "opportunity",
            "title": title,
            "text": text,
            "themes": "|".join(themes_of(row["title"], row["summary"])),
            "language": language_of(f"{row['title']}. {row['summary']}"),
            "created_at": row["created_at"],
            "group": group,
            "affiliation": affiliation,
            "status": STATUSES[row["status"]],
            "workshop": "paper" if row["source"] == "meeting" else "online",
        }


def _comments(path: Path) -> Iterator[dict[str, Any]]:
    for row in read(path):
        # The path names all ancestors, the oldest first; the board folds them, so the nearest is enough.
        parent = row["ancestry"].rsplit("/", 1)[-1]
        at = datetime.strptime(row["created_at"], "%d/%m/%Y %H:%M:%S").replace(tzinfo=ZONE)
        yield {
            "id": f"comment-{row['id']}",
            "idea": f"proposal-{row['proposal_id']}",
            "parent": f"comment-{parent}" if parent else "",
            "author": row["author_id"],
            "text": row["body"],
            "stance": "" if parent else STANCES.get(row["alignment"], ""),
            "language": language_of(row["body"]),
            "created_at": at.isoformat(),
        }


def main() -> None:
    """Convert the set beside the project into the folder named on the command line."""
    source = data_set(DECIDIM)
    if source is None or len(sys.argv) != 2:
        sys.exit(
            f"Give the folder to write to; the data set {DECIDIM} is read from ../shared/data or $CIP_DATA."
        )
    convert(source, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
