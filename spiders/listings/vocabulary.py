"""Names of sections, services and buttons on news sites, in ten languages.

English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Ukrainian and Russian. For other languages, the
classifier uses the other features of a URL.
"""

from __future__ import annotations

ARTICLE_SEGMENTS = frozenset(
    """
    article articles artikel articulo articulos articolo articoli artigo artykul statya story stories storyline
    wirestory news-story post posts p a blog blogs archives archive nachricht noticia noticias nota notas notizia
    novosti novyny news-feed newsfeed content c n s show view item read press-release interactive liveblog live-blog
    live live-news live-updates video videos watch gallery slideshows
    """.split()
)
"""Path segments before an article's slug."""

SECTION_SEGMENTS = frozenset(
    """
    tag tags topic topics category categories cat section sections rubric rubrics rubrik rubriken thema themen theme
    themes themenseiten hub collection collections series channel channels source sources subject subjects label
    keyword keywords etiqueta etiquetas categoria categorias seccion secciones tema temas rubrique rubriques dossier
    dossiers author authors autor autoren autores auteur auteurs autore profile profiles people person persons staff
    contributor contributors columnist columnists by writer writers reporter reporters journalist journalists user
    users team equipo equipe redaktion redaccion ueber-uns taxonomy search suche buscar recherche avtor avtory
    publication publications shows show podcasts newsletters programs programmes brand brands
    """.split()
)
"""Path segments of sections, tags and people, below which are lists."""

SERVICE_SEGMENTS = frozenset(
    """
    about about-us aboutus about-me contact contacts contact-us contactus kontakt contacto contatti contato impressum
    imprint masthead privacy privacy-policy privacypolicy datenschutz cookie cookies cookie-policy terms
    terms-of-use terms-of-service terms-and-conditions termsofuse tos agb legal disclaimer accessibility copyright
    subscribe subscription subscriptions subscriber abo abonnement abonnements suscripcion suscribete assinatura
    login log-in signin sign-in signup sign-up logout register registration registrieren anmelden account accounts
    my-account myaccount profile-settings user-settings donate donation donations support-us membership member members
    join become-a-member gift spende give advertise advertising advertisement ads advertiser mediadaten publicidad
    publicite werbung annonsere classifieds marketplace jobs job careers career karriere empleo emploi vacancies shop
    store boutique tienda help faq faqs hilfe ayuda support customer-service feedback newsletter newsletters alerts
    rss feed feeds sitemap site-map sitemaps app apps mobile mobile-apps widget widgets e-paper epaper eedition
    e-edition edition print-edition digital-edition home homepage index start weather wetter tiempo meteo horoscope
    horoscopes horoscopo crossword crosswords puzzle puzzles games sudoku comics tv-guide tv-programm tv-listings
    schedule schedules program-schedule obituaries obits events calendar kalender agenda contests contest sweepstakes
    deals coupons coupon vouchers promo promotions share sharer intent mailto print reprints permissions syndication
    corrections ethics code-of-ethics editorial-standards standards mission our-mission our-team our-story our-history
    our-staff our-work board-of-directors board staff meet-the-team history partners sponsors sponsorship funders
    annual-report press-room media-kit mediakit submit submissions submit-a-tip tips pitch write-for-us comment comments
    manage-cookies preferences settings notifications unsubscribe closed-captioning contest-rules fcc public-file
    eeo-report ad-choices adchoices do-not-sell live-stream livestream livestreams watch-live tv-schedule radio-schedule
    sponsored sponsored-content sponsor-content brand-content partner-content paid-content advertorial anzeige anzeigen
    branded-content promoted posterboard-ads shopping
    search wp-login.php wp-content wp-json cdn-cgi checkout cart basket directory
    """.split()
)
"""Path segments of pages about the outlet and its services."""

SERVICE_HOSTS = frozenset(
    """
    account accounts ads advertise advertising apps billing careers checkout classifieds coupons deals donate epaper
    eedition e-edition help jobs legal login member membership my myaccount newsletter newsletters offers privacy
    profile secure services shop sso store subscribe subscription subscriptions support tickets games info marketing
    """.split()
)
"""Host labels of services."""

ASSETS = frozenset(
    """
    jpg jpeg png gif webp avif svg ico bmp pdf mp3 mp4 m4a m4v m3u8 mpd vtt webm mov avi wav zip gz rar
    doc docx xls xlsx ppt pptx css js json xml rss ics apk exe
    """.split()
)
"""Extensions of files that are not pages."""

CALLS_TO_ACTION = frozenset(
    part.strip()
    for part in """
    read | read more | read now | read it | read on | read story | read article | read full story |
    read the story | read the full story | read full article | full story | full article | start reading |
    continue reading | continue | keep reading | learn more | more | details | watch | watch now | listen |
    view slide show | weiterlesen | mehr lesen | jetzt lesen | zum artikel | mehr | lire la suite | lire |
    lire plus | leer más | seguir leyendo | leia mais | ler mais | continua | continua a leggere | leggi tutto |
    leggi | lees meer | lees verder | czytaj więcej | czytaj dalej | читати далі | читати | докладніше |
    детальніше | читать далее | подробнее | читать | 続きを読む
    """.split("|")
)
"""Whole texts of links that say "read more": they are no titles."""
