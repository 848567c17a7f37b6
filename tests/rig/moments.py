"""Points in time as JSON and as mails write them."""
import datetime
import re

ZONES = {"UTC": 0, "GMT": 0, "CET": 1, "CEST": 2}
MONTHS = {name: number for number, name in enumerate(
    "January February March April May June July August September October November December".split(), 1)}


def instant(text):
    """RFC 3339."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def named(text):
    """Every "23 November 2026, 10:00 CET" in a text; lines may break within."""
    found = re.findall(r"(\d{1,2}) (" + "|".join(MONTHS) + r") (\d{4}), (\d{2}):(\d{2}) (" + "|".join(ZONES) + r")\b",
                       re.sub(r"\s+", " ", text))
    return [datetime.datetime(int(year), MONTHS[month], int(day), int(hour), int(minute),
                              tzinfo=datetime.timezone(datetime.timedelta(hours=ZONES[zone])))
            for day, month, year, hour, minute, zone in found]
