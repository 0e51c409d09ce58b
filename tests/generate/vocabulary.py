"""Words that invented months are made of: no person, company, card or place here exists."""

from __future__ import annotations

from typing import NamedTuple

COMPANY = "Pinecrest Industrial Services, LLC"
ACCOUNT_CODE = "Z-00Z"
CUSTOMER_IDS = ("QQ1ZZ", "QQ2ZZ")

OFFICES = (
    ("4100 QUARRY BEND RD STE 12", "LAKE ARDEN", "LA", "70999"),
    ("77 OLD KILN HWY", "CEDAR HOLLOW", "MS", "39999"),
    ("918 FOUNDRY LN", "PORT MARLIN", "TX", "77999"),
    ("70123 CINDER PIER", "GRAYMOOR", "LA", "70998"),
)

FIRST_NAMES = (
    "Abel",
    "Ada",
    "Alba",
    "Amos",
    "Anselm",
    "Arlo",
    "Asa",
    "Bea",
    "Bram",
    "Briar",
    "Calla",
    "Cato",
    "Clem",
    "Cora",
    "Dara",
    "Dell",
    "Edda",
    "Elba",
    "Enoch",
    "Esme",
    "Faye",
    "Finch",
    "Gale",
    "Gideon",
    "Greer",
    "Hale",
    "Hesper",
    "Hugo",
    "Ilse",
    "Iona",
    "Ivo",
    "Jabez",
    "Jory",
    "Judd",
    "Juno",
    "Kit",
    "Lark",
    "Lena",
    "Lowell",
    "Mabel",
    "Maeve",
    "Merle",
    "Milo",
    "Nell",
    "Nico",
    "Oda",
    "Olin",
    "Orla",
    "Otis",
    "Pearl",
    "Petra",
    "Quill",
    "Reed",
    "Remy",
    "Rhea",
    "Rowan",
    "Selma",
    "Silas",
    "Sorrel",
    "Sylvie",
    "Tamsin",
    "Thea",
    "Ulric",
    "Una",
    "Verna",
    "Vesta",
    "Wade",
    "Willa",
    "Wren",
    "Xenia",
    "Yarrow",
    "Yves",
    "Zeke",
    "Zora",
)

LAST_STARTS = (
    "Aber",
    "Alder",
    "Barley",
    "Bex",
    "Birch",
    "Bramble",
    "Bright",
    "Cinder",
    "Cobble",
    "Crumble",
    "Dun",
    "Elder",
    "Ember",
    "Fenn",
    "Fern",
    "Fox",
    "Gilden",
    "Gorse",
    "Hadder",
    "Harrow",
    "Hollow",
    "Juni",
    "Kestrel",
    "Kings",
    "Lark",
    "Laven",
    "Loam",
    "Mallow",
    "Marl",
    "Nettle",
    "Night",
    "Otter",
    "Pebble",
    "Penny",
    "Plum",
    "Quill",
    "Quince",
    "Reed",
    "Rush",
    "Sorrel",
    "Spindle",
    "Tansy",
    "Thistle",
    "Thorn",
    "Umber",
    "Under",
    "Verdi",
    "Whin",
    "Willow",
    "Wind",
    "Wren",
    "Yew",
    "Zephyr",
)

LAST_ENDS = (
    "apple",
    "beck",
    "bury",
    "by",
    "combe",
    "cote",
    "dale",
    "den",
    "eck",
    "fallow",
    "farth",
    "feather",
    "field",
    "fold",
    "ford",
    "green",
    "hurst",
    "jarson",
    "lake",
    "land",
    "line",
    "lowick",
    "marsh",
    "mere",
    "moor",
    "mont",
    "mow",
    "nook",
    "oak",
    "quist",
    "ridge",
    "sen",
    "stane",
    "thorn",
    "vane",
    "water",
    "whistle",
    "wick",
    "worthy",
)

ADDRESS_NUMBERS = ("70123 Wharf 9", "1,250 Wharf 9", "12.50 Elm Row", "70123-B Wharf", "7th Wharf")
"""Second lines of an office address that start with a number (formats 4.4, 9)."""

HARD_NAMES = (
    ("Maeve", "O'{}"),
    ("Anne-Lise", "{}"),
    ("René", "{}"),
    ("Zoë", "{}-Vale"),
    ("J. B.", "D'{}"),
    ("Noémie", "{}-Håll"),
)
"""First name and pattern of the last name; the old program stops at each (formats 4.4, 7)."""

CITIES = (
    ("LAKE ARDEN", "LA"),
    ("CEDAR HOLLOW", "MS"),
    ("PORT MARLIN", "TX"),
    ("GRAYMOOR", "LA"),
    ("ELKHORN FLATS", "TX"),
    ("WEST TALLOW", "AL"),
    ("ST BRENNAN", "LA"),
    ("KEMPTON BAY", "TX"),
    ("OLD SABLE", "FL"),
    ("SALT FORK", "OK"),
    ("NORVIK", "CN"),
    ("800-555-0143", "WA"),
    ("WWW.PINEPARTS.EXAMPLE", "CA"),
)

STREETS = (
    "OLD MILL RD",
    "TURNSTONE ST",
    "N GRANARY WAY",
    "S DOCKSIDE BLVD",
    "BOLLARD AVE",
    "HWY 990",
    "PARISH RD 12",
)


class Trade(NamedTuple):
    """A merchant group of the report with what belongs to it; amounts are dollars."""

    group: str
    weight: int
    level: str
    low: int
    high: int
    merchants: tuple[str, ...]
    foreign: tuple[str, ...]
    expense_types: tuple[str, ...]
    titles: tuple[str, ...]
    purposes: tuple[str, ...]


TRADES = (
    Trade(
        "FUEL",
        40,
        "FL",
        10,
        120,
        (
            "BLUE HERON FUEL 0118",
            "QUARRY STOP TRAVEL CTR",
            "EAGLE BEND FUELMART #7",
            "MESA PETROLEUM 129700",
            "HARBOR GAS & GO 0412",
            "KILN'S CORNER GAS",
        ),
        ("TANKSTELLE GRÜNWALD", "ESTACIÓN DEL RÍO"),
        ("Fuel",),
        ("Generator fuel", "Fuel for truck"),
        ("Truck 118 fuel", "Fuel, trip to unit 4", "Generator on dock 9"),
    ),
    Trade(
        "RESTAURANTS",
        27,
        "NL",
        12,
        150,
        (
            "TST* OTTER DINER - B2",
            "SMOKE & TIMBER BBQ",
            "COPPER LADLE GRILL",
            "NOODLE BARN NO 7",
            "PIER SEAFOOD COMPANY",
        ),
        ("CAFÉ ÉTOILÉ Nº 5", "KAWIARNIA ŁÓDKA", "TAQUERÍA LA PEÑA"),
        ("Meals",),
        ("Crew lunch", "Client dinner"),
        ("Crew of six, night shift", "Client dinner, 3 people", "Safety training, lunch"),
    ),
    Trade(
        "MISC",
        20,
        "NL",
        20,
        1100,
        (
            "TINKER HARDWARE #0189",
            "AIR SPECIALISTS HEATNG",
            "SOLSTICE SAFETY SUPPLY",
            "GANTRY DOOR COMPANY",
            "MKTPLACE BOLT* 7M93B0",
            "O'FENN LEGAL SERVICES",
        ),
        ("ÅNGSTRÖM TOOLS AB", "PAPELERÍA NIÑO", "ČERNÁ ŽÁBA NÁRADÍ"),
        ("General Expense", "Maintenance", "Business Services", "Legal"),
        ("Small tools", "Trailer repair", "Permit fee", "Shop supplies"),
        (
            "Replacement gasket kit",
            "V10990 - Inv 880011, 880012",
            "Small tools, scaffold crew",
            "Permit filing fee",
            "Weekly crew supplies",
        ),
    ),
    Trade(
        "HOTELS",
        7,
        "NL",
        80,
        900,
        ("SLEEPY BADGER INN 114", "RIVERMARK SUITES", "BAYSIDE LODGE NO EAST"),
        ("HÔTEL DE LA BAIE",),
        ("Hotel",),
        ("Room for outage",),
        ("Lodging, two nights", "Outage travel"),
    ),
    Trade(
        "AIRLINES",
        3,
        "NL",
        80,
        900,
        ("SKYLARK AIR 5262200119", "NORTHWEND AIRWAYS"),
        ("LUFTLINJE ØST",),
        ("Airfare",),
        ("Airfare to site",),
        ("Travel to kick-off meeting", "Outage travel"),
    ),
    Trade(
        "AUTO RENTAL",
        3,
        "NL",
        60,
        400,
        ("HOBNAIL TRUCK RENTAL", "ROVER RENT A CAR 22"),
        ("LOCATION FORÊT",),
        ("Rental Car", "Misc. Transportation"),
        ("Truck rental",),
        ("Rental, unit 4 survey",),
    ),
)

FUEL_PRODUCTS = ("D2 LS", "D2 LS PREM", "UNL REG 86/87 OC", "UNL PREM", "MISC FUEL")
FURTHER_PRODUCTS = ("OIL 1 QT", "CAR WASH", "MISC OTHER", "")
OTHER_PRODUCT = "OTHER MISCELLANEOUS TRANS"

JOBS = (
    ("19002.", "Compressor hall"),
    ("20987.", "Unit 4 reinsulation"),
    ("21456.", "Tank farm turnaround"),
    ("22810.", "Chiller annex"),
    ("23077.", "Dock 9 piping"),
)
PHASES = (
    ("100", "General conditions"),
    ("210.", "Pipe cover"),
    ("305.10", "Scaffold access"),
    ("410.25", "Metal jacketing"),
)
COST_TYPES = (("1", "Labor"), ("3", "Material"), ("5", "Other direct"))
ACCOUNTS = (
    ("6120.100", "Office supplies"),
    ("6310.200", "Meals and entertainment"),
    ("6405", "Vehicle fuel"),
    ("6550.010", "Travel - lodging"),
    ("7010.300", "Legal and filing fees"),
)

REQUEST_TYPES = ("Card Charge", "Expense Reimbursement")
ATTACHMENT_KINDS = ("pdf", "jpg", "jpeg", "png")
