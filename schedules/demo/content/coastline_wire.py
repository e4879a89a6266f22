"""Coastline Wire: an invented news agency; short reports, Atom and JSON Feed, tracking parameters in its links."""

from __future__ import annotations

from schedules.demo.content.story import Correction, DemoStory

STORIES = (
    DemoStory(
        slug="allies-pledge-three-air-defence-batteries",
        title="Allies pledge three air defence batteries before winter",
        minutes=75,
        authors=("Anneke de Vries",),
        section="defence",
        tags=("Air defence", "Arms deliveries"),
        lead="First battery is already on a train, officials say",
        paragraphs=(
            "AARHUS (Coastline Wire) - Five governments will deliver three further air defence batteries and some two "
            "hundred interceptors to Ukraine before the end of the year, their defence ministers said on Monday.",
            "The first battery is already on a train, said two officials who asked not to be named because the route "
            "is secret. The other two will follow when crews have finished their training in Denmark.",
            "Each battery protects an area of roughly the size of a large city. Ukraine has asked for ten.",
            "The ministers left open who will pay for the interceptors once the present stock is used up, a question "
            "that has delayed earlier arms deliveries by months.",
            "A joint statement named power stations and railway junctions as the first places to be covered.",
        ),
    ),
    DemoStory(
        slug="grain-ship-reaches-port-after-corridor-reopens",
        title="Grain ship reaches port after sea corridor reopens",
        minutes=410,
        authors=("Rashid Omar",),
        section="trade",
        tags=("Grain", "Black Sea"),
        paragraphs=(
            "ODESA (Coastline Wire) - A bulk ship with 31,000 tonnes of wheat left port on Monday, the first to "
            "sail since mines closed the sea corridor nine days ago.",
            "Two minesweepers went ahead of it as far as the twelve-mile line. Insurers had asked for three.",
            "Traders said that about forty ships wait off the coast. At the present pace it would take until "
            "Christmas to load them all.",
            "Wheat futures fell by two per cent on the news and recovered before the close.",
        ),
        restless=True,
    ),
    DemoStory(
        slug="nuclear-plant-back-on-two-lines",
        title="Nuclear plant is back on two power lines, inspectors say",
        minutes=530,
        authors=("Anneke de Vries", "Jun Okafor"),
        section="energy",
        tags=("Nuclear plants", "Energy"),
        paragraphs=(
            "VIENNA (Coastline Wire) - Europe's largest nuclear plant is connected to two outside power lines again "
            "after eleven days on a single one, inspectors at the site reported on Monday.",
            "Cooling was never interrupted, they said, but the diesel generators had been started twice.",
            "The second line was cut by shelling. Crews from both sides of the front repaired it during a local "
            "ceasefire of six hours that the inspectors had arranged.",
            "All six reactors are shut down. They need current to cool the fuel that is still inside.",
        ),
    ),
    DemoStory(
        slug="forty-five-tankers-added-to-sanctions-list",
        title="Forty-five tankers added to sanctions list",
        minutes=860,
        authors=("Rashid Omar",),
        section="trade",
        tags=("Sanctions", "Oil"),
        paragraphs=(
            "BRUSSELS (Coastline Wire) - European governments agreed on Monday to put forty-five more oil tankers "
            "under sanctions, along with two insurers and a shipyard that repaired them.",
            "The ships may no longer call at European ports or be served there. Most sail under flags that they have "
            "had for less than a year.",
            "One member state had held out for an exception for its refinery and gave way after midnight, diplomats "
            "said.",
            "Analysts expect the price of old tankers to fall, and that of very old tankers to rise.",
        ),
    ),
    DemoStory(
        slug="kursk-additional-deployment-ja",
        title="北朝鮮の兵士、クルスク州に追加配備　大統領が会議で指摘",
        minutes=150,
        authors=("田村咲子",),
        section="japanese",
        tags=("北朝鮮", "クルスク"),
        language="ja",
        paragraphs=(
            "【ミュンヘン・コーストラインワイヤー】北朝鮮の兵士二千人から三千人が新たにロシア西部クルスク州に配備され"
            "つつあると、大統領が月曜日の安全保障会議で明らかにした。",
            "これまでの死傷者は約四千人に上り、その三分の二が死亡したという。韓国の情報機関が一月に示した推計を大きく"
            "上回る。",
            "軍の情報担当者は、装甲車両をほとんど伴わずに平原を進む戦術が損害を広げたと説明した。",
            "大統領は、停戦交渉に臨む各国に対し、追加の派兵を重く受け止めるよう求めた。",
        ),
    ),
    DemoStory(
        slug="aid-convoy-of-sixty-lorries-crosses-river",
        title="Aid convoy of sixty lorries crosses river on repaired bridge",
        minutes=1210,
        authors=("Jun Okafor",),
        section="aid",
        tags=("Humanitarian aid",),
        paragraphs=(
            "KHERSON (Coastline Wire) - Sixty lorries with flour, stoves and insulin crossed a bridge on Sunday that "
            "army engineers had finished the night before, aid organisations said.",
            "It was the largest convoy to reach the eastern bank since the flood. About 18,000 people live there "
            "without a pharmacy.",
            "Drivers crossed one at a time at walking pace. The last of them reached the depot after dark.",
            "A second convoy is to follow on Thursday if the water does not rise.",
        ),
    ),
    DemoStory(
        slug="hub-gas-price-noon",
        title="Gas price at the northern hub: noon report",
        minutes=130,
        authors=(),
        section="markets",
        tags=("Energy", "Markets"),
        paragraphs=(
            "ROTTERDAM (Coastline Wire) - Gas for delivery next month traded at 31.40 euros per megawatt-hour at noon "
            "on Monday, 0.35 euros above Friday's close.",
            "Traders pointed to a cold forecast for the second half of the week and to maintenance at two terminals, "
            "which takes about four per cent of the northern import capacity off the market until Saturday.",
            "Storage in the region is 83 per cent full, against 88 per cent at the same date a year ago.",
        ),
        corrections={2: Correction(replacing=(("31.40 euros", "31.90 euros"), ("0.35 euros", "0.85 euros")))},
    ),
    DemoStory(
        slug="prisoners-of-war-exchanged-three-hundred",
        title="Three hundred prisoners of war exchanged at river crossing",
        minutes=2,
        since=2,
        authors=("Anneke de Vries",),
        section="conflict",
        tags=("Prisoners of war", "Ceasefire"),
        lead="Largest exchange since the spring follows Geneva talks",
        paragraphs=(
            "GENEVA (Coastline Wire) - Ukraine and Russia each released 150 prisoners of war on Monday, officials on "
            "both sides said, hours after negotiators had laid lists of names before one another.",
            "The men and eleven women crossed at a river station that mediators had chosen. Buses took them to "
            "hospitals.",
            "Seventeen had been held for more than three years, according to the office that keeps the lists.",
            "Negotiators said that a ceasefire was not part of the bargain, but that it had become easier to speak of "
            "one.",
        ),
    ),
)
