"""500 texts that would be statements if they were pasted into one."""

from itertools import product

_OPENINGS = (
    "'",
    '"',
    "')",
    "'))",
    '")',
    "1",
    "1)",
    "\\'",
    "%27",
    "';",
    "$$",
    "`",
    "x' ",
    "''",
    "'/**/",
    "\u02bc",
    "\uff07",
)
_MIDDLES = (
    " OR 1=1",
    " OR 'a'='a",
    " AND 1=0",
    "; DROP TABLE document",
    "; DELETE FROM credit_entry",
    "; UPDATE job SET status='done'",
    " UNION SELECT NULL",
    " UNION SELECT version()",
    " UNION ALL SELECT usename, passwd FROM pg_shadow",
    "; SELECT pg_sleep(20)",
    " || pg_sleep(20)::text",
    " AND 1=CAST((SELECT current_user) AS int)",
    "; SELECT set_config('app.current_tenant_id', '*', false)",
    "; COPY document TO PROGRAM 'id'",
    "; RESET ROLE",
    " ORDER BY 100",
    " LIMIT 0 OFFSET (SELECT 1/0)",
    "; ROLLBACK",
    " AND (SELECT count(*) FROM generate_series(1,100000000))>0",
    " IN (SELECT id FROM job)",
)
_ENDINGS = (" --", " #", "/*", "", ";", " -- -")


def _every() -> list[str]:
    """Each opening with each middle; the endings take turns."""
    return [
        f"{opening}{middle}{_ENDINGS[number % len(_ENDINGS)]}"
        for number, (opening, middle) in enumerate(product(_OPENINGS, _MIDDLES))
    ]


_SINGLE = [
    "'", "''", '"', "\\", "\\\\'", "%", "_", "%%", "--", "/*", "*/", ";", "\n;", "\t' OR", "\x1a'", "0x27", "CHAR(39)",
    "chr(39)||chr(39)", "E'\\x27'", "U&'\\0027'", "$1", ":name", ":1", "%s", "%(id)s", "?", "{0}", "{id}", "@@version",
    "NULL", "null::text", "true", "1::int", "-1", "1e309", "NaN", "Infinity", "0/0", "now()", "current_user",
]  # fmt: skip
_WRAPPED = [f"{prefix}{text}{suffix}" for prefix, suffix in (("", "x"), ("(", ")"), ("a'", "'b")) for text in _SINGLE]
CORPUS = [*_every(), *_SINGLE, *_WRAPPED][:500]
assert len(set(CORPUS)) == 500, len(set(CORPUS))
