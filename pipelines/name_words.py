"""The words around names in bylines: the grammar of bylines in the languages of the sources people named, not a table of outlets.
An unknown language loses only the finer cleaning.
"""

from __future__ import annotations

import re

LEAD_IN = re.compile(
    r"^(?:(?:written|geschrieben|veröffentlicht|erstellt|publiziert|interview|alle beiträge|zeige alle beiträge|"
    r"(?:show |view )?all (?:articles|posts)|reported|posted|published|words|story|text|analysis|review|edited|"
    r"produced|updated|author|report|reporting|files|compiled|exclusive|opinion|guest (?:post|essay|column)|skrivet|geplaatst|"
    r"geschreven|publicado|publié|escrito|scritto)\s+)?"
    r"(?:by|from|of|von|vom|par|por|di|da|de|door|af|av|autor(?:in|en|es|ka|ski)?|auteurs?|autore|författare|"
    r"forfatter|skribent|tekst|texte?|texto|"
    r"testo|reporter|journalist|yazan|автор(?:ка|и|ы)?|текст|от|від|interview|μτφρ|του|της|autorin/autor|责编|责任编辑|責任編集|بقلم|كتب|نویسنده|מאת|"
    r"ein beitrag von|eine analyse von|"
    r"ein kommentar von|artikel von|(?:erstellt|geschrieben|gespeichert|eingestellt) von|posted by|authors?|"
    r"un article de|propos recueillis par|oleh|penulis|pewarta|przez|napisał|szerző|írta|kirjoittaja|toimittaja|autorius|autors|"
    r"redactor|tác giả|โดย|लेखक|द्वारा|γράφει (?:ο|η)|συντάκτης|по материалам|за матеріалами|作者|責編|编辑|記者|记者|文|撰文)"
    r"(?:\s*[:：|／/]\s*|\s+)|^(?:by|von|par|por)\s*[:：]\s*|^(?:記者|记者)(?=\S{2,4}(?:$|[／/]))",
    re.IGNORECASE,
)
NOT_AUTHORS = re.compile(
    r"^(?:updated|edited|editing|translated|adapted|photograph(?:y|s|ed)?|photos?|pictures?|video|illustrations?|"
    r"graphics?|fact[- ]checked|reviewed|"
    r"redigiert|übersetzt|aktualisiert|fotos?|bilder|illustration|traduit|traduzione|tradu[cç][aã]o|mis à jour|"
    r"actualizado|oppdatert|оновлено|"
    r"обновлено|editor|quelle|source|fuente|fonte)\s*(?:by|von|par|por|:|av|at)",
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
    r"leiter(?:in)?|professor|staff|politics|business|sports?|senior|deputy|associate)\b",
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
    r"editors)\b|"
    r"\w\.(?:com|de|at|ch|org|net|co\.uk|fr|it|es|pl|ua|ru|jp|tv|info)$|新聞|新闻|社|編集|编辑部|通信|オンライン|समाचार|"
    r"डेस्क|뉴스",
    re.IGNORECASE,
)
AGENCIES = frozenset(
    name.strip()
    for line in """
    aa | anadolu | anadolu agency | anadolu agency (aa) | anadolu ajansı | aap | australian associated press | adnkronos
    afp | afp agence france-presse | agence france-presse | agence france presse | afp news | afp relaxnews
    agerpres | agi | ani | anp | ansa | ap | associated press | associated press (ap) | the associated press | apa | ats
    belga | bloomberg | bloomberg news | bns | bta | canadian press | the canadian press | ctk | čtk | dapd
    dpa | dpa-afx | deutsche presse-agentur | deutsche presse agentur | dha | dow jones | dow jones newswires | efe | elta
    epd | europa press | hina | ians | iha | interfax | interfax-ukraine | jiji | jiji press | kathpress | keystone-sda
    kna | kyodo | kyodo news | leta | lusa | mti | ndtv profit wire | ntb | pa | pa media | press association | pap | pti
    press trust of india | reuters | reuters staff | thomson reuters | ria novosti | ritzau | sda | sid | stt | tanjug | tass
    tt | ukrinform | укрінформ | unian | уніан | united press international | upi | xinhua | 新華社 | 新华社 | yonhap
    時事通信 | 共同通信 | 연합뉴스 | рейтер | тасс | риа новости | інтерфакс-україна | интерфакс
    """.splitlines()
    for name in line.split("|")
    if name.strip()
)
"""News agencies: those with a Wikipedia article as the national or international agency of their country."""

NOBODY = frozenset(
    (
        "admin",
        "administrator",
        "no author",
        "unknown",
        "red",
        "agenturen",
        "agencies",
        "agency",
        "agences",
        "agencias",
        "agenzie",
        "wires",
        "posted",
        "posted on",
        "author",
        "autor",
        "guest",
        "none",
        "null",
        "phd",
        "md",
        "datum",
        "publiziert am",
        "super user",
        "web desk",
        "permalink",
        "auteur",
        "edit",
        "beitrag",
        "quelle",
        "source",
        "human",
        "archives",
        "nachricht",
        "abmelden",
        "anmelden",
        "name",
        "author name",
        "佚名",
        "匿名",
        "未知",
        "综合",
        "网络",
        "网络整理",
        "查看更多",
    )
)
"""What stands in the author's place and names nobody."""
