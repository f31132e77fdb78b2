"""What of a name is found by what is typed (rules 13.6)."""

import pytest

from participants.words import LONGEST, MOST, fold, words_asked_for, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Siân Ó Dálaigh", "sian o dalaigh"),
        ("Sia\u0302n", "sian"),  # the accent as a character of its own
        ("ZOË", "zoe"),
        ("Øystein Łukasz Đorđe", "oystein lukasz dorde"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Æsa Œuvre Þóra Ðeð", "aesa oeuvre thora ded"),
        ("Ayşe Şahin Yıldız İpek", "ayse sahin yildiz ipek"),
        ("Nguyễn Thị Hằng", "nguyen thi hang"),
        ("Θεοδώρα ΘΕΟΔΏΡΑΣ", "θεοδωρα θεοδωρασ"),
        ("Αλέξανδρος", "αλεξανδροσ"),
        ("Йосиф", "иосиф"),
        ("李 王芳", "李 王芳"),
        ("ﬁnn", "finn"),
        ("Ａｄａ", "ada"),
        ("", ""),
    ],
)
def test_case_and_accents_do_not_matter(text, folded):
    assert fold(text) == folded


def test_plain_letters_fold_alike_alone_and_beside_others():
    plain = "".join(map(chr, range(128)))
    assert fold(plain) == fold(f"{plain}ß").removesuffix("ss") == plain.lower()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ada Lovelace", {"ada", "lovelace"}),
        ("  Ada\u00a0 Lovelace ", {"ada", "lovelace"}),
        ("Ada Ada", {"ada"}),
        ("O'Neill", {"oneill", "neill"}),
        ("O’Neill", {"oneill", "neill"}),
        ("O‘Neill", {"oneill", "neill"}),
        ("Oʼneill", {"oneill", "neill"}),
        ("Kaʻiulani", {"kaiulani", "iulani"}),
        ("Smith-Jones", {"smithjones", "jones"}),
        ("Smith‐Jones", {"smithjones", "jones"}),
        ("Anne-Marie-Louise", {"annemarielouise", "marielouise", "louise"}),
        ("Ada, Countess", {"ada", "countess"}),
        ("Jean-", {"jean"}),
        ("Dr. J.R. King", {"dr", "jr", "r", "king"}),
        ("Henry 8", {"henry", "8"}),
        ("--- ' _", set()),
        ("李", {"李"}),
        ("a" * 100, {"a" * LONGEST}),
    ],
)
def test_each_word_and_each_later_part_of_one_is_found(name, words):
    assert words_of(full_name=name, email="", trn=None) == words


def test_an_e_mail_address_and_a_trn_are_words_too():
    found_by = words_of(full_name="Ada", email="Ada.L@Example.org", trn="1234567")
    assert found_by == {"ada", "adalexampleorg", "1234567"}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("sian DÁLAIGH", ["sian", "dalaigh"]),
        ("O’Neill", ["oneill"]),
        ("o neill", ["o", "neill"]),
        ("Smith-Jones", ["smithjones"]),
        ("ada.l@ex", ["adalex"]),
        ("ada ADA", ["ada"]),
        (" - ' ", []),
        ("\0", []),
        ("%_", []),
        ("b" * 100, ["b" * LONGEST]),
        (" ".join("abcdefghij"), list("abcdefgh")),
    ],
)
def test_a_question_is_folded_as_names_are(question, words):
    assert words_asked_for(question) == words
    assert len(words) <= MOST
