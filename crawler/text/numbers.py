"""Find numbers in a text, in any script and notation: "1,200" and "1200", "three" and "3". Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_CASED = "A-Za-zªºÀ-ʯͰ-ևḀ-῿"
"""Letters of Latin, Greek, Cyrillic and Armenian: a digit after one is part of a name ("F16", "H5N1"). After an Arabic
or Hebrew letter, which can be a word such as "and" or "in", and after a Hangul or Chinese one, it is a number."""
_NUMBER = re.compile(rf"(?<![\d_.{_CASED}])\d+(?:[.,:٫٬]\d+)*(?:[-/]\d+(?:/\d+)?)?")
_HAN = "〇一二三四五六七八九十百千万萬億亿兆两兩"
_HAN_NUMBER = re.compile(rf"[{_HAN}]{{2,}}|[{_HAN}](?=[人名件個个歳岁日月年円元度点點号號架枚艘隻只辆輛棟所校次位])")
"""A single Han numeral counts only before a counter word, because it is part of many words."""
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_FORMS = (
    "zero",
    "one eins один одна un une uno una um uma",
    "two zwei два дві двох двоє две двух двое deux dos dwa dwie dwóch dois duas iki",
    "three drei три трьох троє трех трёх трое trois tres trzy trzech três üç",
    "four vier чотири чотирьох четверо четыре четырех четырёх quatre cuatro cztery czterech quatro dört",
    "five fünf п'ять п'яти п'ятьох п'ятеро пять пяти пятеро cinq cinco pięć pięciu beş",
    "six sechs шість шести шістьох шестеро шесть seis sześć sześciu",
    "seven sieben сім семи сімох семеро семь sept siete siedem siedmiu sete yedi",
    "eight acht вісім восьми вісьмох восьмеро восемь huit ocho osiem ośmiu oito sekiz",
    "nine neun дев'ять дев'яти дев'ятьох дев'ятеро девять девяти девятеро neuf nueve dziewięć dziewięciu dokuz",
    "ten zehn десять десяти десятьох десятеро dix diez dziesięć dziesięciu dez",
    "eleven elf одинадцять одинадцяти одиннадцать одиннадцати onze once",
    "twelve zwölf дванадцять дванадцяти двенадцать двенадцати douze doce doze",
)
"""Number words in the cases used with nouns, without words that usually mean something else ("on", "due", "sei")."""
_WRITTEN_OUT = {form: str(value) for value, forms in enumerate(_FORMS) for form in forms.split()}
_AMBIGUOUS = frozenset("one un une uno una um uma один одна once".split())
"""Number words that are also articles, pronouns or other words."""


def numbers(text: str) -> Counter[str]:
    """Return the numbers of a text and how often each occurs, without ambiguous words such as "one"."""
    return _read(text, ambiguous=False)


def numbers_changed(before: str, after: str) -> int:
    """Return how many numbers were replaced by other numbers. Numbers that were only added or removed do not count.

    Ambiguous words such as "one" and "un" count as numbers here.
    """
    one, other = _read(before, ambiguous=True), _read(after, ambiguous=True)
    return min((one - other).total(), (other - one).total())


def _read(text: str, *, ambiguous: bool) -> Counter[str]:
    found = [_value(number) for number in _NUMBER.findall(text)]
    if not text.isascii():
        found += [_han_value(number) for number in _HAN_NUMBER.findall(text)]
    for word in _WORD.findall(text.casefold()):
        value = _WRITTEN_OUT.get(word if word.isascii() else word.replace("’", "'").replace("ʼ", "'"))
        if value is not None and (ambiguous or word not in _AMBIGUOUS):
            found.append(value)
    return Counter(found)


def _value(number: str) -> str:
    if not number.isascii():
        number = "".join(str(unicodedata.decimal(sign, sign)) for sign in number).replace("٫", ".").replace("٬", ",")
    plain = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", number)
    return re.sub(r"\.(\d*?)0+$", lambda rest: f".{rest[1]}" if rest[1] else "", plain)


def _han_value(number: str) -> str:
    """三百二十 -> 320, 二〇二六 -> 2026."""
    total = section = digits = 0
    for sign in number:
        value = int(unicodedata.numeric(sign))
        if value < 10:
            digits = digits * 10 + value
        elif value < 10_000:
            section, digits = section + (digits or 1) * value, 0
        else:
            total, section, digits = total + (section + digits or 1) * value, 0, 0
    return str(total + section + digits)
