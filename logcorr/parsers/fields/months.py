"""Month names as programs print them in other languages: strftime's %b, log4j's and JavaScript's abbreviations.

The names are those of glibc 2.36 (localedata, ``abmon`` and ``ab_alt_mon``) and of CLDR (abbreviated months), for the
languages that software is commonly translated to.
"""

from __future__ import annotations

import calendar
from typing import Final

import polars as pl

#: How a month's name looks where it stands in a line. Full stops behind it are optional.
MONTH: Final = r"(?:\p{L}{2,12}|[0-9]{1,2}[月월])\.?"

#: Twelve names a language, lower case and without a full stop at the end; several ways of writing with a slash between.
#: A name that means two months in two languages (lis, lip, srp) is read in the language that comes first, unless other
#: names beside it tell.
_NAMES: Final = {
    "en": "jan feb mar apr may jun jul aug sep/sept oct nov dec",
    "de": "jän/jan feb mär/märz apr mai jun/juni jul/juli aug sep/sept okt nov dez",
    "fr": "jan/janv fév/févr mar/mars avr/avril mai jun/juin jui/juil/juill aoû/août sep/sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep/set/sept oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "ru": "янв фев/февр мар/март апр май/мая июн/июнь июл/июль авг сен/сент окт ноя/нояб дек",
    "uk": "січ лют бер квіт/кві трав/тра черв/чер лип серп/сер вер жовт/жов лист/лис груд/гру",
    "cs": "led úno bře dub kvě čen/čvn čec/čvc srp zář říj lis pro",
    "sk": "jan feb mar apr máj jún júl aug sep okt nov dec",
    "sv": "jan feb mar/mars apr maj jun/juni jul/juli aug sep okt nov dec",
    "da": "jan feb mar apr maj jun jul aug sep okt nov dec",
    "no": "jan feb mar/mars apr/april mai jun/juni jul/juli aug sep okt nov des",
    "fi": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    "hu": "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "tr": "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "ro": "ian feb mar apr mai iun iul aug sep/sept oct nov dec",
    "bg": "яну фев мар/март апр май юни юли авг сеп окт ное дек",
    "el": "ιαν φεβ μαρ/μάρ απρ μαΐ/μάι ιουν/ιούν ιουλ/ιούλ αυγ/αύγ/αὐγ σεπ οκτ/ὀκτ νοε/νοέ δεκ",
    "hr": "sij velj ožu tra svi lip srp kol ruj lis stu pro",
    "bs": "jan/јан feb/феб mar/мар apr/апр maj/мај jun/јун jul/јул aug/ауг sep/сеп okt/окт nov/нов dec/дец",
    "sr": (
        "jan/јан feb/феб mar/мар/март/mart apr/апр maj/мај jun/јун jul/јул avg/авг sep/сеп/септ/sept okt/окт "
        "nov/нов dec/дец"
    ),
    "sl": "jan feb mar apr maj jun jul avg sep okt nov dec",
    "mk": "јан фев мар апр мај јун јул авг сеп окт ное дек",
    "lt": "saus vas kov bal geg birž liep rugp rugs spal lapkr gruod",
    "lv": "jan/janv feb/febr mar/marts apr mai/maijs jūn jūl aug sep/sept okt nov dec",
    "et": "jaan veebr märts apr mai juuni juuli aug sept okt nov dets",
    "be": "сту лют сак кра мая/май/тра чэр ліп жні вер кас ліс сне/сьн",
    "is": "jan feb mar apr maí jún júl ágú sep okt nóv des",
    "ga": "ean feabh márta aib beal meith iúil lún mfómh dfómh samh noll",
    "cy": "ion chw/chwef maw ebr mai meh gor/gorff aws/awst med/medi hyd tach rha/rhag",
    "sq": "jan shk mar pri maj qer kor/korr gsh/gush sht tet nën dhj",
    "ca": "gen febr març abr maig juny jul ag set oct nov des",
    "eu": "urt ots mar api mai eka uzt abu ira urr aza abe",
    "gl": "xan feb mar abr mai/maio xuñ/xuño xul ago set out nov dec",
    "ar": (
        "يناير/ينا فبراير/فبر مارس/مار أبريل/أبر مايو/ماي يونيو/يون يوليو/يول أغسطس/أغس سبتمبر/سبت أكتوبر/أكت "
        "نوفمبر/نوف ديسمبر/ديس"
    ),
    "fa": (
        "ژانویه/جنو/جنوری فوریه/فبروری مارس/مارچ آوریل/اپریل مه/می ژوئن/جون ژوئیه/جول/جولای اوت/اگست "
        "سپتامبر/سپتمبر اكتبر/اکتبر/اکتوبر نوامبر/نومبر دسامبر/دسم/دسمبر"
    ),
    "he": "ינו פבר מרץ אפר מאי יונ יול אוג ספט אוק נוב דצמ",
    "hy": "հնվ փտր/փտվ մար/մրտ ապր մայ/մյս հնս հլս օգս սեպ հոկ նմբ/նոյ դեկ",
    "ka": "იან თებ მარ აპრ მაი ივნ ივლ აგვ სექ ოქტ ნოე დეკ",
    "az": "јан/yan фев/fev мар/mar апр/apr май/may ијн/iyn ијл/iyl авг/avq сен/sen окт/okt ној/noy дек/dek",
    "kk": "қаң ақп нау сәу мам мау шіл там қыр қаз қар жел",
    "ky, tg": "янв фев мар апр май июн июл авг сен окт ноя дек",
    "uz": "янв/yan фев/fev мар/mar апр/apr май/may июн/iyn июл/iyl авг/avg сен/sen окт/okt ноя/noy дек/dek",
    "tk": "ýan few mar/mart apr maý iýn/iýun iýl/iýul awg sen okt noý dek",
    "id": "jan feb mar apr mei jun jul agu sep okt nov des",
    "ms": "jan feb mac apr mei jun jul ogos/ogo sep okt nov dis",
    "fil": "ene peb mar abr may hun hul ago set/sep okt nob dis",
    "ko": "1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월",
    "zh": (
        "1月/一月 2月/二月 3月/三月 4月/四月 5月/五月 6月/六月 7月/七月 8月/八月 9月/九月 10月/十月 11月/十一月 "
        "12月/十二月"
    ),
    "eo": "jan feb mar apr maj jun jul aŭg sep okt nov dec",
    "lb": "jan feb mäe abr mee jun/juni jul/juli aug sep okt nov dez",
}
_SHORTEST: Final = 3  # letters of an abbreviation that a longer name may begin with
_TABLES: Final = {
    language: {name: number for number, many in enumerate(names.split(), 1) for name in many.split("/")}
    for language, names in _NAMES.items()
}

#: Lower case, without a dot at the end -> 1 to 12.
MONTHS: Final[dict[str, int]] = {name: number for table in reversed(_TABLES.values()) for name, number in table.items()}


def in_english(names: pl.Series) -> pl.Series:
    """``Jan`` to ``Dec`` for the names of months of one log, which is in one language; null for what is none.

    A name may be longer than the abbreviation it begins with.
    """
    plain = names.str.to_lowercase().str.strip_chars_end(".")
    found = plain.unique().drop_nulls().to_list()
    table = max(
        _TABLES.values(),
        key=lambda one: (sum(name in one for name in found), sum(_month(name, one) > 0 for name in found)),
    )
    numbers = {name: _month(name, table) or _month(name, MONTHS) for name in found}
    english = {name: calendar.month_abbr[number] for name, number in numbers.items() if number}
    return plain.replace_strict(list(english), list(english.values()), default=None, return_dtype=pl.String)


def _month(name: str, table: dict[str, int]) -> int:
    """The number of a name, or of the longest abbreviation that it begins with; 0 where there is none."""
    lengths = range(len(name), min(len(name), _SHORTEST) - 1, -1)
    return next((table[name[:length]] for length in lengths if name[:length] in table), 0)
