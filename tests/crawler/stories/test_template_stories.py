"""Pages of one template about two events are two stories in any language; edited copies are one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.stories.similarity import ComparableText as Text
from crawler.stories.similarity import Verdict, compare_texts

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
NOTICES = {
    "en": "{} was hit by a storm during the night, the harbour office said. Several roofs were torn off, and the power"
    " failed in part of the town for some hours. Workers have cleared the streets since the early morning. Nobody was"
    " hurt according to first reports, and residents were asked to stay at home.",
    "de": "Bei einem Brand in einem Lagerhaus in {} sind in der Nacht mehrere Menschen durch Rauch verletzt worden. Die"
    " Bewohner wurden über eine Leiter ins Freie gebracht, wie die Feuerwehr mitteilte. Die Ursache des Feuers war"
    " zunächst unklar, der Schaden konnte am Morgen noch nicht beziffert werden.",
    "uk": "{} вночі опинилася без світла через негоду, повідомила обласна влада. Повалені дерева перекрили кілька вулиць, а"
    " частина мешканців залишилася без води. Ремонтники працюють на місці з раннього ранку. За попередніми даними, ніхто"
    " не постраждав, тож евакуація не потрібна.",
    "es": "{} amaneció este martes sin agua por una avería en la red, informó la empresa municipal. Los camiones cisterna"
    " recorren los barrios altos y las escuelas permanecen abiertas. Los técnicos esperan terminar la reparación antes de"
    " la noche, y piden a los vecinos que reduzcan el consumo.",
    "tr": "{} kentinde bu sabah meydana gelen kazada çok sayıda kişi yaralandı, yaralılar hastaneye kaldırıldı. Ekipler olay"
    " yerinde inceleme başlattı, yol trafiğe kapatıldı. Sürücünün ifadesi alındı ve yaralıların durumunun iyi olduğu"
    " bildirildi. Yolun öğleden sonra açılması bekleniyor.",
    "ar": "اندلع حريق كبير صباح اليوم في مدينة {} وأسفر عن إصابة عدد من العمال، وهرعت سيارات الإسعاف إلى المكان ونقلت"
    " المصابين إلى المستشفيات القريبة. وقال مسؤول محلي إن التحقيقات ما زالت جارية لمعرفة أسباب الحريق، ودعا السكان إلى"
    " الابتعاد عن المكان وعدم تصديق الشائعات.",
    "he": "שריפה פרצה הבוקר בבניין מגורים בעיר {} וגרמה לפציעתם של כמה דיירים, מסרו כוחות הכיבוי. צוותי ההצלה פינו את הדיירים"
    " באמצעות סולמות והעבירו את הפצועים לבית החולים הסמוך. סיבת השריפה עדיין אינה ידועה והרחובות הסמוכים נחסמו.",
    "zh": "据当地媒体报道，{}市今天上午一家工厂起火，多人受伤，救护车迅速赶到现场，将伤者送往附近医院救治，警方已封锁道路。"
    "消防部门表示，起火原因仍在调查之中，当局呼吁居民远离现场，不要相信谣言。",
    "ja": "{}市で早朝、木造住宅が全焼する火事があり、焼け跡から住人の遺体が見つかった。警察は身元の確認を急ぐとともに、出火の"
    "原因を調べている。近所の人が炎に気づいて消防に通報し、火はまもなく消し止められた。",
    "ko": "{}에서 오늘 새벽 공장에 불이 나 직원 여러 명이 연기를 마셔 병원으로 옮겨졌다고 소방당국이 밝혔다. 불은 창고 한 동을"
    " 태우고 꺼졌다. 경찰은 전기 합선으로 불이 난 것으로 보고 정확한 원인과 피해 규모를 조사하고 있다. 인근 주민들은 한때"
    " 대피했다가 집으로 돌아갔다.",
    "hi": "{} में आज सुबह एक बस और ट्रक की टक्कर में कई यात्री घायल हो गए, पुलिस ने बताया। घायलों को पास के अस्पताल में भर्ती कराया"
    " गया है। हादसे के बाद सड़क पर लंबा जाम लग गया, जिसे कुछ घंटों बाद खोला गया। चालक को हिरासत में ले लिया गया है।",
    "th": "เมื่อเช้าวันนี้เกิดเหตุเพลิงไหม้โรงงานในจังหวัด{} มีผู้บาดเจ็บหลายราย เจ้าหน้าที่ดับเพลิงใช้เวลาหลายชั่วโมงจึงควบคุมเพลิงไว้ได้"
    " ตำรวจอยู่ระหว่างสอบสวนหาสาเหตุ และขอให้ประชาชนหลีกเลี่ยงเส้นทางใกล้เคียง",
    "ka": "{}ში დღეს დილით საცხოვრებელ კორპუსში ხანძარი გაჩნდა, რამდენიმე ადამიანი დაშავდა, განაცხადეს მაშველებმა. დაშავებულები"
    " საავადმყოფოში გადაიყვანეს. ხანძრის მიზეზი ჯერ უცნობია და გამოძიება დაწყებულია. პოლიციამ მიმდებარე ქუჩები გადაკეტა.",
}
TOWNS = {
    "en": ("Velden", "Grauport"),
    "de": ("Bochum", "Rostock"),
    "uk": ("Вербівка", "Озерна"),
    "es": ("Quillota", "Managua"),
    "tr": ("Adana", "Bursa"),
    "ar": ("حلب", "حمص"),
    "he": ("חיפה", "אשדוד"),
    "zh": ("兰州", "昆明"),
    "ja": ("仙台", "松山"),
    "ko": ("울산", "청주"),
    "hi": ("कानपुर", "नागपुर"),
    "th": ("ระยอง", "ชลบุรี"),
    "ka": ("ქუთაის", "ბათუმ"),
}
REWORDED = [
    ("en", "Workers", "Volunteers"),
    ("en", "Nobody was hurt", "No one was injured"),
    ("en", "Velden was", "The city was"),
    ("en", "Velden was", "The old port of Velden was"),
    ("en", "Velden was", "The Velden government was"),
    ("de", "Menschen", "Personen"),
    ("de", "einem Lagerhaus", "einem Speicher"),
    ("de", "einem Brand", "einem Feuer"),
    ("uk", "Ремонтники", "Робітники"),
    ("es", "Los técnicos", "Los operarios"),
    ("tr", "Ekipler", "Görevliler"),
    ("ar", "المصابين", "الجرحى"),
    ("ar", "مسؤول", "مصدر"),
    ("he", "מסרו", "הודיעו"),
    ("zh", "迅速", "立即"),
    ("zh", "表示", "称"),
    ("ja", "近所の人", "付近の住民"),
    ("ko", "밝혔다", "전했다"),
    ("hi", "यात्री", "लोग"),
    ("th", "ประชาชน", "ชาวบ้าน"),
    ("ka", "განაცხადეს", "თქვეს"),
]


def after(hours: float, older: str, newer: str, *, titles: tuple[str, str] = ("", "")) -> Verdict:
    return compare_texts(
        Text(older, title=titles[0], at=NOON), Text(newer, title=titles[1], at=NOON + timedelta(hours=hours))
    )


@pytest.mark.parametrize("language", NOTICES)
@pytest.mark.parametrize("hours", [2, 30])
def test_a_short_notice_of_another_town_is_another_story_at_any_hour(language: str, hours: float) -> None:
    one, other = (NOTICES[language].format(town) for town in TOWNS[language])
    verdict = after(hours, one, other)
    assert verdict.alike
    assert verdict.reason.startswith("same wording, ")


@pytest.mark.parametrize(("language", "old", "new"), REWORDED)
def test_a_reworded_notice_is_a_copy_a_day_later(language: str, old: str, new: str) -> None:
    text = NOTICES[language].format(TOWNS[language][0])
    assert old in text
    assert after(30, text, text.replace(old, new)).same


@pytest.mark.parametrize(
    ("one", "other"), [("Kyiv", "Kiev"), ("Müllheim", "Muellheim"), ("Odesa", "Odessa"), ("Kharkiv", "Kharkov")]
)
def test_another_spelling_is_not_another_name(one: str, other: str) -> None:
    assert after(30, NOTICES["en"].format(one), NOTICES["en"].format(other)).same


def test_the_dateline_of_a_pickup_is_not_another_name() -> None:
    text = "Two ferries collided in the strait and were towed to Velden. " + NOTICES["en"].format("The pier")
    assert after(30, f"GRAUPORT — {text}", f"AMITY — {text}").same


def test_a_word_without_capitals_is_a_name_if_the_headlines_differ_in_it_too() -> None:
    text = "تعرضت {} لغارة جوية فجر اليوم أسفرت عن تدمير عدد من المنازل. وقالت فرق الدفاع المدني إنها انتشلت عددا من العالقين تحت"
    text += " الأنقاض ونقلتهم إلى المستشفى. ولم يصدر تعليق رسمي حتى الآن، فيما حذر ناشطون من تدهور الوضع."
    one, other = text.format("رفح"), text.format("جباليا")
    assert after(2, one, other).same, "nothing indicates that it is a name"
    assert not after(2, one, other, titles=("غارة على رفح", "غارة على جباليا")).same
    assert not after(30, one, other).same


def test_a_name_corrected_within_hours_in_a_long_report_is_a_correction() -> None:
    rest = " ".join(NOTICES["en"].format(f"The {part}") for part in ("northern mole", "southern mole", "old market"))
    one, other = (f"Engineers in {town} have begun to mend the pier. {rest}" for town in ("Velden", "Grauport"))
    assert after(2, one, other).same
    assert not after(30, one, other).same


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("Судно вийшло в море у {} вранці", "п'ятницю", "суботу"),
        ("Der Hafen bleibt im {} geschlossen", "April", "Mai"),
        ("Le port restera fermé en {} cette année", "mars", "avril"),
        ("Prom nie kursuje w {} tego roku", "marcu", "kwietniu"),
        ("Порт не працює у {} цього року", "березні", "квітні"),
        ("يغلق الميناء يوم {} أمام السفن", "الثلاثاء", "الخميس"),
    ],
)
def test_another_day_or_month_is_another_story(text: str, one: str, other: str) -> None:
    rest = ". " + NOTICES["tr"].format("Velden")
    assert after(30, text.format(one) + rest, text.format(other) + rest).reason.startswith("same wording, another day")
