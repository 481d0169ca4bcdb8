"""`atende audit verify`: verifies the audit log."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from atende.core.audit.chain import Head
from atende.core.audit.verify import Finding, Verdict, VerifyAudit, Wrong
from atende.core.kernel import Invalid
from atende.main.commands.installation import installation
from atende.main.settings import Settings

_WORDS = {
    Wrong.EDITED: "this record was edited",
    Wrong.DELETED: "this record was deleted",
    Wrong.REORDERED: "records from here on were reordered",
    Wrong.INSERTED: "a record was inserted here",
    Wrong.SEAL_MISSING: "the seal with this number is missing",
    Wrong.CUT_OFF: "the chain ends before this number, which an earlier head had reached",
    Wrong.REWRITTEN: "the chain was rewritten up to here: an earlier head says otherwise",
}


class _Written(msgspec.Struct, rename="camel"):
    """A head as an earlier run wrote it down."""

    organization_id: UUID
    seq: int
    hash: str


class _Earlier(msgspec.Struct):
    organizations: list[_Written]


async def verify_audit(settings: Settings, *, organization: UUID | None, expect: Path | None, as_json: bool) -> None:
    """Prints each chain's head, which belongs in another place than this database. Raises Invalid when a chain does not hold."""
    expected = None if expect is None else await asyncio.to_thread(_read, expect)
    async with installation(settings) as container:
        verdicts = await (await container.get(VerifyAudit))(organization, expected=expected)
    wrong = [verdict for verdict in verdicts if verdict.finding is not None]
    if as_json:
        print(json.dumps({"holds": not wrong, "organizations": [_shown(verdict) for verdict in verdicts]}))
    else:
        for verdict in verdicts:
            print(_told(verdict))
        if not any(verdict.head.seq or verdict.tail.count or verdict.finding for verdict in verdicts):
            print("nothing was ever recorded here: is this the installation, and the organization, that you mean?")
    if wrong:
        raise Invalid(f"the audit log does not hold: {'; '.join(_place(verdict) for verdict in wrong[:10])}")


def _read(file: Path) -> dict[UUID, Head]:
    try:
        earlier = msgspec.json.decode(file.read_bytes(), type=_Earlier)
        return {one.organization_id: Head(one.seq, bytes.fromhex(one.hash)) for one in earlier.organizations if one.seq}
    except (OSError, ValueError) as error:
        raise Invalid(f"{file} is not what `atende audit verify --json` printed earlier") from error


def _shown(verdict: Verdict) -> dict[str, Any]:
    finding = verdict.finding
    return {
        "organizationId": str(verdict.organization_id),
        "seq": verdict.head.seq,
        "hash": verdict.head.hash.hex(),
        "unsealed": verdict.tail.count,
        "unsealedSince": verdict.tail.since.isoformat() if verdict.tail.since else None,
        "wrong": None
        if finding is None
        else {
            "what": finding.wrong.value,
            "seq": finding.seq,
            "recordId": str(finding.record_id) if finding.record_id else None,
        },
    }


def _told(verdict: Verdict) -> str:
    if verdict.finding is not None:
        return f"{verdict.organization_id}  WRONG at {_words(verdict.finding)}"
    tail = verdict.tail
    left = f"  {tail.count} not sealed yet, since {tail.since:%Y-%m-%d %H:%M:%S}" if tail.since else ""
    return f"{verdict.organization_id}  holds  {verdict.head.seq}  {verdict.head.hash.hex()}{left}"


def _words(finding: Finding) -> str:
    record = f" (record {finding.record_id})" if finding.record_id else ""
    return f"{finding.seq}{record}: {_WORDS[finding.wrong]}"


def _place(verdict: Verdict) -> str:
    return "" if verdict.finding is None else f"organization {verdict.organization_id} at {_words(verdict.finding)}"
