"""The Harbour Gazette: an invented paper with a sitemap and no feed; a paywall, a bot wall, old habits."""

from __future__ import annotations

from schedules.demo.content.story import Correction, DemoStory

STORIES = (
    DemoStory(
        slug="inside-the-yard-that-repairs-minesweepers",
        title="Inside the yard that repairs the minesweepers",
        minutes=1750,
        authors=("Harriet Quill",),
        section="features",
        kind="teaser",
        caption="Dry dock four at dawn. (Harriet Quill/The Harbour Gazette)",
        paragraphs=(
            "The hull in dry dock four has a hole through which a cyclist could ride, and on the day we visited, one "
            "did.",
            "Welders here work in shifts of three hours, because nobody keeps a steady hand for longer, and because "
            "the canteen has only eleven chairs.",
            "What the yard does not say is how it comes by the steel. We followed one plate for four weeks.",
            "It began its journey as the deck of a ferry, and changed hands five times before anybody wrote it down.",
            "The last of the sellers kept a ledger in pencil. It listed the sum, the date and the name of a deputy "
            "minister.",
        ),
    ),
    DemoStory(
        slug="government-weighs-sending-trainers",
        title="Government weighs sending army trainers to Ukraine",
        minutes=260,
        authors=("Edmund Pryce", "Lotte Amsel"),
        section="politics",
        tags=("Troop deployments",),
        caption="The defence minister on her way to the committee. (Lotte Amsel/The Harbour Gazette)",
        paragraphs=(
            "The defence committee spent four hours on Monday on a proposal to deploy up to 200 army instructors to "
            "western Ukraine, and ended without a vote.",
            "Under the plan the trainers would work at two bases far from the front. They would carry side arms only, "
            "and could be recalled within a day.",
            "The minister informed members that no decision had been taken. “Troops are easily sent and hard to bring "
            "home, and I mean to know the second part before I sign the first,” she said.",
            "The opposition called the paper thin. One of its members weighed it on a letter scale for the cameras.",
            "The committee meets again in a fortnight.",
        ),
        corrections={2: Correction(title="Government shelves plan to send army trainers to Ukraine")},
    ),
    DemoStory(
        slug="hafen-bekommt-landstrom",
        title="Häfen bekommen Landstrom: Grüne Anschlüsse für größere Schiffe",
        minutes=980,
        authors=("Jörg Wäßmann", "Zoë Grünberg"),
        section="deutsch",
        language="de",
        kind="wrong-charset",
        tags=("Energie",),
        paragraphs=(
            "Größere Schiffe sollen im Hafen künftig Strom vom Land beziehen. Dafür werden für 48 Millionen € zwölf "
            "Anschlüsse gebaut, wie die Behörde am Montag ankündigte.",
            "„Für die Anwohner wird es spürbar leiser“, sagte Hafenchef Jürgen Möller. Die Dieselmotoren müssten "
            "während der Liegezeit nicht länger laufen.",
            "Zunächst erhalten die Fähren Anschlüsse, danach folgen Kühlschiffe. Über die Gebühren wird noch "
            "gestritten: Reeder halten die vorgeschlagenen Sätze für überhöht.",
            "Fertig werden soll alles im übernächsten Frühjahr, sofern die Kabel pünktlich geliefert werden.",
        ),
    ),
    DemoStory(
        slug="pictures-of-the-week",
        title="Pictures of the week",
        minutes=1320,
        authors=("The Harbour Gazette picture desk",),
        section="pictures",
        kind="gallery",
        paragraphs=(),
    ),
    DemoStory(
        slug="the-admiral-who-counts-drones",
        title="The admiral who counts drones",
        minutes=600,
        authors=("Edmund Pryce",),
        section="features",
        kind="walled",
        paragraphs=("Every morning at five the admiral asks for one number, and it is never the one he wants.",),
    ),
    DemoStory(
        slug="mayor-said-to-have-resigned",
        title="Mayor said to have resigned over flood defences",
        minutes=340,
        authors=("Harriet Quill",),
        section="local",
        until=2,
        paragraphs=(
            "The mayor is said to have handed in her resignation on Monday over the cost of the new flood defences.",
            "A person close to the council described a letter of two sentences, the second of which was a list.",
            "The town hall could not be reached for comment. The office was closed for the holiday.",
            "Work on the eastern wall has stood still since September, when the contractor asked for twice the sum "
            "that had been agreed and the council asked for half the wall.",
        ),
    ),
    DemoStory(
        slug="sanctions-leave-forty-flats-empty",
        title="Sanctions leave forty harbour flats empty, and nobody may water the plants",
        minutes=2200,
        authors=("Lotte Amsel",),
        section="local",
        tags=("Sanctions",),
        caption="Quay Street at six in the evening. (Lotte Amsel/The Harbour Gazette)",
        paragraphs=(
            "Forty flats on Quay Street have been dark for three years, frozen under sanctions together with the "
            "companies that bought them.",
            "The caretaker may enter in case of fire or flood, but not to water the plants. He has asked twice. The "
            "reply runs to four pages and says no on the third.",
            "Neighbours would like the flats to be let. Lawyers say that rent would be an asset, and would freeze too.",
            "In the meantime a pair of falcons has moved on to the balcony of number 31. They fall under another law.",
        ),
        restless=True,
    ),
    DemoStory(
        slug="opinion-count-the-transformers",
        title="Opinion: Count the transformers, not the missiles",
        minutes=3100,
        authors=("Professor Agnes Thorne",),
        section="opinion",
        tags=("Energy",),
        paragraphs=(
            "We publish the number of missiles each morning as if it were the weather. It tells us how the night was. "
            "It does not tell us how the winter will be.",
            "A strike on energy infrastructure is measured in transformers. They weigh two hundred tonnes, are made "
            "to order, and take a year. There is no shelf from which to buy one.",
            "Give engineers a list of the transformers that remain, and they will tell you which towns freeze. That "
            "is the figure I would like to read at breakfast, and the one I would understand if nobody printed.",
            "Aid that arrives as steel and copper makes a poor photograph. It makes a warm room.",
        ),
    ),
    DemoStory(
        slug="batteries-to-guard-railways-and-power-stations",
        title="New air defence batteries to guard railways and power stations",
        minutes=4,
        since=2,
        authors=("Coastline Wire",),
        section="world",
        tags=("Air defence",),
        paragraphs=(
            "Five governments will deliver three further air defence batteries and some two hundred interceptors to "
            "Ukraine before the end of the year, their defence ministers said on Monday.",
            "The first battery is already on a train, said two officials who asked not to be named because the route "
            "is secret. The other two will follow when crews have finished their training in Denmark.",
            "Each battery protects an area of roughly the size of a large city. Ukraine has asked for ten.",
            "The ministers left open who will pay for the interceptors once the present stock is used up.",
            "A joint statement named power stations and railway junctions as the first places to be covered. The port "
            "has asked to be informed whether harbour cranes count as railway junctions.",
        ),
    ),
)
