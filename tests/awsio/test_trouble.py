"""One sentence when trouble begins, one when it has been over for a while."""

from awsio.trouble import Trouble


def test_it_is_said_once_when_it_begins_and_once_when_it_is_over() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)

    trouble.goes_well(0, "never")
    trouble.happens(1_000, "down")
    trouble.happens(5_000, "still down")
    assert said == ["down"]
    assert trouble

    trouble.goes_well(13_000, "up after {seconds} s")
    trouble.goes_well(15_999, "up after {seconds} s")
    assert said == ["down"]
    trouble.goes_well(16_000, "up after {seconds} s")
    assert said == ["down", "up after 12.0 s"]
    assert not trouble

    trouble.happens(20_000, "down again")
    assert said[2:] == ["down again"]


def test_what_comes_and_goes_is_one_trouble() -> None:
    said: list[str] = []
    trouble = Trouble(said.append)
    for moment_ms in range(0, 60_000, 2_000):
        trouble.happens(moment_ms, "throttled")
        trouble.goes_well(moment_ms + 1_000, "over")
    assert said == ["throttled"]
