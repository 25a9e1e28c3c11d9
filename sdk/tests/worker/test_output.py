from __future__ import annotations

from pathlib import Path

import pytest

from orion.worker import output
from orion.worker.output import Output, Stream


@pytest.fixture
def stream(tmp_path: Path) -> Stream:
    return Stream(tmp_path / "stdout")


def write(stream: Stream, data: bytes) -> None:
    with stream.open_for_child() as file:
        file.write(data)


def test_lines_are_read_once_and_whole(stream: Stream) -> None:
    write(stream, b"one\ntw")
    first = stream.read_lines()
    write(stream, b"o\r\nthree")

    assert (first, stream.read_lines()) == (["one"], ["two"])
    assert stream.read_lines(is_over=True) == ["three"]
    assert stream.read_lines(is_over=True) == []


def test_a_file_that_is_not_there_yet_has_no_lines(stream: Stream) -> None:
    assert stream.read_lines() == []


def test_bytes_that_are_no_text_are_passed_on_as_well_as_can_be(
    stream: Stream,
) -> None:
    write(stream, b"\xff\xfe!\n")

    assert stream.read_lines() == ["\ufffd\ufffd!"]


def test_the_last_fifty_lines_are_kept(stream: Stream) -> None:
    write(stream, b"".join(b"%d\n" % n for n in range(120)))

    stream.read_lines()

    assert list(stream.last) == [str(n) for n in range(70, 120)]


def test_a_line_without_end_does_not_grow_in_memory(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LONGEST_LINE", 10)
    write(stream, b"x" * 25)

    assert stream.read_lines() == ["x" * 25]


def test_a_long_file_is_emptied_and_the_child_goes_on(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "CUT_AT", 10)
    with stream.open_for_child() as child:
        child.write(b"0123456789abc\n")
        child.flush()
        first = stream.read_lines()
        size = stream.path.stat().st_size
        child.write(b"more\n")
        child.flush()

        assert (first, size) == (["0123456789abc"], 0)
        assert stream.read_lines() == ["more"]


def test_both_streams_are_passed_on_with_the_runs_name(tmp_path: Path) -> None:
    both, said = Output(tmp_path / "run"), []
    write(both.out, b"to stdout\n")
    write(both.err, b"to stderr\n")

    both.forward("brave-fox", said.append)

    assert said == ["brave-fox | to stdout", "brave-fox | to stderr"]


def test_what_an_earlier_agent_passed_on_is_kept_but_not_repeated(
    tmp_path: Path,
) -> None:
    both, said = Output(tmp_path / "run"), []
    write(both.err, b"old\n")
    both.skip_to_end()
    write(both.err, b"new\n")

    both.forward("brave-fox", said.append)

    assert said == ["brave-fox | new"]
    assert list(both.err.last) == ["old", "new"]
