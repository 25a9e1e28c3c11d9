"""A first flow: tasks, a retry that succeeds, mapped tasks, a subflow, logs, a value.

Run it here with `python examples/weather.py`, or deploy it as `python do.py up` does.
"""

from __future__ import annotations

from orion import flow, get_run_context, get_run_logger, task, unmapped

CITIES = ["Kyiv", "Lima", "Oslo", "Pune"]


@task(retries=2, retry_delay_seconds=1)
def connect() -> str:
    """Stations never answer the first call; the retry gets through."""
    if get_run_context().attempt == 1:
        raise ConnectionError("the station did not answer")
    return "station-7"


@task
def measure(city: str, station: str) -> float:
    """One of the mapped tasks: a temperature for one city."""
    degrees = sum(city.encode()) % 300 / 10
    get_run_logger().info("%s reports %.1f degrees in %s", station, degrees, city)
    return degrees


@task
def mean(values: list[float]) -> float:
    """The average of what was measured."""
    return round(sum(values) / len(values), 1)


@flow
def summary(readings: dict[str, float]) -> float:
    """A subflow: it has a run of its own, linked to the run that called it."""
    warmest = max(readings, key=lambda city: readings[city])
    get_run_logger().info("the warmest city is %s", warmest)
    return mean(list(readings.values()))


@flow
def weather(cities: list[str] = CITIES) -> float:
    """Ask a station about each city and answer the mean temperature."""
    logger = get_run_logger()
    station = connect()
    logger.info("connected to %s", station)
    readings = measure.map(cities, unmapped(station)).result()
    average = summary(dict(zip(cities, readings, strict=True)))
    logger.info("%d cities, %.1f degrees on average", len(cities), average)
    return average


if __name__ == "__main__":
    weather()
