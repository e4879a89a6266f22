"""Words around the names in bylines, in many languages. Outlets are not listed."""

from __future__ import annotations

import re


def _names(lines: str) -> frozenset[str]:
    return frozenset(name.strip() for line in lines.splitlines() for name in line.split("|") if name.strip())


LEAD_IN = re.compile(
    r"^(?:(?:written|geschrieben|veröffentlicht|erstellt|publiziert|interview|alle beiträge|zeige alle beiträge|"
    r"(?:show |view )?all (?:articles|posts)|reported|posted|submitted|contributed|published|words|story|text|analysis|"
    r"review|edited|produced|updated|author|"
    r"report|reporting|files|compiled|exclusive|opinion|guest (?:post|essay|column)|skrivet|geplaatst|"
    r"geschreven|publicado|publié|escrito|scritto)\s+)?"
    r"(?:by|from|of|von|vom|par|por|di|da|de|door|af|av|autor(?:in|en|es|ka|ski)?|auteurs?|autore|författare|"
    r"forfatter|skribent|tekst|texte?|texto|"
    r"testo|reporter|journalist|yaza[nr]|muhabir|haber|автор(?:ка|и|ы)?|текст|от|від|interview|μτφρ|του|της|autorin/autor|责编|责任编辑|責任編集|بقلم|كتبت?|نویسنده|מאת|"
    r"ein beitrag von|eine analyse von|"
    r"ein kommentar von|artikel von|(?:erstellt|geschrieben|gespeichert|eingestellt) von|posted by|authors?|"
    r"un article de|propos recueillis par|oleh(?=\s*:|\s+[^\s,]+\s+(?!(?:and|with|та|і|и|und|et|dan)\s)[^\s,]+)|"
    r"penulis|pewarta|przez|napisał|szerző|írta|kirjoittaja|toimittaja|autorius|autors|"
    r"redactor|tác giả|โดย|लेखक|द्वारा|γράφει (?:ο|η)|συντάκτης|по материалам|за матеріалами|oprac\.|"
    r"作者|責編|编辑|記者|记者|文|撰文)"
    r"(?:\s*[:：|／/・]\s*|\s+)|^(?:by|von|par|por)\s*[:：]\s*|^(?:記者|记者)(?=\S{2,4}(?:$|[／/]))",
    re.IGNORECASE,
)
"""Labels before a name. Indonesian "oleh" is also a first name, so it needs a colon or two words after it."""
NOT_AUTHORS = re.compile(
    r"^(?:updated|edited|editing|translated|adapted|photograph(?:y|s|ed)?|photos?|pictures?|video|illustrations?|"
    r"graphics?|fact[- ]checked|reviewed|"
    r"redigiert|übersetzt|aktualisiert|fotos?|bilder|illustration|traduit|traduzione|tradu[cç][aã]o|mis à jour|"
    r"actualizado|oppdatert|оновлено|"
    r"обновлено|editor|quelle|source|fuente|fonte|bron|kilde|källa|lähde|źródło|zdroj|allikas|forrás|kaynak|джерело|источник|πηγή|"
    r"المصدر|מקור)\s*(?:by|von|par|por|:|av|at)",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"\b(?:correspondents?|reporters?|editors?|journalists?|columnists?|writers?|producers?|analysts?|"
    r"contributors?|fellow|"
    r"freelancer?|\w*redakteur(?:in)?|\w*reporter(?:in)?|\w*korrespondent(?:in)?|chefredakteur(?:in)?|"
    r"ressortleiter(?:in)?|volontär(?:in)?|"
    r"chef\s+vom\s+dienst|autor(?:in)?|journaliste|correspondante?|rédacteur|rédactrice|envoyée?\s+spéciale?|"
    r"periodista|redactora?|"
    r"corresponsal|enviad[oa]|giornalista|inviat[oa]|journalistin|dziennikar[zk]a?|журналіст(?:ка)?|"
    r"кореспондент(?:ка)?|журналист(?:ка)?|"
    r"корреспондент(?:ка)?|редактор(?:ка)?|muhabir|journalista|photographer|fotograf(?:in)?|meteorologist|"
    r"director|head of|chief|"
    r"\w*leiter(?:in)?|professor|staff|politics|business|sports?|senior|deputy|associate)\b",
    re.IGNORECASE,
)
ORGANISATION = re.compile(
    r"^the\s|\b(?:desk|team|staff|newsroom|news|redaktion|rédaction|redacción|redação|redazione|redactie|redakcja|redaktsioon|"
    r"toimitus|редакці[яї]|редакци[яи]|"
    r"agency|agentur|agence|agencia|agenzia|ajansı|press|online|times|post|herald|tribune|gazette|journal|"
    r"magazine|zeitung|"
    r"radio|television|tv|media|network|group|institute|foundation|university|inc|ltd|gmbh|association|editorial|"
    r"board|service|"
    r"reports?|wire|department|ministry|office|council|bureau|correspondents|writers|reporters|contributors|"
    r"editors|канал|служба|агент?ство|міністерство|министерство|департамент|комітет|комитет|штаб|"
    r"правління|управление|новини|новости)\b|"
    r"\w\.(?:com|de|at|ch|cz|org|net|co\.uk|fr|it|es|pl|ua|ru|jp|tv|info)$|新聞|新闻|社|編集|编辑部|通信|オンライン|समाचार|"
    r"डेस्क|ডেস্ক|뉴스|[\u4e00-\u9fff](?:日报|日報|时报|時報|晚报|晚報|早报|周刊|电视台|電視台|网|網)$|[\uac00-\ud7a3]{2}(?:일보|신문|방송)$|"
    r"(?<!\w)(?:وكالة|خبرگزاری|صحيفة|قناة)(?!\w)|"
    r"(?-i:(?<!\w)[BCDFGHJ-NP-TV-XZБВГДЖЗЙ-НП-ТФ-Щ]{4,}(?=\s\w*[^\W\d_A-ZА-ЯІЇЄ]))",
    re.IGNORECASE,
)
"""Words of organisations. The last form is an acronym without vowels before a word ("ДСНС України")."""
CONTROL = re.compile(
    r"^(?:contact|copy|follow|get|view|see|read|show|more|all|about|e?-?mail|zum?|zur|mehr|alle[sn]?|weitere|nächste|"
    r"vorherige|antwort|"
    r"hinterlasse|autorenseite|profil|edit|log ?(?:in|out)|sign ?(?:in|out|up)|my account|"
    r"voir|tous|plus|ver|todos|leggi|tutti|skip|jump|next|previous)\b|"
    r"[?=<>←→»«%#]|^by$|^von$|"
    r"^(?:name|e?mail|comments?|website|submit|size|text|font|share|save|print|listen|menu|search|close|reply|subscribe|\s)+$",
    re.IGNORECASE,
)
"""Text of links and buttons next to a byline."""
AGENCIES = _names(
    """
    aa | anadolu | anadolu agency | anadolu agency (aa) | anadolu ajansı | aap | australian associated press | adnkronos
    afp | afp agence france-presse | agence france-presse | agence france presse | afp news | afp relaxnews
    agerpres | agi | ani | anp | ansa | ap | associated press | associated press (ap) | the associated press | apa | ats
    belga | bloomberg | bloomberg news | bns | bta | canadian press | the canadian press | ctk | čtk | dapd
    dpa | dpa-afx | deutsche presse-agentur | deutsche presse agentur | dha | dow jones | dow jones newswires | efe | elta
    epd | europa press | hina | ians | iha | interfax | interfax-ukraine | jiji | jiji press | kathpress | keystone-sda
    kna | kyodo | kyodo news | leta | lusa | mti | ndtv profit wire | ntb | pa | pa media | press association | pap | pti
    press trust of india | reuters | reuters staff | thomson reuters | ria novosti | ritzau | sda | sid | stt | tanjug | tass
    tt | ttxvn | ukrinform | укрінформ | unian | уніан | united press international | upi | xinhua | 新華社 | 新华社 | yonhap
    時事通信 | 共同通信 | 共同 | 時事 | ロイター | afp時事 | ap通信 | 路透社 | 法新社 | 中新社 | 中央社 | 연합뉴스 | 뉴시스
    로이터 | рейтер | рейтерс | тасс | риа новости | інтерфакс-україна | интерфакс | афп | бта | белта | бельта | танјуг
    αμπε | απε-μπε | رويترز | أ ف ب | أ.ف.ب | فرانس برس | وكالة فرانس برس | أسوشيتد برس | الأناضول | وكالة الأناضول | واس
    وام | بترا | سانا | ایرنا | ایسنا | تسنیم | رویترز | خبرگزاری فارس | خبرگزاری مهر | רויטרס | איי.פי | रॉयटर्स | पीटीआई | भाषा
    एएनआई | आईएएनएस | एएफपी | বাসস | ইউএনবি | রয়টার্স | এএফপি
    """
)
"""News agencies that have a Wikipedia article as a national or international agency."""

PLACEHOLDER_NAMES = _names(
    """
    admin | administrator | no author | unknown | red | agenturen | agencies | agency | agences | agencias | agenzie |
    wires | posted | posted on | author | autor | guest | none | null | phd | md | datum | publiziert am | super user |
    web desk | permalink | auteur | edit | beitrag | quelle | source | human | archives | nachricht | abmelden |
    anmelden | name | author name | 佚名 | 匿名 | 未知 | 综合 | 网络 | 网络整理 | 查看更多 | وكالات | סוכנויות הידיעות
    """
)
"""Placeholders in the author field that are not names."""
