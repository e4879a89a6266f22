from __future__ import annotations

import pytest

from pipelines.bylines.names import kind_of, read_names


def cleaned(raw: str) -> list[str]:
    return [byline.name for byline in read_names(raw)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("By Jane Moor", ["Jane Moor"]),
        ("by Jane Moor and Piet Duin", ["Jane Moor", "Piet Duin"]),
        ("Von Anna Kai und Jörg Strand", ["Anna Kai", "Jörg Strand"]),
        ("Par Léa Quai, Hugo Môle et Inès Phare", ["Léa Quai", "Hugo Môle", "Inès Phare"]),
        ("Por Inés Muelle y Juan Faro", ["Inés Muelle", "Juan Faro"]),
        ("Автор: Олена Пристань", ["Олена Пристань"]),
        ("Від Олена Пристань та Іван Маяк", ["Олена Пристань", "Іван Маяк"]),
        ("Jane Moor, Harbour correspondent", ["Jane Moor"]),
        ("Jane Moor, London", ["Jane Moor"]),
        ("Jane Moor (jane@gazette.example)", ["Jane Moor"]),
        ("Jane Moor jane@gazette.example", ["Jane Moor"]),
        ("By Jane Moor February 14, 2026 1:11 PM", ["Jane Moor"]),
        ("Jane Moor 14.02.2026", ["Jane Moor"]),
        ("Jane Moor; Piet Duin; Health correspondent", ["Jane Moor", "Piet Duin"]),
        ("Ludwig van der Kade", ["Ludwig van der Kade"]),
        ("港野 美咲", ["港野 美咲"]),
        ("作者：港野美咲", ["港野美咲"]),
        ("JANE MOOR", ["JANE MOOR"]),
        ("责任编辑：林海", ["林海"]),
        ("港野太郎記者", ["港野太郎"]),
        ("記者林小海／台北報導", ["林小海"]),
        ("文／林小海", ["林小海"]),
        ("김항구 기자", ["김항구"]),
        ("김항구·이부두 특파원", ["김항구", "이부두"]),
        ("Penulis: Budi Pelabuhan", ["Budi Pelabuhan"]),
        ("Írta: Kikötő János", ["Kikötő János"]),
        ("Γράφει ο Γιάννης Λιμάνης", ["Γιάννης Λιμάνης"]),
        ("Publicado por João Cais em 3 de maio", ["João Cais"]),
        ("По материалам ТАСС", ["ТАСС"]),
        ("Jane Moor in Kyiv and Piet Duin in London", ["Jane Moor", "Piet Duin"]),
        ("By Jane Moor for the Harbour Gazette", ["Jane Moor"]),
        ("Jane Moor with files from Reuters", ["Jane Moor", "Reuters"]),
        ("Text: Jane Moor, Fotos: Piet Duin", ["Jane Moor"]),
        ("Guest post by Jane Moor", ["Jane Moor"]),
        ("Jane and Piet", ["Jane", "Piet"]),
        ("Jane Moor for the Harbour Gazette and Piet Duin", ["Jane Moor", "Piet Duin"]),
        ("Center for Public Piers", ["Center for Public Piers"]),
        ("Women in Shipping", ["Women in Shipping"]),
        ("港湾日报 发布时间：03-04 13:11", ["港湾日报"]),
        ("Jane Moor, March 4, 2026", ["Jane Moor"]),
        ("Jane Moor and Piet Duin - AP Technology Writers", ["Jane Moor", "Piet Duin"]),
        ("Олена Пристань, Київ", ["Олена Пристань"]),
        ("ليلى حداد - كييف", ["ليلى حداد"]),
        ("Oleh Pristan", ["Oleh Pristan"]),
        ("Oleh Pristan and Jane Moor", ["Oleh Pristan", "Jane Moor"]),
        ("Oleh Budi Pelabuhan", ["Budi Pelabuhan"]),
        ("Јана Пристан уторак, 09.06.2026. у 10:15", ["Јана Пристан"]),
        ("Jane Moor Tuesday, 9 June 2026", ["Jane Moor"]),
        ("MOOR Jane, DUIN Piet", ["MOOR Jane", "DUIN Piet"]),
        ("Олена Пристань — вівторок, 9 червня 2026", ["Олена Пристань"]),
        ("Jane Moor Special to The Harbour Gazette", ["Jane Moor"]),
        ("AFP in Paris", ["AFP"]),
        ("港湾报记者 林小海", ["林小海"]),
        ("记者 林海 王港 通讯员 张小岸", ["林海", "王港", "张小岸"]),
        ("港野 美咲", ["港野 美咲"]),
    ],
)
def test_a_byline_becomes_names_in_their_own_script(raw: str, expected: list[str]) -> None:
    assert cleaned(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "By",
        "von",
        "admin",
        "Photo: Jane Moor",
        "Übersetzt von Anna Kai",
        "Show more",
        "?",
        "12:30",
        "@gazette",
        "Allikas: BNS",
        "وكالات",
    ],
)
def test_text_without_a_name_gives_no_name(raw: str) -> None:
    assert cleaned(raw) == []


@pytest.mark.parametrize(
    "name",
    [
        "AFP",
        "Reuters",
        "dpa",
        "Укрінформ",
        "共同通信",
        "Anadolu Ajansı",
        "The Associated Press",
        "رويترز",
        "רויטרס",
        "ロイター",
        "रॉयटर्स",
        "新华社",
        "뉴시스",
        "ایرنا",
    ],
)
def test_agencies_are_known_in_their_own_script(name: str) -> None:
    assert kind_of(name) == "agency"


@pytest.mark.parametrize("name", ["Harbour Gazette news desk", "Редакція Пристані", "Rédaction du Quai", "kueste.de"])
def test_an_organisation_is_recognised_by_its_words(name: str) -> None:
    assert kind_of(name) == "organisation"


def test_an_organisation_with_and_in_its_name_is_one_name_if_it_is_declared() -> None:
    names = list(read_names("Institute for Tides and Weather", kind="organisation"))
    assert [(byline.name, byline.kind) for byline in names] == [("Institute for Tides and Weather", "organisation")]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("24 Пристань", [("24 Пристань", "organisation")]),
        ("112.pier", [("112.pier", "organisation")]),
        ("Channel 4 Harbour, 4 March 2026", [("Channel 4 Harbour", "organisation")]),
        ("Associated Press in Washington", [("Associated Press", "agency")]),
    ],
)
def test_an_organisation_may_have_figures_in_its_name_and_an_agency_beside_it(
    raw: str, expected: list[tuple[str, str]]
) -> None:
    assert [(byline.name, byline.kind) for byline in read_names(raw, kind="organisation")] == expected


def test_the_outlets_name_may_begin_with_a_digit() -> None:
    names = [byline.name for byline in read_names("20 Knots, AFP", own=frozenset({"20 knots"}))]
    assert names == ["20 Knots", "AFP"]


@pytest.mark.parametrize("name", ["Amelie L.", "Ole Brandt Jr.", "R. R.", "gazette/amw"])
def test_an_abbreviated_name_and_an_editors_code_are_kept_whole(name: str) -> None:
    assert [byline.name for byline in read_names(f"By {name}")] == [name]


def test_a_full_stop_after_a_name_and_a_slash_before_an_agency_are_not_part_of_it() -> None:
    assert [byline.name for byline in read_names("By Amelie Lund.")] == ["Amelie Lund"]
    assert [byline.name for byline in read_names("Amelie Lund/dpa")] == ["Amelie Lund", "dpa"]
