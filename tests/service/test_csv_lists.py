"""Users and addresses out and in as CSV: what goes out comes in again, each row with its answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from svc.routes.lists import written

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.service.conftest import Api

HEAD = "user_name,email,role,cardholder_id,is_active,version\r\n"
# What programs of tables run: after a sign of another list, wide, small and hidden.
FORMULAS = ("＝1+1", "﹢1", "\u200b@a", '("=1', "−1", "'=1", "''a")  # noqa: RUF001


def quoted(lines: str) -> str:
    """Return lines as they go out: each cell quoted."""
    return "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n" for line in lines.splitlines()
    )


def take(api: Api, path: str, text: str | bytes, user: str = "ada", **form: str) -> TestResponse:
    """Hand a file in."""
    content = text.encode() if isinstance(text, str) else text
    return api.call("POST", path, user, data={"file": (io.BytesIO(content), "l.csv"), **form})


def outcomes(answer: TestResponse) -> list[tuple[Any, ...]]:
    """Return what became of each row."""
    assert answer.status_code == 200, answer.text
    return [(row["name"], row["outcome"], row["code"]) for row in answer.get_json()["rows"]]


def test_users_go_out_and_come_in(api: Api) -> None:
    """Unchanged, changed, new, made inactive, refused; a dry run first; administrators only."""
    sent = api.get("/users.csv", "ada")
    assert sent.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sent.text == quoted(
        f"{HEAD}ada,,admin,,true,1\r\npat,,processor,,true,1\r\n"
        "rae,,reviewer,,true,1\r\nron,,read_only,,true,1\r\n"
    )
    assert {row[1] for row in outcomes(take(api, "/users.csv", sent.text))} == {"unchanged"}
    edited = sent.text.replace(
        '"ron","","read_only","","true"', "ron,ron@example.org,read_only,,FALSE"
    )
    edited += "=cmd,,reviewer,,,\r\nnew,,king,,,\r\nold,,reviewer,,maybe,\r\n\r\n"
    expected = [
        *(("ada", "unchanged", None), ("pat", "unchanged", None), ("rae", "unchanged", None)),
        *(("ron", "changed", None), ("=cmd", "made", None)),
        *(("new", "refused", "invalid_argument"), ("old", "refused", "invalid_argument")),
    ]
    assert outcomes(take(api, "/users.csv", edited, dry_run="true")) == expected
    assert api.get("/users.csv", "ada").text == sent.text
    assert outcomes(take(api, "/users.csv", edited)) == expected
    again = api.get("/users.csv", "ada").text
    assert quoted("ron,ron@example.org,read_only,,false,2") in again
    # No program of tables runs it, and it comes in as it was.
    assert quoted("'=cmd,,reviewer,,true,1") in again
    assert {row[1] for row in outcomes(take(api, "/users.csv", again))} == {"unchanged"}
    assert take(api, "/users.csv", sent.text, "pat").status_code == 403
    assert api.get("/users.csv", "pat").status_code == 403


def test_addresses_go_out_and_come_in(api: Api) -> None:
    """People are named as the company knows them; an empty cell takes an address away."""
    api.upload(b'{"JOANROW": {"name": "JOANROW", "employee_id": "1002", "car_total": 7.5}}')
    text = "\ufeffEmployee_ID,email\n1002,joan@example.org\n7,x@example.org\n"
    assert outcomes(take(api, "/addresses.csv", text, "pat")) == [
        ("1002", "made", None),
        ("7", "refused", "no_such_cardholder"),
    ]
    sent = api.get("/addresses.csv")
    assert sent.text.endswith(f",{quoted('1002,JOANROW,joan@example.org,false,1')}")
    quiet = sent.text.replace('"joan@example.org","false"', ",true")
    assert outcomes(take(api, "/addresses.csv", quiet, "pat")) == [("JOANROW", "changed", None)]
    assert api.get("/addresses.csv").text.endswith(f",{quoted('1002,JOANROW,,true,2')}")


def test_no_text_runs_in_a_program_of_tables(api: Api) -> None:
    """Whatever it begins with, and what is after a sign that another country parts lists at."""
    names = [*FORMULAS, 'x;=HYPERLINK("http://e")', "x\u00a0=1"]
    cells = [name.replace('"', '""') for name in names]
    text = "user_name\n" + "".join(f'"{written(cell)}"\n' for cell in cells)
    assert {row[1] for row in outcomes(take(api, "/users.csv", text))} == {"made"}
    sent = api.get("/users.csv", "ada").text
    for cell in cells:
        before = "" if cell.startswith("x") else "'"
        assert f'\r\n"{before}{cell}","' in sent
    assert {row[1] for row in outcomes(take(api, "/users.csv", sent))} == {"unchanged"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "user_name,user_name\na,b\n",
        "user_name,rank\na,b\n",
        "user_name\na,b\n",
        'user_name\n"a\n',
        b"user_name\n\xff\n",
        "user_name\nok\na\0b\n",
        "user_name\n",
    ],
    ids=repr,
)
def test_what_is_no_such_list_is_refused_whole(api: Api, text: str | bytes) -> None:
    """Named by its field, never a defect."""
    answer = take(api, "/users.csv", text)
    assert (answer.status_code, answer.get_json()["field"]) in {(400, "file"), (400, "users")}
