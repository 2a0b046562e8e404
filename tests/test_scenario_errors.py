"""Every sort of mistake: the exact place, what is wrong, and what to do."""

import pickle
from pathlib import Path
from textwrap import dedent

import pytest

from sim.scenario import Problem, ScenarioError, load, loads


def problems(text: str, **options: object) -> list[Problem]:
    with pytest.raises(ScenarioError) as caught:
        loads(dedent(text), **options)  # type: ignore[arg-type]
    return caught.value.problems


def the_problem(text: str, **options: object) -> Problem:
    (problem,) = problems(text, **options)
    return problem


# text, line, column, key, message, got, suggestion
SINGLE = {
    "unknown section": (
        "[wrld]", 1, 2, "wrld", "there is no such key", None, "world"),
    "unknown key": (
        "[world]\n\nacounts = 5", 3, 1, "world.acounts", "there is no such key", None, "accounts"),
    "key of another section": (
        "[platform]\nburn_in_days = 5", 2, 1, "platform.burn_in_days", "there is no such key",
        None, "world.burn_in_days"),
    "number in quotes": (
        '[world]\naccounts = "2_000"', 2, 12, "world.accounts", "must be a whole number from",
        '"2_000"', "2000"),
    "decimal for a whole number": (
        "[world]\naccounts = 2e3", 2, 12, "world.accounts", "must be a whole number", "2000.0",
        "2000"),
    "number out of range": (
        "[world]\naccounts = 19", 2, 12, "world.accounts",
        "must be a whole number from 20 to 20,000,000 (accounts)", "19", None),
    "number on the open bound": (
        "[behaviour]\nlike_epsilon = 0", 2, 16, "behaviour.like_epsilon",
        "must be a number above 0 and at most 1 (value)", "0", None),
    "percent for a share": (
        "[population]\nfocus = 75", 2, 9, "population.focus", "must be a number from 0 to 1", "75",
        "0.75"),
    "not a number": (
        "[world]\nclosure = nan", 2, 11, "world.closure", "must be a finite number", "nan", None),
    "number beyond 64 bits": (
        f"[world]\naccounts = {10**30}", 2, 12, "world.accounts", "is too large a number",
        "a number of more than 64 bits", None),
    "truth in quotes": (
        '[platform]\ncounts_visible = "True"', 2, 18, "platform.counts_visible",
        "must be true or false", '"True"', "true"),
    "text without a choice": (
        '[platform]\nranking = "chronologic"', 2, 11, "platform.ranking",
        'must be one of "ranked", "chronological", "mixed"', '"chronologic"', '"chronological"'),
    "number of a choice": (
        "[platform]\ntick_hours = 5", 2, 14, "platform.tick_hours", "must be one of 1, 2, 3, 4",
        "5", None),
    "number for a text": (
        "[scenario]\ntitle = 5", 2, 9, "scenario.title", "must be a text of 0 to 200", "5", '"5"'),
    "name that is none": (
        '[scenario]\nname = "my first"', 2, 8, "scenario.name", "must be up to 40 letters",
        '"my first"', '"my_first"'),
    "table for a number": (
        "[world]\naccounts = { n = 5 }", 2, 12, "world.accounts", "must be a whole number",
        "a table", None),
    "number for a section": ("world = 5", 1, 9, "world", "must be a table", "5", None),
    "date": (
        "[scenario]\ntitle = 2024-05-01", 2, 9, "scenario.title", "must be text, a number",
        "2024-05-01", None),
    "format of another version": ("schema = 2", 1, 10, "schema", "must be 1", "2", None),
    "single brackets": (
        '[arms]\nname = "a"', 1, 2, "arms", "must be a list of 1 to 64", "a table", None),
    "double brackets": ("[[world]]\naccounts = 50", 1, 3, "world", "must be a table", None, None),
    "no arms": ("arms = []", 1, 8, "arms", "must be a list of 1 to 64", "[]", None),
    "arm without a name": (
        '[[arms]]\nname = "a"\n[[arms]]\nlabel = "b"', 3, 3, "arms.1.name", "is missing", None,
        None),
    "event without a day": (
        '[[events]]\nkind = "sweep"', 1, 3, "events.0.day", "is missing", None, None),
    "in the second of several tables": (
        '[[events]]\nday = 1\n[[events]]\nday = 2\nkind = "swep"', 5, 8, "events.1.kind",
        'must be one of "sweep", "set", "viral", "strategy"', '"swep"', '"sweep"'),
    "in a vendor": (
        '[[platform.vendors]]\nname = "a"\n[[platform.vendors]]\nprice = 3', 4, 1,
        "platform.vendors.1.price", "there is no such key", None, "price_per_1000"),
    "in an inline table": (
        "[behaviour]\nprices = { beg = 1, folow = 2 }", 2, 21, "behaviour.prices.folow",
        "there is no such key", None, "follow"),
    "behind a dotted key": (
        'behaviour.prices."beg" = -1', 1, 26, "behaviour.prices.beg", "must be a number", "-1",
        None),
    "negative share of a strategy": (
        "[population]\nstrategies = { casual = 1, beg = -1 }", 2, 34, "population.strategies.beg",
        "must be a number of at least 0", "-1", None),
    "strategy of a protagonist": (
        '[[protagonists]]\nname = "a"\nstrategy = "begg"', 3, 12, "protagonists.a.strategy",
        "there is no such strategy", '"begg"', '"beg"'),
    "strategy of an arm": (
        '[[arms]]\nname = "a"\nstrategy = "xyz"', 3, 12, "arms.a.strategy",
        "there is no such strategy", '"xyz"', None),
    "strategy of the population": (
        "[population.strategies]\ncasul = 1", 2, 1, "population.strategies.casul",
        "there is no such strategy", None, '"casual"'),
    "params of a strategy that the population lacks": (
        "[population]\nparams = { casul = {} }", 2, 12, "population.params.casul",
        "the population has no such strategy", None, "casual"),
    "params of a strategy that has no share": (
        "[population]\nparams.idle = {}", 2, 8, "population.params.idle",
        "the population has no such strategy", None, None),
    "params of the population that are no table": (
        "[population]\nparams.casual = 3", 2, 17, "population.params.casual", "must be a table",
        "3", None),
    "parameter that the population's strategy lacks": (
        "[population]\nstrategies = { casual = 1, beg = 1 }\nparams.beg.clos = 0.5", 3, 12,
        "population.params.beg.clos", "there is no such key", None, "close"),
    "wrong parameter of the population's strategy": (
        "[population]\nstrategies = { casual = 1, beg = 1 }\nparams.beg.close = 50", 3, 20,
        "population.params.beg.close", "must be a number from 0 to 1", "50", "0.5"),
    "vendor of the population that nobody knows": (
        "[population]\nstrategies = { casual = 1, buyer = 1 }\n"
        'params = { buyer = { vendor = "defalt" } }', 3, 31, "population.params.buyer.vendor",
        "there is no such vendor", '"defalt"', '"default"'),
    "recommendations that are more than all": (
        "[platform]\nfriend_share = 0.95", 2, 16, "platform.friend_share",
        "friend_share (0.95) and popularity_share (0.1) are more than 1 together", None, None),
    "recommendations of an arm that are more than all": (
        '[[arms]]\nname = "a"\nset.platform.popularity_share = 0.6', 3, 33,
        "arms.a.set.platform.popularity_share", "are more than 1 together", None, None),
    "parameter that the strategy lacks": (
        '[[protagonists]]\nstrategy = "beg"\nparams = { clos = 0.8 }', 3, 12,
        "protagonists.0.params.clos", "there is no such key", None, "close"),
    "parameter of the wrong type": (
        '[[arms]]\nname = "a"\nstrategy = "buyer"\n[arms.params]\namount = "many"', 5, 10,
        "arms.a.params.amount", "must be a whole number", '"many"', None),
    "item of a list parameter": (
        '[[arms]]\nname = "a"\nstrategy = "beg"\nparams.milestones = [\n  100,\n  "2e2",\n]', 6, 3,
        "arms.a.params.milestones.1", "must be a whole number", '"2e2"', "200"),
    "vendor that nobody knows": (
        '[[arms]]\nname = "a"\nstrategy = "buyer"\nparams = { vendor = "defualt" }', 4, 21,
        "arms.a.params.vendor", "there is no such vendor", '"defualt"', '"default"'),
    "vendor that nobody knows of a strategy within": (
        '[[arms]]\nname = "a"\nstrategy = "adaptive"\n'
        'params = { options = ["beg", "buyer"], params = { buyer = { vendor = "defualt" } } }', 4,
        10, "arms.a.params", "there is no such vendor", '"defualt"', '"default"'),
    "strategy within that is none": (
        '[[arms]]\nname = "a"\nstrategy = "adaptive"\nparams.options = ["beg", "byer"]', 4, 18,
        "arms.a.params.options", "no strategy named 'byer'", None, None),
    "unknown key that an arm sets": (
        '[[arms]]\nname = "a"\nset.behaviour.mte = 0', 3, 15, "arms.a.set.behaviour.mte",
        "there is no such key", None, "mute"),
    "key without its section that an arm sets": (
        '[[arms]]\nname = "a"\nset.ranking = "ranked"', 3, 5, "arms.a.set.ranking",
        "there is no such key", None, "platform.ranking"),
    "wrong value that an arm sets": (
        '[[arms]]\nname = "a"\nset = { "platform.ranking" = "best" }', 3, 30,
        "arms.a.set.platform.ranking", "must be one of", '"best"', None),
    "what the burn-in is made from": (
        '[[arms]]\nname = "a"\nset."world.accounts" = 50', 3, 5, "arms.a.set.world.accounts",
        "an arm cannot change world.accounts", None, None),
    "followers that an arm sets": (
        '[[arms]]\nname = "a"\nset.protagonists.followers = 5', 3, 18,
        "arms.a.set.protagonists.followers", "an arm cannot change protagonists.followers", None,
        None),
    "strategy of an arm given twice": (
        '[[arms]]\nname = "a"\nstrategy = "beg"\nset.protagonists.strategy = "idle"', 4, 29,
        "arms.a.set.protagonists.strategy", "the strategy of this arm is given already", None,
        None),
    "reference that is no arm": (
        '[scenario]\nreference = "oganic"\n[[arms]]\nname = "organic"', 2, 13,
        "scenario.reference", "there is no such arm", '"oganic"', '"organic"'),
    "two arms of one name": (
        '[[arms]]\nname = "a"\n[[arms]]\nname = "A"', 4, 8, "arms.A.name", "this name is taken",
        '"A"', None),
    "two protagonists of one name": (
        '[[protagonists]]\nname = "a"\n[[protagonists]]\nname = "a"', 4, 8, "protagonists.a.name",
        "this name is taken", '"a"', None),
    "name that counting would give": (
        '[[protagonists]]\nname = "a"\ncount = 2\n[[protagonists]]\nname = "a-2"', 2, 8,
        "protagonists.a.name", "would include a-2", None, None),
    "too many protagonists": (
        '[[protagonists]]\nname = "a"\ncount = 40\n[[protagonists]]\nname = "b"\ncount = 25', 3,
        9, "protagonists.a.count", "there are 65 protagonists in all", None, None),
    "too many arms": (
        "".join(f'[[arms]]\nname = "a{n}"\n' for n in range(65)), 1, 3, "arms",
        "must be a list of 1 to 64", None, None),
    "two vendors of one name": (
        "[[platform.vendors]]\n[[platform.vendors]]\ndecay_per_day = 0", 2, 12,
        "platform.vendors.1.name", "this name is taken", '"default"', None),
    "too many vendors": (
        "".join(f'[[platform.vendors]]\nname = "a{n}"\n' for n in range(256)), 1, 12,
        "platform.vendors", "there are 256 vendors, but at most 255 are possible", None, None),
    "file with an impossible name": (
        f'[world]\nnetwork = "file"\nfile = "{"a" * 5_000}"', 3, 8, "world.file",
        "there is no such file", None, None),
    "lag shorter than a tick": (
        "[platform]\ntick_hours = 12", 2, 14, "platform.tick_hours",
        "the lag (6 hours) is shorter than a tick (12 hours)", None, None),
    "lag of an arm shorter than a tick": (
        '[platform]\ntick_hours = 6\n[[arms]]\nname = "a"\nset.platform.lag_hours = 3', 5, 26,
        "arms.a.set.platform.lag_hours", "the lag (3 hours) is shorter than a tick", None, None),
    "window shorter than lag and tick": (
        "[platform]\nwindow_hours = 11", 2, 16, "platform.window_hours",
        "must be at least the lag and a tick (12 hours)", None, None),
    "too many days": (
        "[scenario]\ndays = 2611\n[world]\nburn_in_days = 120", 2, 8, "scenario.days",
        "burn-in and experiment take 2,731 days together; at most 2,730 are possible", None, None),
    "more follows than accounts": (
        "[world]\naccounts = 30\nfollows_per_account = 30", 3, 23, "world.follows_per_account",
        "cannot follow 30 others where there are 30 accounts", None, None),
    "network without its file": (
        '[world]\nnetwork = "file"', 2, 11, "world.network", "needs world.file", None, None),
    "file without its network": (
        '[world]\nfile = "a.csv"', 2, 8, "world.file", 'is not used with network = "calibrated"',
        None, None),
    "file that is not there": (
        '[world]\nnetwork = "file"\nfile = "no.csv"', 3, 8, "world.file", "there is no such file",
        '"no.csv"', None),
    "craft upside down": (
        "[population]\ncraft_low = 0.85", 2, 13, "population.craft_low",
        "craft_low (0.85) must be below craft_high (0.85)", None, None),
    "median above the bound": (
        "[population]\nposts_max = 25\nposts_median = 26", 3, 16, "population.posts_median",
        "is above posts_max", None, None),
    "population without strategies": (
        "[population]\nstrategies = { casual = 0 }", 2, 14, "population.strategies",
        "no strategy of the population has a share above 0", None, None),
    "more followers than accounts": (
        '[world]\naccounts = 100\n[[protagonists]]\nname = "a"\nfollowers = 101', 5, 13,
        "protagonists.a.followers", "a cannot have 101 followers where there are 100 accounts",
        None, None),
    "topic that is not there": (
        '[world]\ntopics = 4\n[[protagonists]]\nname = "a"\nfocus = 4', 5, 9,
        "protagonists.a.focus", "there are 4 topics, numbered 0 to 3", "4", None),
    "event after the end": (
        "[scenario]\ndays = 90\n[[events]]\nday = 90", 4, 7, "events.0.day",
        "the experiment has days 0 to 89 only", "90", None),
    "event of an arm after the end": (
        '[scenario]\ndays = 90\n[[arms]]\nname = "a"\nevents = [{ day = 90 }]', 5, 19,
        "arms.a.events.0.day", "the experiment has days 0 to 89 only", "90", None),
}  # fmt: skip


@pytest.mark.parametrize("case", SINGLE.values(), ids=SINGLE.keys())
def test_one_mistake(case: tuple[str, int, int, str, str, str | None, str | None]) -> None:
    text, line, column, key, message, got, suggestion = case
    problem = the_problem(text)
    assert (problem.file, problem.line, problem.column) == ("<text>", line, column)
    assert problem.key == key
    assert message in problem.message
    assert got is None or problem.got == got
    assert problem.suggestion == suggestion
    assert problem.source == text.split("\n")[line - 1]
    assert suggestion or problem.fix or "must be" in problem.message


SYNTAX = {
    "no value": ("[world]\naccounts", 2, "a key without a value"),
    "text without quotes": ("a = 1\nb = ranked", 2, "a value that cannot be read"),
    "decimal without digit": ("a = .5", 1, "a value that cannot be read"),
    "two values": ("a = 1 2", 1, "something after the value"),
    "no statement": ("a = 1\n= 2", 2, "neither a key nor a table"),
    "section twice": ("[world]\n[platform]\n[world]", 3, "this table is there already"),
    "key twice": ("[world]\naccounts = 50\naccounts = 60", 3, "this key is there already"),
    "key of a table twice": ("a = { b = 1, b = 2 }", 1, "this key is there already"),
    "complete table": ("a = {}\n[a.b]", 2, ""),
    "open list": ("a = [1,\n2", 2, "a list without its end"),
    "open table": ("a = { b = 1", 1, "a table without its end"),
    "open text": ('[scenario]\ntitle = "abc\ndays = 3', 2, "a text without its end"),
    "open long text": ('a = """abc\n', 1, "a text without its end"),
    "open single quotes": ("a = 'abc", 1, "a text without its end"),
    "lone backslash": ('a = "C:\\path"', 1, "a backslash that means nothing"),
    "open section": ("[world\na = 1", 1, "a section without its end"),
    "control character": ("a = 1 # \x07", 1, "a character that does not belong here"),
    "endless number": (f"[world]\naccounts = {'9' * 5_000}", 2, ""),
    "endless list": (f"\na = {'[' * 5_000}", 1, "lists within lists"),
    "endless key": (f"a = 1\n{'a.' * 5_000}b = 1", 2, "a key of too many parts"),
}


@pytest.mark.parametrize("case", SYNTAX.values(), ids=SYNTAX.keys())
def test_no_toml(case: tuple[str, int, str]) -> None:
    text, line, message = case
    problem = the_problem(text)
    assert (problem.file, problem.line) == ("<text>", line)
    assert message in problem.message
    assert problem.fix


def test_all_mistakes_in_one_pass() -> None:
    found = problems(
        """
        [scenario]
        days = "90"
        reference = "b"

        [world]
        acounts = 500
        accounts = 10

        [platform]
        tick_hours = 12

        [[arms]]
        name = "a"
        strategy = "beg"
        params = { clos = 1, milestones = [] }
        set.platform.rankin = 1
        set.platform.lag_hours = 2
        set.platform.reach = "x"
        set.world.accounts = 3

        [[events]]
        day = -1
        """
    )
    assert [(problem.line, problem.key) for problem in found] == [
        (3, "scenario.days"),
        (4, "scenario.reference"),
        (7, "world.acounts"),
        (8, "world.accounts"),
        (11, "platform.tick_hours"),
        (16, "arms.a.params.clos"),
        (16, "arms.a.params.milestones"),
        (17, "arms.a.set.platform.rankin"),
        (18, "arms.a.set.platform.lag_hours"),
        (19, "arms.a.set.platform.reach"),
        (20, "arms.a.set.world.accounts"),
        (23, "events.0.day"),
    ]


def test_a_wrong_setting_hides_checks_that_it_takes_part_in() -> None:
    assert [p.key for p in problems("[platform]\ntick_hours = 12\nlag_hours = 0")] == [
        "platform.lag_hours"
    ]


def test_thousands_of_mistakes_are_cut_short() -> None:
    found = problems("".join(f"key{n} = {n}\n" for n in range(5_000)))
    assert len(found) == 201
    assert any("4800 more mistakes" in problem.message for problem in found)


def test_tables_nested_without_end() -> None:
    unknown, nested = problems("a = " + "{ b = " * 20 + "1" + " }" * 20)
    assert (unknown.line, nested.line) == (1, 1)
    assert nested.message == "tables and lists within one another without end"


def test_the_text_of_an_error() -> None:
    text = '[platform]\n\trankng = "ranked"   # a\tcomment\nlag_hours = "6"\n'
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert str(caught.value) == dedent(
        """\
        <text>:2: platform.rankng: there is no such key. Did you mean ranking?
            2 |  rankng = "ranked"   # a comment
              |  ^^^^^^
        <text>:3: platform.lag_hours: must be a whole number from 1 to 48 (hours) (got "6"). \
Did you mean 6?
            3 | lag_hours = "6"
              |             ^^^
        2 mistakes."""
    )


def test_wide_characters_keep_the_caret_in_place() -> None:
    problem = the_problem('[scenario]\ntitle = "漢字e\u0301"\n"漢字" = 1\n')
    line, caret = str(problem).split("\n")[1:]
    assert line == '    3 | "漢字" = 1'
    assert caret == "      | ^^^^^^"


def test_a_long_line_is_cut_around_the_mistake() -> None:
    problem = the_problem(f"population.strategies = {{ {'casual = 1,' + ' ' * 300} beg = -1 }}")
    shown, caret = str(problem).split("\n")[1:]
    assert len(shown) < 120
    assert shown[caret.index("^") :].startswith("-1")


def test_many_problems_are_counted() -> None:
    error = ScenarioError([Problem("f", n, "k", "is wrong") for n in range(1, 41)])
    assert str(error).endswith("f:30: k: is wrong.\n... and 10 more.\n40 mistakes.")


def test_errors_travel_between_processes() -> None:
    error = ScenarioError(problems("wrld = 1"))
    copy = pickle.loads(pickle.dumps(error))
    assert copy.problems == error.problems
    assert str(copy) == str(error)


def file_problem(path: Path | str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    (problem,) = caught.value.problems
    return problem


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("\n[wrld]\n")
    assert str(file_problem(path)).startswith(f"{path}:2: wrld: there is no such key.")


def test_windows_lines_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf[world]\r\nacounts = 5\r\n")
    problem = file_problem(path)
    assert (problem.line, problem.column, problem.source) == (2, 1, "acounts = 5")


def test_missing_file() -> None:
    problem = file_problem("five_live")
    assert (problem.file, problem.line) == ("five_live", None)
    assert problem.message == "there is no such file or shipped scenario"
    assert problem.suggestion == "five_lives"
    assert problem.fix is not None
    assert "hello" in problem.fix


def test_missing_file_with_a_like_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    assert file_problem(tmp_path / "mime.toml").suggestion == str(tmp_path / "mine.toml")


def test_folder(tmp_path: Path) -> None:
    assert file_problem(tmp_path).fix == "Name a .toml file."
    (tmp_path / "mine.toml").touch()
    problem = file_problem(tmp_path)
    assert problem.message == "is a folder"
    assert problem.fix == "Name a file in it: mine.toml."


def test_device() -> None:
    assert file_problem(Path("/dev/null")).message in (
        "is not an ordinary file",
        "there is no such file or shipped scenario",
    )


def test_impossible_names() -> None:
    assert file_problem("a\0b").fix
    assert file_problem("a" * 5_000).fix


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes("schema = 1\n# fünf".encode("latin-1"))
    problem = file_problem(path)
    assert (problem.line, problem.message) == (2, "is not UTF-8 (byte 0xfc)")
    path.write_bytes("schema = 1".encode("utf-16"))
    assert file_problem(path).message == "is saved as UTF-16"


def test_huge_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"#" * 1_000_001)
    assert "is too long for a scenario (1.0 MB; at most 1 MB)" in file_problem(path).message
    assert "too long" in the_problem("# " + "a" * 1_000_000).message


def test_half_a_character() -> None:
    problem = the_problem('schema = 1\ntitle = "\ud800"')
    assert (problem.line, problem.message) == (2, "holds half a character (a lone surrogate)")


def set_problem(sets: object) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        load("hello", sets=sets)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    return problem


# what is set, key, message, suggestion
SETS = {
    "unknown key": ("world.acounts=5", "world.acounts", "there is no such key", "accounts"),
    "key without its section": (
        "replicats=5", "replicats", "there is no such key", "scenario.replicates"),
    "wrong value": ("world.accounts=many", "world.accounts", "must be a whole number", None),
    "no value": ("world.accounts", "world.accounts", "a key without a value", None),
    "no key": ("=5", "", "is no key", None),
    "no key but blanks": ("a b=5", "a b", "is no key", None),
    "no key but a list": ("[a]\nb=5", "[a]\nb", "is no key", None),
    "too many parts": ("a" + ".a" * 20 + "=1", "a" + ".a" * 20, "a key of too many parts", None),
    "unknown arm": ("arms.boght.label=a", "arms.boght.label", "nothing called", "bought"),
    "arm beyond the last": ("arms.3.label=a", "arms.3.label", "nothing called", None),
    "no events": ("events.0.day=3", "events.0.day", "The scenario has none", None),
    "wrong value in an arm": (
        "arms.bought.params.amount=-1", "arms.bought.params.amount", "must be a whole", None),
    "through a number": ("schema.a=1", "schema.a", "schema is no section", None),
    "check with the file": (
        "platform.tick_hours=12", "platform.tick_hours", "the lag (6 hours) is shorter", None),
    "half a character": ("scenario.title=\ud800", "scenario.title", "holds half a char", None),
}  # fmt: skip


@pytest.mark.parametrize("case", SETS.values(), ids=SETS.keys())
def test_mistakes_behind_set(case: tuple[str, str, str, str | None]) -> None:
    text, key, message, suggestion = case
    problem = set_problem([text])
    assert (problem.file, problem.line, problem.key) == (f"--set {text}", None, key)
    assert message in problem.message + (problem.fix or "")
    assert problem.suggestion == suggestion
    assert str(problem).startswith("--set ")


def test_mistakes_in_settings_from_python() -> None:
    problem = set_problem({"world.accounts": 1.5})
    assert problem.file == "--set world.accounts=1.5"
    assert set_problem({"scenario.title": object()}).message.startswith("must be text, a number")
    assert set_problem({"arms.0": 3}).message == "must be a table"
    assert "events.0 is no section" in [
        problem.message for problem in problems("", sets={"events": [3], "events.0.label": "a"})
    ]
