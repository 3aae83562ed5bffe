"""Whose an entry of a class is: by the grammar of the system that named it, and by nothing of the others."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.intake.naming import Student, folded
from grader.intake.systems import claim_of
from grader.intake.whose import ClassItem, owners

MARKERS = [
    "LATE",
    "late",
    "anon",
    "link",
    "text",
    "101",
    "9001",
    "assignsubmission",
    "file",
    "onlinetext",
    "submission",
    "12",
]
WORDS = st.text(string.ascii_lowercase + "éüñ名", min_size=1, max_size=12)
NUMBERS = st.integers(1, 10**9).map(str)
FILE_NUMBERS = st.integers(100, 10**9).map(str)
ORIGINALS = st.text(string.ascii_letters + string.digits + "_- .()", min_size=1, max_size=20).map(lambda t: f"{t}.py")
FULL_NAMES = st.text(string.ascii_letters + " '-.éØ名", min_size=1, max_size=20).filter(lambda t: t.strip())


MARKED = st.lists(st.sampled_from(MARKERS), min_size=1, max_size=6)
"""What a student calls a file, or is called, out of the systems' own words."""
MARKED_FILES = st.tuples(MARKED, st.sampled_from([".py", ".ipynb", ".html", ".zip", ""])).map(
    lambda pair: "_".join(pair[0]) + pair[1]
)
MARKED_WORDS = MARKED.map("".join).map(str.lower).filter(lambda name: not name.isdigit())


def canvas_name(name: str, late: bool, user: str, file: str, original: str) -> str:
    """As `content_zipper.rb` makes it."""
    return "_".join([name, *(["LATE"] if late else []), user, file, original])


def listing(*names: str, folders: tuple[str, ...] = ()) -> list[ClassItem]:
    return [*(ClassItem(name, False) for name in names), *(ClassItem(name, True) for name in folders)]


def keys(*names: str, folders: tuple[str, ...] = ()) -> list[str]:
    return [owner.student.key for owner in owners(listing(*names, folders=folders), {})]


@settings(max_examples=200)
@given(WORDS | MARKED_WORDS, st.booleans(), NUMBERS, FILE_NUMBERS, ORIGINALS | MARKED_FILES)
def test_names_of_canvas_are_read_back(name, late, user, file, original):
    assume(name != "anon" or late or len(user) != 5)
    claim = claim_of(canvas_name(name, late, user, file, original), is_folder=False)
    assert (claim.student, claim.file, claim.original) == (Student(name, user, late), file, original)


@settings(max_examples=200)
@given(
    FULL_NAMES | MARKED.map(" ".join),
    NUMBERS,
    st.sampled_from(["file", "onlinetext"]),
    st.none() | ORIGINALS | MARKED_FILES,
    st.booleans(),
)
def test_names_of_moodle_are_read_back(name, number, kind, original, is_folder):
    made = f"{name}_{number}_assignsubmission_{kind}" + (f"_{original}" if original else "")
    claim = claim_of(made, is_folder=is_folder)
    assert (claim.student, claim.original) == (Student(name, number), original or "")
    assert bool(claim.entered) == (kind == "onlinetext")


@settings(max_examples=200)
@given(
    st.text(string.ascii_letters + string.digits, min_size=5, max_size=5),
    st.booleans(),
    FILE_NUMBERS,
    ORIGINALS | MARKED_FILES,
)
def test_anonymous_names_of_canvas_are_read_back(code, late, file, original):
    claim = claim_of("_".join([*(["LATE"] if late else []), "anon", code, file, original]), is_folder=False)
    assert (claim.student, claim.file, claim.original) == (Student(f"anon_{code}", late=late), file, original)


@settings(max_examples=200)
@given(WORDS | MARKED_WORDS, st.booleans(), NUMBERS, st.sampled_from(["link", "text"]))
def test_what_was_entered_in_canvas_is_read_back(name, late, user, what):
    assume(name != "anon")  # with five digits, that is what Canvas calls an anonymous student
    claim = claim_of("_".join([name, *(["LATE"] if late else []), user, f"{what}.html"]), is_folder=False)
    assert (claim.student, claim.entered, claim.original) == (Student(name, user, late), what, "")


WHEN = st.datetimes().map(lambda t: t.strftime("%Y-%m-%d-%H-%M-%S").zfill(19))


@settings(max_examples=200)
@given(FULL_NAMES | MARKED.map("_".join), WORDS | MARKED_WORDS, WHEN, st.none() | ORIGINALS | MARKED_FILES)
def test_names_of_blackboard_are_read_back(assignment, user, when, original):
    assume("assignsubmission" not in f"{assignment}_{user}")  # whose names are Moodle's
    made = f"{assignment}_{user}_attempt_{when}" + (f"_{original}" if original else ".txt")
    claim = claim_of(made, is_folder=False)
    assert (claim.student, claim.attempt, claim.original) == (Student(user), when, original or "")
    assert claim.entered == ("" if original else "receipt")


def test_each_attempt_in_blackboard_is_one_hand_in_and_the_later_is_the_second():
    names = [f"HW 1_{user}_attempt_2024-0{month}-01-12-30-05" for user in ("jdoe", "roe") for month in (2, 3)]
    files = listing(*(name + end for name in names for end in ("_mine.py", "_helpers.py", ".txt")))
    found = owners(files[::-1], {})
    assert [(o.student.key, len(o.entries), o.rivals) for o in found] == 2 * [("jdoe", 3, ())] + 2 * [("roe", 3, ())]
    months = [files[::-1][o.entries[0]].name.split("_")[3][:7] for o in found]
    assert months == ["2024-02", "2024-03", "2024-02", "2024-03"]


@settings(max_examples=200)
@given(NUMBERS)
def test_names_of_gradescope_are_read_back(number):
    assert claim_of(f"submission_{number}", is_folder=True).student.id == number


@settings(max_examples=200)
@given(WORDS, st.sampled_from([".py", ".ipynb", ".PY", ".py.txt", ".ipynb.txt", ".pyw", "", ".zip", ".rar", ".py "]))
def test_plain_names_are_read_back(name, ending):
    assert claim_of(name + ending, is_folder=False).student == Student(name)
    assert claim_of(name, is_folder=True).student == Student(name)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("doejane_LATE_101_9001_hw.py", Student("doejane", "101", late=True)),
        ("LATE_anon_8xJ2p_9001_hw.py", Student("anon_8xJ2p", late=True)),
        ("anon_LATE_8xJ2p_9001_hw.py", Student("anon_8xJ2p", late=True)),
        ("anon_8xJ2p_link.html", Student("anon_8xJ2p")),
        ("doejane_late_101_9001_hw.py", Student("doejane", "101", late=True)),
        ("doejane_101_LATE_9001_hw.py", Student("doejane", "101", late=True)),
        ("doejane_101_9001_LATE_hw.py", Student("doejane", "101")),
        ("roe_j_102_902_a_1_2_b.py", Student("roe_j", "102")),
        ("smithbob_110_link.html", Student("smithbob", "110")),
        ("katzlea_LATE_111_text.html", Student("katzlea", "111", late=True)),
        ("lab_3_1_alice.py", Student("lab_3_1_alice")),
        ("Group A-Jane Roe_12_assignsubmission_file_", Student("Group A-Jane Roe", "12")),
        ("Default group_assignsubmission_file_x.py", Student("Default group")),
        (
            "Mallory Mean_111_assignsubmission_file_x_222_assignsubmission_file_y.py",
            Student("Mallory Mean", "111"),
        ),
        ("mallory_111_9001_doejane_222_9002_hw.py", Student("mallory", "111")),
    ],
)
def test_what_is_the_systems_is_read_from_the_outside_in(name, student):
    assert claim_of(name, is_folder=False).student == student


@pytest.mark.parametrize(
    "names",
    [
        ("Alice.py", "alice.py"),
        ("zo\u00eb.py", "zoe\u0308.py"),
        ("\uff21nn.py", "Ann.py"),
        ("doejane_101.py", "doejane_101_9001_hw.py"),
        ("Jane Roe_12_assignsubmission_file_a.py", "John Doe_12_assignsubmission_file_a.py"),
    ],
)
def test_an_identity_that_is_claimed_twice_names_nobody_and_is_told(names):
    found = owners(listing(*names, "bob.py"), {})
    assert [owner.student.key for owner in found if not owner.rivals] == ["bob"]
    disputed = [owner for owner in found if owner.rivals]
    assert {(names[owner.entries[0]], *owner.rivals) for owner in disputed} == {names, names[::-1]}
    assert all(owner.student.name.startswith(names[owner.entries[0]]) and not owner.student.id for owner in disputed)
    assert len({folded(owner.student.key) for owner in found}) == 3


def test_two_submissions_of_one_member_on_gradescope_name_nobody():
    ann, bob, eve = Student("Ann", "7"), Student("Bob", "8"), Student("Eve", "7")
    found = owners(
        listing(folders=("submission_1", "submission_2", "submission_3")),
        {"submission_1": (ann, bob), "submission_2": (eve,)},
    )
    assert {owner.student.key: owner.rivals for owner in found} == {
        "Bob_8": (),
        "submission_3_3": (),
        next(o.student.key for o in found if o.entries == (0,) and o.rivals): ("submission_2",),
        next(o.student.key for o in found if o.entries == (1,)): ("submission_1",),
    }


def test_files_of_one_student_are_together_and_late_if_one_is():
    (owner,) = owners(listing("roe_102_9002_hw.py", "roe_LATE_102_9008_utils.py"), {})
    assert (owner.student, owner.originals) == (Student("roe", "102", late=True), ("hw.py", "utils.py"))
    assert keys("ann.py", "ann.ipynb", "ann.zip", folders=("ann",)) == ["ann"]


def test_what_only_looks_like_canvas_is_a_plain_name():
    assert keys("lab_12_2024_ann.py", "lab_12_2024_bob.py") == ["lab_12_2024_ann", "lab_12_2024_bob"]


ANY_NAME = st.one_of(
    st.builds(canvas_name, WORDS, st.booleans(), NUMBERS, FILE_NUMBERS, ORIGINALS),
    st.builds(
        lambda name, number, rest: f"{name}_{number}_assignsubmission_file_{rest}", FULL_NAMES, NUMBERS, ORIGINALS
    ),
    st.builds(lambda name, ending: name + ending, WORDS, st.sampled_from([".py", ".ipynb.txt", ".pdf", ""])),
    st.text(min_size=1, max_size=30),
)
CLASSES = st.lists(ANY_NAME, min_size=1, max_size=12, unique=True).map(lambda names: listing(*names))


@settings(max_examples=200)
@given(CLASSES)
def test_every_entry_is_accounted_for_exactly_once(entries):
    found = owners(entries, {})
    assert sorted(number for owner in found for number in owner.entries) == list(range(len(entries)))
    assert len({folded(owner.student.key) for owner in found}) == len(found)


@settings(max_examples=200)
@given(CLASSES, ANY_NAME)
def test_an_entry_is_named_by_itself_unless_an_identity_is_claimed_twice(entries, stranger):
    assume(all(entry.name != stranger for entry in entries))

    def named(found, listing):
        return {listing[n].name: owner.student.key for owner in found for n in owner.entries if not owner.rivals}

    more = [*entries, ClassItem(stranger, False)]
    before, after = owners(entries, {}), owners(more, {})
    disputed = {more[n].name for owner in after for n in owner.entries if owner.rivals}
    alone, together = named(before, entries), named(after, more)
    files = [claim_of(entry.name, is_folder=False).file for entry in more]
    assume(len([f for f in files if f]) == len({f for f in files if f}))
    assert {name: key for name, key in alone.items() if name not in disputed} == {
        name: key for name, key in together.items() if name in alone
    }


@settings(max_examples=200)
@given(CLASSES, st.randoms())
def test_the_order_of_a_listing_changes_nothing(entries, random):
    shuffled = random.sample(entries, len(entries))

    def named(listing):
        return [(o.student, sorted(listing[n].name for n in o.entries)) for o in owners(listing, {})]

    assert named(entries) == named(shuffled)


def test_any_name_is_read_at_once():
    for name in ("_" * 10**5, "a_1_" * 10**5, "LATE_" * 10**5, ".py" * 10**5, "x_1_assignsubmission_file_" * 10**4):
        assert claim_of(name, is_folder=False).student.name
