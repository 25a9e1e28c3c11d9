from __future__ import annotations

import pytest

from dashboard.base.spoken import in_words


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 6 * * 1", "at 06:00 on Mon"),
        ("@daily", "daily at 00:00"),
        ("*/15 * * * *", "every 15 min"),
        ("* * * * *", "every min"),
        ("*/10 9-17 * * *", "every 10 min from 09:00 to 17:59"),
        ("5 * * * *", "every hour at :05"),
        ("0 */2 * * *", "every 2 h at :00"),
        ("30 8,18 * * 1-5", "at 08:30 and 18:30 on weekdays"),
        ("0 6 * * SAT,SUN", "at 06:00 on weekends"),
        ("0 6 * * 7", "at 06:00 on Sun"),
        ("0 0 1,15 * 3", "at 00:00 on day 1 and 15 of the month or on Wed"),
        ("0 0 1 JAN,7 *", "at 00:00 on day 1 of the month in Jan and Jul"),
        # what has no plain words is shown as it is
        ("1-5 * * * *", "cron 1-5 * * * *"),
        ("0 6 L * *", "cron 0 6 L * *"),
        ("0 6 * * 1#2", "cron 0 6 * * 1#2"),
        ("0 0 6 * * 1 2030", "cron 0 0 6 * * 1 2030"),
    ],
)
def test_cron_in_words(cron: str, words: str):
    assert in_words({"cron": cron, "timezone": "Europe/Paris"}) == (
        f"{words} Europe/Paris"
    )


def test_both_days_are_needed_when_cron_says_so():
    schedule = {"cron": "0 0 13 * 5", "timezone": None, "day_or": False}

    assert in_words(schedule) == ("at 00:00 on day 13 of the month and only on Fri UTC")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3600, "every hour"),
        (7200, "every 2 h"),
        (60, "every minute"),
        (86400, "every day"),
        (1209600, "every 2 weeks"),
        (90, "every 90 s"),
        (0.5, "every 0.5 s"),
    ],
)
def test_intervals_in_words(seconds: float, words: str):
    assert in_words({"interval": seconds}) == words


@pytest.mark.parametrize(
    ("rrule", "words"),
    [
        (
            "FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=30",
            "every week on Mon and Thu at 09:30",
        ),
        ("RRULE:FREQ=DAILY;INTERVAL=2;COUNT=5", "every 2 days 5 times"),
        (
            "DTSTART:20240101T000000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20251231",
            "every month on day 1 of the month until 2025-12-31",
        ),
        ("FREQ=DAILY;BYSETPOS=1", "rrule FREQ=DAILY;BYSETPOS=1"),
        ("FREQ=MONTHLY;BYDAY=1MO", "rrule FREQ=MONTHLY;BYDAY=1MO"),
    ],
)
def test_recurrence_rules_in_words(rrule: str, words: str):
    assert in_words({"rrule": rrule, "timezone": "UTC"}) == f"{words} UTC"
