"""The Dnipro Ledger: an English-language daily with a Ghost-like site. All of it is invented."""

from __future__ import annotations

from schedules.demo.content.story import BookmarkCard, Correction, DemoStory

DESK = "The Dnipro Ledger news desk"

DEMO_SEED = DemoStory(
    slug="north-korean-units-lose-4000-in-kursk",
    title="North Korean units in Kursk Oblast have lost 4,000 men, two in three of them killed, president says",
    minutes=190,
    authors=(DESK,),
    section="news-feed",
    tags=("North Korea", "Kursk Oblast", "War"),
    caption="Soldiers on parade in a capital far from the front, in an archive picture. (Ilse Brandt/Coastline Wire)",
    paragraphs=(
        "North Korean troops sent to fight against Ukraine have suffered about 4,000 casualties, and two of every "
        "three of those men are dead, the president said at a security conference on Monday.",
        "The losses had taken the spirit out of the contingent, he said in a panel that the Dnipro Ledger attended.",
        '"We count more than four thousand by now. Most of them will not go home," he added.',
        "As many as 12,000 soldiers from North Korea were deployed to Kursk Oblast last autumn, when Russian "
        "commanders needed help against a Ukrainian force that had crossed the border in the summer.",
        "The figure goes well beyond what Seoul has made public. Its intelligence service spoke in January of 300 "
        "dead and some 2,700 wounded.",
        "A further 2,000 to 3,000 troops are being transferred to the region, the president said, and he asked the "
        "governments at the table to weigh that before they speak of concessions.",
        "A senior officer of military intelligence, who was not authorised to give his name, put the losses down to "
        "waves of infantry that crossed open fields with hardly any armoured vehicle among them.",
        "That disregard for their own lives makes the defence harder rather than easier, he said, because drone crews "
        "run out of batteries before the attackers run out of men.",
    ),
    card=BookmarkCard(
        title="Shelter over the old reactor damaged by a drone, inspectors find no leak",
        description="“Whoever sends a drone there no longer thinks of the day after,” the plant's director said.",
        author="Marta Havryliuk",
    ),
    corrections={
        2: Correction(
            replacing=(("about 4,000 casualties", "about 4,700 casualties"),),
            appended=(
                "The president's office corrected the number on Monday afternoon: 4,700 casualties, it said, include "
                "men who are missing.",
            ),
        )
    },
)
"""The shape of a real news-desk page: headline, byline, time without an offset, caption, audio notice, body with the
teaser of another story, news feed, newsletter forms."""

STORIES = (
    DEMO_SEED,
    DemoStory(
        slug="ceasefire-talks-resume-with-prisoner-lists",
        title="Ceasefire talks resume in Geneva with prisoner lists on the table",
        minutes=320,
        authors=("Olha Marchenko", "Tomas Lindqvist"),
        section="politics",
        tags=("Ceasefire", "Prisoners of war"),
        caption="Delegations arrive at the lakeside hotel. (Tomas Lindqvist/The Dnipro Ledger)",
        paragraphs=(
            "Negotiators returned to a lakeside hotel in Geneva on Monday for a fourth round of ceasefire talks, and "
            "for the first time both sides brought lists of the prisoners of war they hold.",
            "Two diplomats who have seen the drafts described a pause of thirty days along the whole line, watched by "
            "monitors from countries that have sold arms to neither side.",
            "What still divides the rooms is the order of things. Kyiv wants the exchange of prisoners first and the "
            "pause afterwards; Moscow's delegation wants them on the same day.",
            "“We have agreed on commas,” one of the mediators said on the terrace. “Now we need to agree on a verb.”",
            "Families of missing soldiers stood at the gate with photographs. Some of them had travelled for two days.",
        ),
        restless=True,
    ),
    DemoStory(
        slug="drone-strike-cuts-power-to-ninety-thousand-homes",
        title="Drone strike on substation cuts power to 90,000 homes",
        minutes=95,
        authors=(DESK,),
        section="news-feed",
        tags=("Energy", "Strikes"),
        caption="A substation outside the city after a strike. (Regional emergency service)",
        paragraphs=(
            "A night of drone strikes on energy infrastructure left 90,000 households in Zorianske without electricity, "
            "the grid company Livoberezhenergo said on Monday.",
            "Eleven drones came in low along the river. Air defence brought down eight; three reached the substation "
            "that feeds the left bank of Zorianske.",
            "Two technicians were wounded by glass, said Nadiia Hrechko, who leads the shift. Hospitals and the water works "
            "switched to generators within minutes, and trams stood still until shortly after nine.",
            "Repair crews expect to have the transformers bridged by the evening, weather permitting. Households are "
            "asked not to turn on heaters all at once when the current returns.",
        ),
    ),
    DemoStory(
        slug="mobilisation-summons-move-to-an-app",
        title="Mobilisation summons move to an app, and queues move with them",
        minutes=1500,
        authors=("Danylo Petrenko",),
        section="society",
        tags=("Mobilisation",),
        paragraphs=(
            "Men of military age can be summoned through a telephone application from this week on, under a "
            "mobilisation law that parliament passed in the spring.",
            "At the recruitment office in the Left Bank district the queue did not grow shorter. Most of those who "
            "stood in it had come to ask whether the message on their telephone was real.",
            "It was not always. Police have opened eleven cases over forged summonses that asked for a payment.",
            "The ministry says that the application will not replace the paper summons for men who are older than "
            "fifty.",
        ),
    ),
    DemoStory(
        slug="yak-enerhetyky-povernuly-svitlo",
        title="У Зорянському енергетики повернули світло у 90 тисяч осель за одну зміну",
        minutes=60,
        authors=("Соломія Ткаченко",),
        section="ukrainian",
        tags=("Енергетика",),
        language="uk",
        caption="Ремонтна бригада біля підстанції. (Соломія Ткаченко)",
        paragraphs=(
            "Ремонтні бригади компанії «Лівобереженерго» відновили електропостачання для 90 тисяч осель лівого берега "
            "Зорянського, які залишилися без світла після нічного удару дронів по підстанції.",
            "«Ми мали запасний трансформатор на відстані сорока кілометрів, і це врятувало день», — сказала "
            "начальниця зміни Надія Гречко, якій довелося керувати роботами телефоном.",
            "Лікарні та водоканал працювали на генераторах. Трамваї повернулися на маршрути після дев’ятої ранку.",
            "Енергетична компанія просить мешканців не вмикати обігрівачі одночасно, доки мережа не стане стабільною.",
        ),
    ),
    DemoStory(
        slug="the-school-that-teaches-underground",
        title="The school that teaches in a metro station",
        minutes=2900,
        authors=("Iryna Bondar",),
        section="long-reads",
        tags=("Education",),
        lead="Four hundred children, nine classrooms, one platform that trains no longer use.",
        caption="Third-graders on platform two. (Iryna Bondar/The Dnipro Ledger)",
        paragraphs=(
            "The bell is a conductor's whistle. When it sounds, four hundred children come down an escalator that has "
            "not moved since the winter before last, and lessons begin.",
            "The partitions are made of theatre flats, and on the wall of the physics room there is still half a "
            "forest from a comedy. Nobody has asked to have it painted over.",
            "“They are louder than in the old building,” says the headmistress, “and they learn faster. I would like "
            "to know why, but I have no time to find out.”",
            "In the summer the pupils took their examinations between two air alerts. The average mark rose.",
            "What they miss is a window. The drawing teacher has hung an empty frame at the end of the platform, and "
            "each Friday a different class decides what can be seen through it.",
        ),
        restless=True,
    ),
    DemoStory(
        slug="cyber-attack-halts-rail-tickets",
        title="Cyber attack halts rail ticket sales for six hours",
        minutes=700,
        authors=("Danylo Petrenko", "Olha Marchenko"),
        section="technology",
        tags=("Cyber attacks", "Railways"),
        paragraphs=(
            "A cyber attack on the state railway's booking system stopped ticket sales for six hours on Sunday, but "
            "every train ran, the company said.",
            "Conductors sold seats on paper. In the evening the older ones showed the younger ones how to add up a "
            "column.",
            "Investigators found that the intruders had been inside the network for at least three weeks and had "
            "waited for the busiest day of the month. Schedules and payment data were not touched.",
            "The railway will keep a stock of printed tickets in each station from now on.",
        ),
    ),
    DemoStory(
        slug="foreign-fighters-brigade-opens-hospital-ward",
        title="Brigade of foreign fighters hands its field hospital to a town",
        minutes=440,
        authors=("Tomas Lindqvist",),
        section="war",
        tags=("Foreign fighters",),
        kind="walled",
        paragraphs=(
            "A brigade in which foreign fighters from thirty countries serve has given its field hospital to the town "
            "that sheltered it for two winters.",
            "The tents go with it, and so do an X-ray machine bought by subscription and a surgeon from Tampere who "
            "says that he has stopped looking at flights.",
            "The mayor signed for the inventory on the bonnet of an ambulance. The brigade itself moves east this "
            "week.",
            "There were speeches, all of them short, because the anaesthetist was needed.",
        ),
    ),
    DemoStory(
        slug="three-batteries-before-the-frost",
        title="Three more air defence batteries promised before the frost",
        minutes=5,
        since=2,
        authors=(DESK, "Coastline Wire"),
        section="news-feed",
        tags=("Air defence", "Arms deliveries"),
        paragraphs=(
            "Five governments will deliver three further air defence batteries and some two hundred interceptors to "
            "Ukraine before the end of the year, defence ministers said after a meeting in Aarhus on Monday.",
            "The first battery is already on a train, according to two officials who asked not to be named because "
            "the route is secret. The other two will follow when crews have finished their training in Denmark.",
            "Each battery protects an area of roughly the size of a large city. Ukraine has asked for ten.",
            "The ministers left open who will pay for the interceptors once the present stock is used up, a question "
            "that has delayed earlier arms deliveries by months.",
            "A joint statement named power stations and railway junctions as the first places to be covered.",
        ),
    ),
    DemoStory(
        slug="second-transfer-of-north-korean-troops-seen-at-border-station",
        title="Second transfer of North Korean troops seen at a border station",
        minutes=3,
        since=2,
        authors=("Marta Havryliuk",),
        section="news-feed",
        tags=("North Korea", "Kursk Oblast"),
        paragraphs=(
            "Railway workers at a station on the Russian border counted nine trains with North Korean soldiers in "
            "three nights, according to recordings that the Dnipro Ledger has heard.",
            "The trains were bound for Kursk Oblast. If each carried a battalion, the transfer that the president "
            "spoke of this morning is already larger than he said.",
            "Two of the workers said that field kitchens and mortars were deployed on open wagons. A third spoke of "
            "ambulances without markings.",
            "Officials in Seoul declined to comment. Military intelligence said that it does not discuss trains.",
        ),
    ),
)
