"""Month names as strftime's %b writes them in other languages (glibc's and CLDR's abbreviations)."""

from __future__ import annotations

from typing import Final

_NAMES: Final = {
    "de": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "fr": "janv févr mars avril mai juin juil août sept oct nov déc",
    "fr, older": "jan fév mar avr mai jun jui aoû sep oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "ru": "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "ru, CLDR": "янв февр мар апр май июн июл авг сент окт нояб дек",
    "zh, ja": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    "ko": "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
    "sv, da, no": "jan feb mar apr maj jun jul aug sep okt nov des",
}

#: Lower case, without a dot at the end -> 1 to 12. No name means different months in two of these languages.
MONTHS: Final[dict[str, int]] = {
    name: number for names in _NAMES.values() for number, name in enumerate(names.split(), start=1)
}
