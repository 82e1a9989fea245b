"""What a town is: one TOML file, read strictly and checked before anything of it takes effect.

`sections` is the whole profile and its tables; `instruments` what kinds of value there are and what
is granted; `ways` how value comes in and goes out; `giving` what else is given, and where value
goes that expired; `law` what the law wants said; `bank` the town's own account. `reading` makes a
profile of a file and names all that is wrong in it; `checks` are the rules between the keys, and
between towns.
"""

from config.profile.bank import BankSection
from config.profile.giving import (
    CampaignsSection,
    ExpirySection,
    IssuingSection,
    PurposeSection,
)
from config.profile.instruments import Expiry, GrantRule, Instrument
from config.profile.law import InvoiceSection, LawSection
from config.profile.reading import (
    ProfileError,
    load_profile,
    read_profile,
    stored_profile,
    towns_folder,
)
from config.profile.sections import (
    CardsSection,
    GroupSection,
    KeepingSection,
    LimitsSection,
    PaymentsSection,
    PeopleSection,
    Profile,
    ReversalsSection,
    SendingSection,
    SoundPair,
    TownSection,
)
from config.profile.settling import SettlementSection
from config.profile.ways import Way

__all__ = [
    "BankSection",
    "CampaignsSection",
    "CardsSection",
    "Expiry",
    "ExpirySection",
    "GrantRule",
    "GroupSection",
    "Instrument",
    "InvoiceSection",
    "IssuingSection",
    "KeepingSection",
    "LawSection",
    "LimitsSection",
    "PaymentsSection",
    "PeopleSection",
    "Profile",
    "ProfileError",
    "PurposeSection",
    "ReversalsSection",
    "SendingSection",
    "SettlementSection",
    "SoundPair",
    "TownSection",
    "Way",
    "load_profile",
    "read_profile",
    "stored_profile",
    "towns_folder",
]
