"""The users of TICKIT, Redshift's sample database: the file's shape, and a look-alike of it."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from labs.dataset import Dataset

FILE: Final = "allusers_pipe.txt"
LIKES: Final = (
    "likesports", "liketheatre", "likeconcerts", "likejazz", "likeclassical", "likeopera",
    "likerock", "likevegas", "likebroadway", "likemusicals",
)  # fmt: skip

USERS: Final = 49_990
VEGAS_AND_SPORTS: Final = 2_128
VEGAS_OR_SPORTS: Final = 18_968
"""The published figures: what the lab's queries say of TICKIT's own file."""

FIRST_NAMES: Final = (
    "Ada", "Amir", "Ana", "Björn", "Carla", "Chen", "Dalia", "Diego", "Elif", "Emma", "Farah",
    "Finn", "Greta", "Hana", "Hugo", "Ines", "Ivan", "Jada", "Jonas", "Kofi", "Lena", "Luis",
    "Maja", "Marek", "Nadia", "Noah", "Olga", "Omar", "Paula", "Pedro", "Quinn", "Rosa", "Sami",
    "Sofia", "Tariq", "Uma", "Victor", "Wanda", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abbott", "Baker", "Castro", "Dietrich", "Eriksen", "Fischer", "Garcia", "Haddad", "Ibsen",
    "Jansen", "Keller", "Lindqvist", "Moreau", "Nakamura", "O'Brien", "Petrov", "Quist", "Rossi",
    "Santos", "Tanaka", "Ulrich", "Varga", "Weber", "Xu", "Yilmaz", "Zeller",
)  # fmt: skip
CITIES: Final = (
    ("Albuquerque", "NM"), ("Atlanta", "GA"), ("Austin", "TX"), ("Boise", "ID"), ("Boston", "MA"),
    ("Burlington", "VT"), ("Charleston", "SC"), ("Chicago", "IL"), ("Denver", "CO"),
    ("Detroit", "MI"), ("Fargo", "ND"), ("Halifax", "NS"), ("Honolulu", "HI"), ("Juneau", "AK"),
    ("Las Vegas", "NV"), ("Los Angeles", "CA"), ("Madison", "WI"), ("Memphis", "TN"),
    ("Miami", "FL"), ("Montréal", "QC"), ("New Orleans", "LA"), ("New York", "NY"),
    ("Omaha", "NE"), ("Phoenix", "AZ"), ("Portland", "OR"), ("Reno", "NV"), ("Richmond", "VA"),
    ("Salt Lake City", "UT"), ("San Diego", "CA"), ("Seattle", "WA"), ("Toronto", "ON"),
    ("Tulsa", "OK"), ("Vancouver", "BC"), ("Wichita", "KS"),
)  # fmt: skip
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
README: Final = """GENERATED DATA, not real data.

{file} has {users:,} users who do not exist, in the shape of the users of TICKIT, Redshift's sample
database. That {both:,} of them like Vegas and sports, and {either:,} Vegas or sports, is by
construction: these are the figures published for TICKIT's own file. Seed {seed}.
"""


def generate(folder: Path, seed: int) -> None:
    """Writes the file, and beside it what it is."""
    lines = "".join(f"{'|'.join(user)}\n" for user in _users(random.Random(seed)))
    (folder / FILE).write_text(lines, encoding="utf-8")
    about = README.format(
        file=FILE, users=USERS, both=VEGAS_AND_SPORTS, either=VEGAS_OR_SPORTS, seed=seed
    )
    (folder / "README.txt").write_text(about, encoding="utf-8")


def _users(chance: random.Random) -> Iterator[list[str]]:
    likes = _likes(chance)
    for number in range(1, USERS + 1):
        sports, vegas = next(likes)
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        city, state = chance.choice(CITIES)
        username = "".join(chance.choices(LETTERS, k=3)) + f"{number:05d}"
        # 555-01.. is nobody's number, and example.com nobody's host.
        phone = f"({chance.randrange(200, 990)}) 555-01{chance.randrange(100):02d}"
        said = [chance.choice(("TRUE", "FALSE", "")) for _ in LIKES]
        said[LIKES.index("likesports")] = sports
        said[LIKES.index("likevegas")] = vegas
        email = f"{username.lower()}@example.com"
        yield [str(number), username, first, last, city, state, email, phone, *said]


def _likes(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Of sports and of Vegas, for every user."""

    def no() -> str:
        return chance.choice(("FALSE", ""))

    one = VEGAS_OR_SPORTS - VEGAS_AND_SPORTS
    both = [("TRUE", "TRUE")] * VEGAS_AND_SPORTS
    sports = [("TRUE", no()) for _ in range(one // 2)]
    vegas = [(no(), "TRUE") for _ in range(one - one // 2)]
    neither = [(no(), no()) for _ in range(USERS - VEGAS_OR_SPORTS)]
    drawn = both + sports + vegas + neither
    chance.shuffle(drawn)
    return iter(drawn)


USERS_DATASET: Final = Dataset(
    name="tickit",
    names=(FILE,),
    generator=(
        f"{USERS:,} users in the shape of TICKIT's, of whom by construction {VEGAS_AND_SPORTS:,} "
        f"like Vegas and sports and {VEGAS_OR_SPORTS:,} Vegas or sports, the published figures"
    ),
    generate=generate,
)
