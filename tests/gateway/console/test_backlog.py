"""`kerbgate backlog`: from the file, from a running daemon, and its exit status."""

import asyncio
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.site import Language
from gateway.console.main import kerbgate
from gateway.journal.journal import Journal
from gateway.journal.packing import pack
from gateway.journal.row import UPLINK, Batch
from gateway.local_socket import Answer, Request, Verb, serving, socket_path
from tests.config.sites import RIGHT, written
from tests.gateway.journal.journals import batch, gap, opened, row, salt, settings


def _site(folder: Path) -> Path:
    return written(folder, RIGHT)


def _backlog(folder: Path, *options: str, lang: str = "en") -> Result:
    return CliRunner().invoke(kerbgate, ["--lang", lang, "backlog", "--config", str(_site(folder)), *options])


def _filled(folder: Path, events: int = 5, acknowledged: int = 2) -> None:
    async def fill() -> None:
        async with opened(folder) as journal:
            await journal.append(batch(*range(1, events + 1)))
            await journal.acknowledge(UPLINK, acknowledged)

    asyncio.run(fill())


def _damage(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "journal.db") as connection:
        connection.execute(statement)
    connection.close()


def test_it_tells_what_waits_and_since_when(tmp_path: Path) -> None:
    _filled(tmp_path)
    result = _backlog(tmp_path)
    assert result.exit_code == 0
    waits, kept = result.stdout.splitlines()
    assert waits.startswith("3 events wait for their acknowledgement. The oldest has waited for ")
    assert waits.endswith(" (h:mm:ss): bay/b1, sequence 3.")
    assert kept.startswith("2 acknowledged events are kept as a record; the last sequence is 5; ")


def test_it_tells_when_nothing_waits(tmp_path: Path) -> None:
    _filled(tmp_path, acknowledged=5)
    assert _backlog(tmp_path).stdout.startswith("Nothing waits: every event is acknowledged.\n5 acknowledged")


def test_it_speaks_chinese(tmp_path: Path) -> None:
    _filled(tmp_path)
    assert _backlog(tmp_path, lang="zh").stdout.startswith("有 3 个事件等待确认。")


def test_for_programs(tmp_path: Path) -> None:
    _filled(tmp_path)
    found = json.loads(_backlog(tmp_path, "--json", "--verify").stdout)
    assert found.pop("bytes_on_disk") > 4096
    oldest = found.pop("oldest_waiting")
    assert (oldest["sequence"], oldest["subject"]) == (3, "bay/b1")
    assert oldest["age_s"] > 0
    assert found == {"waiting": 3, "acknowledged": 2, "last_sequence": 5, "faults": []}


def test_looking_changes_nothing(tmp_path: Path) -> None:
    _filled(tmp_path)
    before = (tmp_path / "journal.db").read_bytes()
    assert _backlog(tmp_path, "--verify", "--export", "-").exit_code == 0
    assert (tmp_path / "journal.db").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.db", "journal.db.reserve", "site.yaml"]


def test_a_sound_journal_is_verified(tmp_path: Path) -> None:
    _filled(tmp_path)
    result = _backlog(tmp_path, "--verify")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "All 5 rows are sound, and no number is missing."


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE event SET record = CAST(record || x'00' AS BLOB) WHERE sequence = 4",
            "sequence 4: the row is damaged (its CRC does not match)",
        ),
        ("UPDATE event SET subject = 'bay/b9' WHERE sequence = 1", "sequence 1: the row is damaged (its CRC does not match)"),
        ("DELETE FROM event WHERE sequence = 3", "sequence 3 is missing, and no gap event accounts for it"),
        ("DELETE FROM event WHERE sequence IN (2, 3)", "sequences 2 to 3 are missing, and no gap event accounts for them"),
        ("DELETE FROM event WHERE sequence = 5", "sequence 5 is missing, and no gap event accounts for it"),
    ],
)
def test_a_fault_is_told_with_its_sequence_and_the_status_is_1(tmp_path: Path, statement: str, told: str) -> None:
    _filled(tmp_path)
    _damage(tmp_path, statement)
    result = _backlog(tmp_path, "--verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2:] == [told]
    assert result.stderr.splitlines()[0] == "The journal has faults: 1."
    faults = json.loads(_backlog(tmp_path, "--verify", "--json").stdout)["faults"]
    assert len(faults) == 1


def test_who_edits_a_row_and_its_crc_breaks_the_chain_at_that_row(tmp_path: Path) -> None:
    """Its CRC is right and its JSON is: nothing but the link tells."""
    _filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file, file:
        (link,) = file.execute("SELECT chain FROM event WHERE sequence = 3").fetchone()
        later = row(3)
        record = pack(replace(later, body=later.body.replace("08:15", "07:15")))
        crc = zlib.crc32(link, zlib.crc32(record, zlib.crc32(b"3 bay ")))
        file.execute("UPDATE event SET record = ?, crc = ? WHERE sequence = 3", (record, crc))
    result = _backlog(tmp_path, "--verify")
    assert result.exit_code == 1
    (told,) = result.stdout.splitlines()[2:]
    assert told.startswith("sequence 3: the row does not follow the one before (the hash chain breaks here)")


def test_rows_that_are_whole_and_wrong_are_found_too(tmp_path: Path) -> None:
    async def fill() -> None:
        async with opened(tmp_path) as journal:
            good = row(1)
            await journal.append(
                Batch(
                    (
                        good,
                        row(2).__class__(2, "bay", "bay/b1", "no json"),
                        row(2).__class__(3, "bay", "bay/b1", good.body),
                        row(2).__class__(4, "bay", "bay/b1", row(4).body.replace("g-1/", "g-2/")),
                        gap(5, 2, 4),
                    ),
                    (),
                )
            )

    asyncio.run(fill())
    assert _backlog(tmp_path, "--verify").stdout.splitlines()[2:] == [
        "sequence 2: the row is not a JSON event",
        "sequence 3: the event's id is another gateway's or another number's",
        "sequence 4: the event's id is another gateway's or another number's",
    ]


def test_events_are_exported_as_they_are(tmp_path: Path) -> None:
    _filled(tmp_path, events=450)
    to_stdout = _backlog(tmp_path, "--export", "-")
    assert to_stdout.exit_code == 0
    assert to_stdout.stdout == "".join(row(number).body + "\n" for number in range(1, 451))
    assert to_stdout.stderr == "450 events were written to -.\n"
    to_file = _backlog(tmp_path, "--export", str(tmp_path / "events.jsonl"))
    assert (tmp_path / "events.jsonl").read_text("utf-8") == to_stdout.stdout
    assert "448 events wait" in to_file.stdout


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    _filled(tmp_path)
    result = _backlog(tmp_path, "--export", str(tmp_path / "nowhere" / "events.jsonl"))
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert "nowhere" in result.stderr


def test_no_journal_yet(tmp_path: Path) -> None:
    result = _backlog(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"There is no journal at {tmp_path}/journal.db yet.\n")
    assert not (tmp_path / "journal.db").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "There is no journal"), (b"hello", "The file"), (bytes(9000), "The journal")],
    ids=["empty", "text", "nul"],
)
def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    result = _backlog(tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(sentence)
    assert "Traceback" not in result.output
    assert path.read_bytes() == content


def test_a_journal_of_another_gateway(tmp_path: Path) -> None:
    _filled(tmp_path)
    path = written(tmp_path, RIGHT.replace("gateway: g-1", "gateway: g-2"))
    result = CliRunner().invoke(kerbgate, ["--lang", "en", "backlog", "--config", str(path)])
    assert result.exit_code == 1
    assert "belongs to the gateway g-1, not to g-2" in result.stderr


def test_a_configuration_that_is_wrong_is_status_2(tmp_path: Path) -> None:
    path = written(tmp_path, "gateway: 1\n")
    assert CliRunner().invoke(kerbgate, ["backlog", "--config", str(path)]).exit_code == 2


@contextmanager
def _daemon(folder: Path) -> Iterator[None]:
    """Holds the journal and answers on its socket, as the daemon does, in a thread of its own."""
    begun, end = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        journal = await Journal.open(settings(folder), "g-1", salt)

        async def answer(request: Request) -> Answer:
            match request.verb:
                case Verb.BACKLOG:
                    return Answer(ok=True, lines=(json.dumps(asdict(await journal.backlog())),))
                case Verb.VERIFY:
                    return Answer(ok=True, lines=tuple(json.dumps(asdict(fault)) for fault in await journal.verify()))
                case Verb.EXPORT:
                    return Answer(ok=True, lines=tuple(each.body for each in await journal.after(request.after, 200)))
            raise AssertionError

        async def stream() -> None:
            raise AssertionError

        async with serving(socket_path(folder / "journal.db"), answer, stream):  # type: ignore[arg-type]  # nobody asks for readings here
            begun.set()
            await end.wait()
        await journal.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        assert begun.wait(10)
        yield
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        loop.close()


def test_while_the_daemon_runs_it_is_asked_and_says_the_same(tmp_path: Path) -> None:
    _filled(tmp_path, events=450)
    from_file = [_backlog(tmp_path, "--verify").stdout.splitlines()[2:], _backlog(tmp_path, "--export", "-").stdout]
    with _daemon(tmp_path):
        result = _backlog(tmp_path, "--verify")
        assert result.exit_code == 0
        assert result.stdout.startswith("448 events wait")
        assert [result.stdout.splitlines()[2:], _backlog(tmp_path, "--export", "-").stdout] == from_file


def test_a_fault_in_a_running_daemons_journal(tmp_path: Path) -> None:
    _filled(tmp_path)
    _damage(tmp_path, "DELETE FROM event WHERE sequence = 1")
    _damage(tmp_path, "UPDATE event SET crc = 1 WHERE sequence = 2")
    with _daemon(tmp_path):
        result = _backlog(tmp_path, "--verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2:] == ["sequence 2: the row is damaged (its CRC does not match)"]


def test_a_process_that_holds_the_journal_and_answers_nobody(tmp_path: Path) -> None:
    _filled(tmp_path)
    with sqlite3.connect(tmp_path / "journal.db", isolation_level=None) as holder:
        holder.execute("PRAGMA locking_mode = exclusive")
        holder.execute("BEGIN EXCLUSIVE")
        result = _backlog(tmp_path)
    holder.close()
    assert result.exit_code == 1
    assert "is in use by another process" in result.stderr


def test_the_export_is_the_same_in_every_language(tmp_path: Path) -> None:
    _filled(tmp_path)
    assert len({_backlog(tmp_path, "--export", "-", lang=language.value).stdout for language in Language}) == 1
