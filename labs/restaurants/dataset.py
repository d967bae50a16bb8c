"""What guests said about restaurants. The course's file has no stated licence and is not public."""

from pathlib import Path
from typing import Final

from labs.dataset import Dataset
from labs.restaurants.generator import BY_CHANCE, generate

FILE: Final = "restaurants.csv"
SCHEMA: Final = Path(__file__).with_name("schema.json")
RECIPE: Final = Path(__file__).with_name("recipe.json")

DATASET: Final = Dataset(
    name="restaurants",
    names=(FILE,),
    generator="ratings that follow how guest and place go together, "
    f"{BY_CHANCE:.0%} of them replaced by chance",
    generate=lambda folder, seed: generate(folder / FILE, seed),
)
