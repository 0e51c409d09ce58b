"""Every English text of the pages that does not come from the database."""

from __future__ import annotations

TITLE = "Card months"
SIGN_IN = "Sign in"
SIGN_IN_COMPANY = "Sign in with the company's account"
SIGNED_OUT = "You are signed out here."
LEAVE_COMPANY = "Sign out of the company's account, too."
SIGN_IN_HINT = "Open the link that signs you in. ./run link NAME prints one that works once."
SIGN_IN_AS = "Sign in as {name}"
SIGN_OUT = "Sign out"
SIGNED_OUT = "You are signed out."
BACK = "Back"
NEXT_PAGE = "Next page"
FIRST_PAGE = "First page"
FILTER = "Show"
NOTHING = "Nothing here."
EVERYTHING = "Everything else"
BEHIND = "The request and the SQL behind this view"
DONE = "Done: {what}"
UNKNOWN = "unknown"
NONE = "\N{EN DASH}"
YES, NO = "yes", "no"
CHOOSE = "choose"
ANY = "any"
OTHER_CHANGE = "What somebody else did meanwhile"
YOUR_INPUT = "Your input is kept below. Send it again once you have seen this."
ERROR = "This was not done"
OVER = "You are not signed in any more"
OVER_WORDS = "Nothing was done. What you sent is kept on this page: leave it open until then."
OVER_SIGN_IN = "Sign in again, beside this page"
OVER_AGAIN = "I am signed in again: show my input"
ACTS = "What can be done"
SENT = "Files"
COMPARE = "Compare with"
OPEN = "Open"
GONE = "What was opened does not stand in this list any more."
TRAIL = "Audit trail of this"
# Operations whose pages stand in the head of each page, for whom they are open.
NAVIGATION = (
    ("list_accounting_batches", "/accounting-batches", "Batches"),
    ("list_rules", "/rules", "Rules"),
    ("get_cutover", "/cutover", "Go live"),
    ("save_user", "/users", "Users"),
    ("save_setting", "/settings", "Settings"),
)
PAIR = "Decide what is ticked"
PAIRS = "Which belongs to which"
MORE_OF_RECEIPT = "Take it out, give it to somebody else, settle a conflict"
NO_PAIRS = "tick charges and receipts, then say of each which one it belongs to"
SPLIT_DOLLARS = "a split says the dollars of each pair, another decision says none"
LOOK_FIRST = "yes: only tell what would become of it; no: do it."

# Inputs and calls that carry files.
FILES = {
    "car": "What the bank charged (PDF)",
    "receipts": "What employees handed in (PDF)",
    "activity": "activity.json of the program used before",
    "import_csv": "Its CSV",
}
HINTS = {
    "session_name": "Left out: it is called after its month.",
    "shape_in_use": "Of which of its two files the old program is in use.",
    "same_files": "yes: it read the same two PDFs.",
    "pair_amount": "One a line, in the order of the pairs.",
}
CARRYING = {
    "upload": "They are read page by page; you see how far it is.",
    "take_coding": "A coding spreadsheet that was filled in; each row is told what becomes of it.",
    "compare": "Keeps what the program used before made of this month, and compares all of it.",
    "attach": "A scan that came in later: PDF, PNG or JPEG.",
    "take_users": "The list of users as it is sent from here, changed.",
    "take_addresses": "The list of addresses as it is sent from here, changed.",
    "import_json": "A month as the program used before wrote it.",
}

# What a person wants to do, by operation; others are called after their path.
ACTIONS = {
    "resolve_issue": "Resolve",
    "start_issue": "Take up",
    "suspend_issue": "Wait for somebody",
    "reopen_issue": "Open again",
    "note_issue": "Add a note",
    "mark_false_positive": "False positive",
    "assign_issue": "Assign",
    "propose_waiver": "Propose a waiver",
    "propose_decision": "Propose to a second person",
    "approve_waiver": "Approve",
    "reject_waiver": "Reject",
    "resolve_issues": "Decide many",
    "sign_off_month": "Sign off",
    "accept_unposted": "Accept what is not posted",
    "close_month": "Close the month",
    "close_past_month": "Close as it is (a month from before)",
    "reopen_month": "Open the month again",
    "hold_employee": "Put on hold",
    "release_employee": "Release",
    "decide_match": "Decide a match",
    "export_lines": "Hand over to accounting",
    "void_batch": "Void this batch",
    "create_session": "Open an empty session",
    "cancel_session": "Cancel this submission",
    "accept_submission": "Accept this submission",
    "discard_submission": "Discard this submission",
    "restore_session": "Make it the newest again",
    "restore_revision": "Go back to this revision",
    "correct_transactions": "Correct receipts",
    "add_transaction": "Add a receipt",
    "remove_transaction": "Take the receipt out",
    "move_transaction": "Give the receipt to somebody else",
    "undo_batch": "Take a bulk decision back",
    "save_rule": "Change this rule",
    "upload": "Hand in the two reports",
    "take_coding": "Take a filled-in coding spreadsheet",
    "compare": "Compare with an old result",
    "attach": "Attach a scan",
    "take_users": "Take a list of users",
    "take_addresses": "Take a list of addresses",
    "import_json": "Hand in an activity.json",
    "send_users": "Users as CSV",
    "send_addresses": "Addresses as CSV",
    "report": "Report (Markdown)",
    "batch_csv": "File for accounting",
    "report_xlsx": "Workbook",
    "import_csv": "File for accounting",
    "coding_xlsx": "Coding spreadsheet",
    "packets_zip": "Packets of all people",
    "activity_json": "activity.json",
}

# Names of columns and arguments that read badly with blanks for underscores.
NAMES = {
    "amount_impact": "Dollars",
    "amount_difference": "Difference",
    "car_total": "Card total",
    "employee_name": "Person",
    "employee_id": "Employee number",
    "issue_type": "Rule",
    "is_latest": "Counts",
    "net_amount": "Amount",
    "q": "Words or amount",
    "user_name": "User",
    "notes": "Note",
    "total_employees": "People",
    "employees_completed": "Finished",
    "external_transaction_id": "Receipt id",
    "total_amount": "Card total",
    "is_overdue": "Overdue",
    "due_date": "Due",
    "as_of": "As of the day",
    "dry_run": "Only look",
    "pair_amount": "Dollars of each, for a split",
    "method": "How",
    "assigned_to_name": "Assigned to",
}

OBSTACLES = {
    "submission": ("A submission is not done", "Wait until it is read, accept it or cancel it."),
    "no_submission": ("Nothing was handed in", "Upload the two reports of the month."),
    "blocking_issue": ("Issues that block", "Decide each, or correct what it is about."),
    "person": ("People on hold", "Release them when what they wait for is settled."),
    "open_charge": ("Charges without receipt", "Match them, or decide their issues."),
    "open_receipt": ("Receipts without charge", "Match them, or decide their issues."),
    "not_posted": (
        "Receipts that accounting does not have",
        "Hand them over as a batch; or one accepts that they are not posted, another closes.",
    ),
    "sign_off": ("Not signed off", "A reviewer signs off what is there now."),
}


def words(name: str) -> str:
    """Return a name of the database as people read it."""
    if name in NAMES:
        return NAMES[name]
    text = name.removeprefix("is_").removesuffix("_name").replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def action(operation: str) -> str:
    """Return what an operation is called on its button."""
    return ACTIONS.get(operation, words(operation))
