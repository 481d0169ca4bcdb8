"""The command line: each command as a user runs it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.embedded.process import free_port
from tests.integration.embedded.launcher_helpers import reachable_folder
from tests.world.command_line import environment, run, running

KEY = "ab" * 32
SETS = Path(__file__).parents[1] / "retrieval"
COMMANDS = "ask audit backup channels chat demo doctor eval fakes index ingest mcp migrate openapi quarantine restore rotate-keys seed serve worker"
HOURS = "# Horário\n\nA loja abre de segunda a sábado, das 9h às 18h.\n\nAos domingos a loja fica fechada.\n"


@pytest.fixture
def data() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "data"


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    file = tmp_path / "horario.md"
    file.write_text(HOURS, encoding="utf-8")
    return file


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['atende', '--help']\n"
        "from atende.main.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment(), cwd="/")
    assert done.returncode == 0, done.stderr
    listed = [line.split()[0] for line in done.stdout.split("Commands:\n")[1].splitlines()]
    assert listed == COMMANDS.split()
    assert "..." not in done.stdout.split("Commands:\n")[1], "a command is said in one line"
    heavy = {"litestar", "sqlalchemy", "openai", "twilio", "dishka", "asyncpg", "httpx", "alembic", "uvicorn"}
    assert [name for name in heavy if f"'{name}'" in done.stderr] == []


def test_a_tenant_its_documents_and_an_answer(data: Path, hours: Path, tmp_path: Path) -> None:
    tenant = run("seed", "--name", "Padaria São João", "--data-dir", data, "--json").json
    assert tenant["tenantId"] == "padaria-sao-joao"
    assert tenant["apiKey"].startswith("org_")
    assert {line["kind"] for line in tenant["channelAccounts"]} == {"whatsapp", "sms"}
    (tmp_path / "quebrado.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (tmp_path / "foto.png").write_bytes(b"\x89PNG")

    taken = run("ingest", tmp_path / "quebrado.pdf", hours, tmp_path / "foto.png", "--data-dir", data)
    assert taken.out == "horario.md: 1 passages\n"
    assert "quebrado.pdf: The PDF is damaged" in taken.refusal
    assert "foto.png: the file is not what its name says, .png" in taken.refusal

    answer = run("ask", "A que horas abre a loja?", "--data-dir", data, "--json").json
    assert answer["outcome"] == "answered"
    assert "das 9h às 18h" in answer["answer"]
    [citation, *_] = answer["citations"]
    assert citation["documentName"] == "horario.md"
    assert citation["quote"] in HOURS
    assert (answer["cost"], answer["balance"]) == (1, 49)

    told = run("ask", "Quem descobriu a penicilina?", "--data-dir", data)
    assert told.code == 0
    assert "horario.md" not in told.out
    assert "cost in credits 0, balance 49" in told.out


def test_on_a_shared_database_the_key_says_whose_documents(database: Urls, hours: Path, tmp_path: Path) -> None:
    shared = {"DATABASE_URL": database.app, "ENCRYPTION_KEY": KEY, "DATA_DIR": str(tmp_path / "data")}
    run("seed", "--name", "One", "--json", **shared)
    other = run("seed", "--name", "Other", "--json", **shared).json
    kept = (tmp_path / "data" / "seeded-tenant.json").read_text()
    assert sorted(json.loads(kept)) == ["organization_id", "project_id", "tenant_id"]
    assert run("ingest", hours, **shared).out == "horario.md: 1 passages\n"
    question = ("ask", "A que horas abre a loja?", "--json")
    assert run(*question, **shared).json["outcome"] == "answered"
    assert run(*question, **shared, ATENDE_API_KEY=other["apiKey"]).json["outcome"] == "unknown"
    assert "this is not a valid API key" in run(*question, "--api-key", "org_x", **shared).refusal
    assert run("seed", "--name", "One", **shared).refusal == "This name is taken; choose another."


def test_asking_where_nothing_is_makes_nothing(data: Path) -> None:
    assert "there is no tenant yet" in run("ask", "hi", "--data-dir", data).refusal
    assert not data.exists()


def test_doctor_finds_an_embedded_installation_in_order(data: Path) -> None:
    report = run("doctor", "--data-dir", data, "--json").json
    states = {part["name"]: part["state"] for part in report["parts"]}
    assert report["ok"] is True
    assert states["database"] == states["model"] == states["encryption"] == "built-in"
    assert states["whatsapp"] == states["twilio"] == "fake"
    assert states["redis"] == "off"
    assert not data.exists()


def test_doctor_says_what_is_wrong_and_no_secret(database: Urls, tmp_path: Path) -> None:
    free = free_port()
    secrets = {
        "DATABASE_URL": database.app,
        "MIGRATION_DATABASE_URL": database.owner.replace("atende_owner:", "atende_owner:wr%40ng-"),
        "REDIS_URL": f"redis://:redis-secret@127.0.0.1:{free}",
        "OPENAI_API_KEY": "sk-very-secret",
        "OPENAI_BASE_URL": f"http://user:model-secret@127.0.0.1:{free}/v1",
        "ENCRYPTION_KEY": KEY,
    }
    ran = run("doctor", "--json", DATA_DIR=str(tmp_path), **secrets)
    report = json.loads(ran.out)
    bad = {part["name"]: part["state"] for part in report["parts"] if not part["ok"]}
    assert ran.code == 1
    assert bad == {"migrations": "wrong", "redis": "wrong", "model": "wrong", "public url": "missing"}
    password = database.app.split(":")[2].split("@")[0]
    for secret in (KEY, "redis-secret", "sk-very-secret", "model-secret", "wr@ng", "wr%40ng", password):
        assert secret not in ran.out + ran.err

    superuser = run("doctor", **(secrets | {"DATABASE_URL": database.admin, "DATA_DIR": str(tmp_path)}))
    assert "is a superuser" in superuser.out
    setting = run("doctor", PORT="ninety")
    assert (setting.code, "PORT is 'ninety'; it must be a number" in setting.out) == (1, True)


def test_doctor_sees_a_level_that_is_not_this_programs(database: Urls, empty_database: Urls, tmp_path: Path) -> None:
    common = {"ENCRYPTION_KEY": KEY, "PUBLIC_URL": "https://atende.example", "DATA_DIR": str(tmp_path)}
    good = run("doctor", "--json", DATABASE_URL=database.app, MIGRATION_DATABASE_URL=database.owner, **common)
    assert {part["name"]: part["state"] for part in good.json["parts"]}["migrations"] == "real"
    empty = run("doctor", "--json", DATABASE_URL=empty_database.app, **common)
    assert "run atende migrate first" in empty.out


def test_fakes_in_a_process_of_their_own(tmp_path: Path) -> None:
    log = tmp_path / "doubles.jsonl"
    tenant = tmp_path / "tenant.json"
    number = {"kind": "sms", "external_id": "+5521999990000", "address": "+5521999990000"}
    number |= {"provider_account": "AC" + "0" * 32, "signing": "token", "access": "token"}
    tenant.write_text(json.dumps({"apiKey": "x", "channelAccounts": [number]}))
    with running("fakes", "--port", "0", "--log", log, "--tenant", tenant, "--seed", "7") as process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        port = addresses["baseUrl"].rsplit(":", 1)[1]
        assert addresses["doubles"]["twilio"] == f"{addresses['baseUrl']}/twilio"
        body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}).encode()
        request = urllib.request.Request(
            f"{addresses['doubles']['openai']}/v1/chat/completions", body, {"Content-Type": "application/json"}
        )
        with pytest.raises(urllib.error.HTTPError):  # no key: as the provider would
            urllib.request.urlopen(request)
        with urllib.request.urlopen(f"{addresses['baseUrl']}/_log/openai") as answer:
            assert [entry["kind"] for entry in json.load(answer)] == ["request", "answer"]
        assert f"cannot serve on 127.0.0.1:{port}" in run("fakes", "--port", port).refusal
    assert process.returncode == 0
    assert len(log.read_text().splitlines()) == 2


def test_the_openapi_needs_nothing(tmp_path: Path) -> None:
    out = tmp_path / "openapi.json"
    assert run("openapi", "--out", out, DATA_DIR=str(tmp_path / "data")).code == 0
    described = json.loads(out.read_text())
    assert described["openapi"].startswith("3.1")
    assert "/api/v1/rag/query" in described["paths"]
    assert run("openapi").json == described
    assert list(tmp_path.iterdir()) == [out]


def test_judging_dialogues(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "turns": [{"from": "customer", "text": "era só isso, obrigada, tchau!"}], "closing": True},
        {
            "id": 2,
            "turns": [{"from": "customer", "text": "What are your opening hours?"}],
            "lang": "en",
            "closing": False,
        },
    ]
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n")
    figures = run("eval", "closure", file, "--out", out).out
    assert "all: 2 labelled dialogues: precision 1.000, recall 1.000, F1 1.000" in figures
    judged = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["id"], row["closing"]) for row in judged] == [("a", True), (2, False)]
    assert all(set(row) == {"id", "closing", "verdict", "confidence", "factors"} for row in judged)
    assert "era só isso, obrigada, tchau!" not in (tmp_path / "out.html").read_text(encoding="utf-8")
    assert [json.loads(line)["id"] for line in run("eval", "closure", file).out.splitlines()[:2]] == ["a", 2]

    file.write_text(json.dumps({"id": "a", "turns": rows[0]["turns"]}) + "\n")
    assert run("eval", "closure", file, "--out", out).out == ""
    for bad, said in (("{", "line 3: not a JSON object"), ('{"id": 1, "turns": []}', "line 3 (id 1): turns must be")):
        file.write_text(json.dumps(rows[0]) + "\n\n" + bad + "\n")
        assert said in run("eval", "closure", file).refusal


def test_finding_paragraphs(tmp_path: Path) -> None:
    """The floors are below what is found today; the ceiling of a search by words alone is not far above."""
    out = tmp_path / "out.jsonl"
    files = ("--paragraphs", SETS / "paragraphs.jsonl", "--questions", SETS / "questions.jsonl")
    figures = run("eval", "retrieval", *files, "--out", out).out
    words = figures.replace(",", "").split()
    found = {name: float(words[words.index(name) + 1]) for name in ("recall@1", "recall@5", "MRR")}
    assert found["recall@1"] > 0.38
    assert found["recall@5"] > 0.6
    assert found["MRR"] > 0.46
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert "Questions whose paragraph was not the first" in (tmp_path / "out.html").read_text()
    questions = [json.loads(line)["id"] for line in (SETS / "questions.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == questions
    assert all(set(row) == {"id", "ranked"} and 0 < len(row["ranked"]) == len(set(row["ranked"])) <= 10 for row in rows)


def test_judging_answers(tmp_path: Path) -> None:
    """The whole way, from a file to a checked answer."""
    folder, out = tmp_path / "shop", tmp_path / "out.jsonl"
    folder.mkdir()
    (folder / "shop.md").write_text("# Delivery\n\nDelivery takes 5 days. We do not deliver to islands.\n")
    rows = [
        {"id": "a", "lang": "en", "kind": "plain", "question": "How long does delivery take?", "facts": [["5 days"]]},
        {"id": "b", "lang": "en", "kind": "unanswerable", "question": "Who is the owner?", "facts": []},
    ]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    figures = run("eval", "answers", folder, "--out", out).out
    assert figures.startswith("all: answerable 1, right 1.000")
    verdicts = [json.loads(line)["verdict"] for line in out.read_text().splitlines()]
    assert verdicts == ["right", "abstained"]
    assert "Wrong, partial and declined answers (0)" in (tmp_path / "out.html").read_text()

    (folder / "shop.md").unlink()
    assert "shop has no documents" in run("eval", "answers", folder).refusal
    (folder / "questions.jsonl").unlink()
    assert "shop has no questions.jsonl" in run("eval", "answers", folder).refusal


def test_a_long_paragraph_is_found_by_its_best_part(tmp_path: Path) -> None:
    filler = "The committee met again and wrote down what had been said about the budget. " * 120
    paragraphs = [
        {"id": "long", "title": "Minutes", "text": filler + "The lighthouse keeper was given a new bicycle. " + filler},
        {"id": "short", "text": "The lighthouse is open on Mondays."},
    ]
    asked = {"id": "q", "question": "What did the lighthouse keeper get?"}
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, paragraphs)))
    (tmp_path / "q.jsonl").write_text(json.dumps(asked))
    files = ("--paragraphs", tmp_path / "p.jsonl", "--questions", tmp_path / "q.jsonl")
    ran = run("eval", "retrieval", *files)
    first, last = ran.out.splitlines()
    assert json.loads(first)["ranked"] == ["long", "short"]
    assert "recall" not in last

    (tmp_path / "q.jsonl").write_text(json.dumps(asked) + '\n{"id": "x"}\n')
    assert "q.jsonl, line 2: each row must have a text under 'question'" in run("eval", "retrieval", *files).refusal


def test_the_embedding_of_an_index_is_changed_and_back(data: Path, hours: Path, tmp_path: Path) -> None:
    run("ingest", hours, "--data-dir", data)
    shown = run("index", "show", "--data-dir", data).out
    assert "searched: hashed-384, 384 dimensions" in shown
    assert "to change to: multilingual-e5-small-q4, 384 dimensions: 1 of 1 passages to embed" in shown
    rows = tmp_path / "questions.jsonl"
    rows.write_text(json.dumps({"question": "abre no domingo?", "quote": "Aos domingos a loja fica fechada"}) + "\n")
    changed = run("index", "change", "multilingual-e5-small-q4", "--questions", rows, "--data-dir", data, "--json").json
    assert changed["embedding"] == {"model": "multilingual-e5-small-q4", "dimension": 384}
    assert changed["beside"]["state"] == "kept"
    assert changed["beside"]["comparison"]["found_after"] == 1
    assert "Aos domingos" in run("ask", "A loja abre aos domingos?", "--data-dir", data).out
    assert run("index", "switch", "--data-dir", data, "--json").json["embedding"]["model"] == "hashed-384"
    assert run("index", "remove", "--data-dir", data, "--json").json["beside"] is None
    wrong = run("index", "change", "gpt-4o", "--data-dir", data)
    assert wrong.code == 2
    assert "choose one of multilingual-e5-small-q4 with 384 dimensions" in wrong.err
