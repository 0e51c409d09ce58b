"""Every English text of the pages that does not come from the database."""

from __future__ import annotations

from markupsafe import Markup, escape

from svc.errors import RETRY_AFTER, Problem

TITLE = "Card months"
SIGN_IN = "Sign in"
SIGN_IN_COMPANY = "Sign in with the company's account"
SIGNED_OUT = "You are signed out here."
LEAVE_COMPANY = "Sign out of the company's account, too."
SIGN_IN_HINT = "Open the link that signs you in. ./run link NAME prints one that works once."
SIGN_IN_AS = "Sign in as {name}"
SIGN_OUT = "Sign out"
BACK = "Back"
NEXT_PAGE = "Next page"
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
KEPT = "What you sent is kept on this page."
SEND_AGAIN = "Send it again"
FILES_AGAIN = "The rest of your input is kept below. Choose the two files again."
KNOWN_FILES = "These two files were handed in before: this is the submission that holds them."
OTHER_CHANGE = "What somebody else did meanwhile"
YOUR_INPUT = "Your input is kept below. Send it again once you have seen this."
ERROR = "This was not done"
OVER = "You are not signed in any more"
OVER_WORDS = "Nothing was done. What you sent is kept on this page: leave it open until then."
FILES_ANEW = "Files are not: choose them anew."
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
    "workbook": "Its workbook",
}
HINTS = {
    "session_name": "Left out: it is called after its month.",
    "programme": "Only for a second card programme with a month of the same days.",
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

# Texts of views of their own.
MAIN, MONTHS, WORK_LIST, UPLOAD = "Main", "Months", "Work list", "Upload"
ONLY_LOOKED_AT = "Nothing is written yet: this is what it would be."
OPEN_IT = "open"
REASON = "Reason"
OF_ALL = "{part} of {all}"
BEFORE_MONTH = "Before they are in a month"
CLOSED_AT = "closed {when}"
DECIDE_BLOCKING = "Decide {number} that block"
SEE_MONTH = "See what keeps it open"
NO_MONTH = "No month is here yet."
UPLOAD_MONTH = "Upload a month"
UPLOAD_HINT = "Hand in both reports of a month. They are read page by page; you see how far it is."
SESSION_NAME, FOLLOWS, HAND_IN = "Name", "Follows", "Hand in"
NO_PARENT = "a month that is not here yet"
FOLLOWS_HINT = "A later submission of a month follows the one before."
READING = "The files are being read."
QUEUED = (
    "The files wait to be read. If they still wait in a minute, nobody reads: tell whoever looks"
    " after the program."
)
READING_PAGE = "Page {done} of {all}."
LOOK_AGAIN = "Look again"
AWAITING = "This submission waits for a decision: accept it or discard it below."
AWAITING_OTHERS = (
    "This submission waits for a decision: an administrator or a processor accepts or discards it."
)
ASKS_BECAUSE = "It asks because of: {reasons}."
GO_ON = "Go on with the month {name}"
BELONGS = "What belongs to it"
BESIDE = "{name}: charges beside receipts"
PROPOSES = (
    "{who} proposes to decide it as {method}: {reason}. Somebody else approves or rejects it."
)
PROPOSES_WAIVER = (
    "{who} proposes a waiver up to {limit} until {until}: {reason}. Somebody else approves or"
    " rejects it."
)
BLOCKS, BLOCKS_PERSON, OVERDUE = "blocks", "blocks the person", "overdue"
AT_STAKE = "Dollars at stake"
DECIDE, EVIDENCE, HAPPENED = "Decide", "Evidence", "What happened"
NOTHING_YET = "Nothing yet since it was found."
CLOSED = "Closed {when} by {who}: {reason}. Nothing of it changes any more."
KEEPS_OPEN = "What keeps this month open"
KEEPS_NOTHING = "Nothing: it can be closed."
OTHERS_CLOSE = "A reviewer or an administrator closes it."
OR_MORE = "or more"
MORE_OBSTACLES = "Only the first 100 are shown here."
SHOW_ALL = "Show all"
OPEN_WORK_LIST = "Open the work list"
HAND_OVER_BELOW = "Hand over or accept below"
SIGN_OFF_BELOW = "Sign off below"
SHOW_THEM = "Show them"
PEOPLE, PEOPLE_FINISHED = "People", "People finished"
CARD_TOTAL, RECEIPTS = "Card total", "Receipt total"
OPEN_DOLLARS, OPEN_ISSUES = "Open dollars", "Open issues"
NUMBER_BLOCK, NUMBER_RECEIPTS = "{number} block", "{number} receipts"
BY_RULE = "Open dollars by rule"
ONCE = "Each dollar counts once, at the rule that says most about it."
BRIDGE = "Bridge"
# Each line of a bridge: its column, and what it is. The difference is the sum of what follows it.
BRIDGE_LINES = (
    ("car_total", "Card total"),
    ("receipt_total", "\N{MINUS SIGN} Receipt total"),
    ("amount_difference", "= Difference, of which"),
    ("open_charge_amount", "Open charges"),
    ("open_receipt_amount", "\N{MINUS SIGN} Open receipts"),
    ("accepted_residuals", "+ Accepted differences"),
    ("repeated_pages", "\N{MINUS SIGN} Repeated pages"),
    ("unexplained", "Unexplained"),
)
HAND_OVER, CLOSE = "Hand over", "Close"
OF_MONTH = (
    ("/accounting-batches", "Batches of this month"),
    ("/sessions", "Submissions of this month"),
    ("/parallel-runs", "Comparisons with the old program"),
)
DONE_ABOUT_IT = "What people did about it"
ALL_LISTS = "All lists of this month"
TO_DECIDE = "To be decided"
FINISHED = "Finished: nothing is to be decided."
ON_HOLD = "On hold: {reason}"
ONLY_FIRST = "Only the first 100 are shown: {list}."
SIDE_BY_SIDE = "Charges beside receipts"
NEAREST = "nearest: {name}, {day}, {amount}"
NOT_TAKEN = "(not taken: {why})"
NO_RECEIPT_NEAR, NO_CHARGE_NEAR = "no receipt is near", "no charge is near"
OPEN_AMOUNT, DIFFERENCE = "open {amount}", "difference {amount}"
NOT_CODED, NO_ATTACHMENT = "not coded", "no attachment"
OUT_OF_POCKET, NO_CHARGE = "out of pocket", "no charge"
DECIDE_PAIR = {"confirm": "Confirm the nearest", "reject": "Reject", "undo": "Take back"}
CORRECT, CORRECT_RECEIPT = "Correct", "Correct the receipt"
SPLIT_INPUT, DECISION = "Dollars, for a split", "Decision"
DECISIONS = {
    "confirm": "they belong together",
    "split": "split: so many dollars are of this pair",
    "reject": "they do not belong together",
}
PACKET, REVISIONS = "Packet of the pages (PDF)", "History of revisions"
CORRECTIONS = "Corrections"
DECIDED = "Decided issues ({number})"
KEYS = {
    "j": "next,",
    "k": "previous,",
    "Enter": "open,",
    "x": "tick,",
    "r": "decide,",
    "n": "note,",
    "/": "search.",
}
NOTHING_WAITS = "Nothing waits here."
MONTH, SUBMISSION, ISSUE = "Month", "Submission", "Issue"
TICK = "Tick {what} of {who}"
DO_IT, GO_ON_WITH = "Do it", "Go on"
ONLY_SHOW = {"true": "only show what would become of each", "false": "decide"}

# Heads of tables; below one with a # stand numbers.
HEADS = {
    name: tuple((label.removeprefix("#"), label.startswith("#")) for label in labels.split("|"))
    for name, labels in {
        "months": "Month|State|People finished|#Open issues|#Open dollars|#Card total"
        "|#Receipt total|Next",
        "work": "Tick|Issue|Person|Severity|State|#Dollars|Due|#Age (days)|Assigned to",
        "events": "When|Who|From|To|How|Note|What changed",
        "side_by_side": "Posted|Charge|#Amount|Date|Receipt|#Amount|How they meet",
        "by_rule": "Rule|#Issues|#Block|#Dollars|Share",
        "people": "Person|Status|#Card total|#Receipt total|#Difference|#Receipts|#Open issues",
    }.items()
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
    "try_rule": "Try a change on a month",
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
    "month_id": "Month",
    "session_id": "Submission",
    "gl_account": "GL account",
    "gl_description": "GL description",
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


OTHER_FORM = ("this form is of another sign-in", "look at it and send it again")
FOREIGN_FORM = ("this form was not made for you here", "open the page anew and send it again")
# What is said otherwise to people than to programs, by code: title and what to do next.
TOLD = {
    "busy": (
        "the database is busy or away",
        "wait a moment and try again: what was done already is not done twice",
    ),
    "timeout": (
        "this took too long and was ended",
        "wait a moment and try again: what was done already is not done twice",
    ),
    "month_not_ready": (
        "something keeps the month open",
        "the page of the month lists all of it, with links to where it is settled",
    ),
    "unknown_actor": (
        "you cannot work here any more",
        "an administrator has switched your user off, or there is none of your name: ask one",
    ),
}
# What the pages refuse themselves: status, title and what to do next.
PROBLEMS = {
    "no_page_secret": (503, "nobody can sign in to the pages here", "set CCP_PAGE_SECRET_FILE"),
    "no_company_sign_in": (
        404,
        "there is no company's sign-in here",
        "set CCP_OIDC_PAGE_CLIENT_ID",
    ),
    "issuer_unavailable": (
        503,
        "the company's sign-in does not answer",
        "this page tries again by itself; if it stays so, tell who looks after the sign-in",
    ),
    "foreign_sign_in": (
        400,
        "this sign-in was not begun in this browser, or is over",
        "begin again",
    ),
    "sign_in_refused": (403, "the company's sign-in refused", "begin again"),
    "sign_in_unsound": (403, "what the company's sign-in told does not hold", "begin again"),
    "link_over": (
        403,
        "this link does not sign in any more",
        "links hold for fifteen minutes and work once: ./run link NAME prints another",
    ),
    "person_not_found": (404, "this person is not in the submission", None),
    "unclear_pairs": (422, "what is decided about which pair is not said", NO_PAIRS),
    "unclear_dollars": (422, "what is decided about which pair is not said", SPLIT_DOLLARS),
}


def problem(code: str, detail: str | None = None, field: str | None = None) -> Problem:
    """Make what the pages refuse themselves."""
    status, title, hint = PROBLEMS[code]
    headers = dict(RETRY_AFTER) if code == "issuer_unavailable" else {}
    return Problem(
        status=status,
        code=code,
        title=title,
        detail=detail,
        hint=hint,
        field=field,
        headers=headers,
    )


def say(text: str, **values: object) -> Markup:
    """Put values into a text; what is not HTML is escaped."""
    return escape(text).format(**values)


def words(name: str) -> str:
    """Return a name of the database as people read it."""
    if name in NAMES:
        return NAMES[name]
    text = name.removeprefix("is_").removesuffix("_name").replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def option(value: str) -> str:
    """Return one of a closed list as people read it."""
    known = {"true": YES, "false": NO, "gl_coding": "GL coding"}
    return known.get(value, value.replace("_", " "))


def action(operation: str) -> str:
    """Return what an operation is called on its button."""
    return ACTIONS.get(operation, words(operation))
