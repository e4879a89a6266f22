"""Lantern Review: an invented weekly with an old-fashioned site; no feed, no sitemap, no metadata, `story.php?id=`."""

from __future__ import annotations

from schedules.demo.content.story import DemoStory

STORIES = (
    DemoStory(
        slug="1041",
        title="The border village where the clocks disagree",
        minutes=1440,
        authors=("Stanisław Wrona",),
        section="reportage",
        lead="On one side of the lane it is noon, on the other it is one o'clock, and the priest keeps both.",
        paragraphs=(
            "The lane is four metres wide and the frontier runs down the middle of it, between a bakery that opens at "
            "six and a school that begins, by the same sun, at eight.",
            "For thirty years it made no difference. Then came the fence, the camera and the soldier, who is nineteen "
            "and is given bread by both sides.",
            "“I look at my watch and I look at the border, and I believe neither of them,” says the baker.",
            "Since the spring the aid lorries queue here through the night. The drivers set their alarms by the "
            "church.",
            "On Sunday the priest will ring for a wedding. The bride is from the other side, where she will be an "
            "hour late.",
        ),
    ),
    DemoStory(
        slug="1042",
        title="Volunteers who went to fight, and what their mothers heard",
        minutes=2600,
        authors=("Helena Sobczak", "Piotr Maj"),
        section="reportage",
        paragraphs=(
            "Eleven young men from one district left to join foreign fighters at the front. Seven of their mothers "
            "met in a library to compare what they had heard.",
            "Four had heard Canada. One had heard nothing, and had found the boots gone.",
            "Recruiters paid for the buses, the women learned, and a company that sells garden sheds paid the "
            "recruiters.",
            "Casualties are not announced to families without a contract number. The mothers now keep a register of "
            "their own, on the cards that the library used before it had a computer.",
            "Two names on it carry a small cross. Beside the others stands the date of the last message.",
        ),
    ),
    DemoStory(
        slug="1043",
        title="قافلة مساعدات تصل إلى القرى الشرقية بعد إصلاح الجسر",
        minutes=1100,
        authors=("ليلى حداد",),
        section="arabic",
        language="ar",
        paragraphs=(
            "وصلت قافلة من ستين شاحنة تحمل الدقيق والمواقد والأنسولين إلى القرى الواقعة شرق النهر، بعدما انتهى "
            "المهندسون من إصلاح الجسر ليلة السبت.",
            "وقالت منظمات الإغاثة إنها أكبر قافلة تصل إلى الضفة الشرقية منذ الفيضان، وإن نحو ثمانية عشر ألف شخص "
            "يعيشون هناك من دون صيدلية.",
            "عبرت الشاحنات الجسر واحدة تلو الأخرى وبسرعة المشاة، ووصل آخر السائقين إلى المستودع بعد حلول الظلام.",
            "ومن المقرر أن تتبعها قافلة ثانية يوم الخميس إذا لم يرتفع منسوب المياه.",
        ),
    ),
    DemoStory(
        slug="1044",
        title="A ferryman, a ceasefire and eleven goats",
        minutes=4000,
        authors=("Stanisław Wrona",),
        section="letters",
        paragraphs=(
            "The ceasefire on our stretch of the river lasts from four until six, and it was made by the ferryman, "
            "who was not asked to.",
            "He crosses at four with medicine and returns at half past five with goats. Both shores hold their fire, "
            "because both shores have somebody who needs the one or the other.",
            "An officer came to ask who had authorised it. He was given cheese.",
            "I asked the ferryman what would happen if a third party opened fire. He said that the goats belong to a "
            "third party, and that this was the point of the goats.",
        ),
    ),
    DemoStory(
        slug="1045",
        title="How a provincial hospital learned to work without light",
        minutes=200,
        authors=("Helena Sobczak",),
        section="reportage",
        lead="The surgeons practise in the dark on Tuesdays.",
        paragraphs=(
            "When a strike takes the grid away, the generator of the hospital needs eleven seconds to start. The "
            "surgeons have learned to do nothing at all for eleven seconds.",
            "They practise on Tuesdays. Somebody pulls the switch without warning, and everyone counts under their "
            "breath.",
            "The pharmacy has moved its insulin to a cellar that stays cold by itself. The architect who dug it in "
            "1911 meant it for beer.",
            "“What we are short of is not energy,” the head nurse says. “It is batteries for the lamps, and sleep.”",
        ),
        restless=True,
    ),
    DemoStory(
        slug="1046",
        title="The cartographer of the minefields",
        minutes=6,
        since=2,
        authors=("Piotr Maj",),
        section="reportage",
        paragraphs=(
            "She draws by hand, because the program that the ministry sent her prints the safe paths in the same "
            "green as the woods.",
            "Each evening farmers bring her what they have seen from their tractors, and each morning the engineers "
            "collect a sheet on which some of the red has turned to pencil.",
            "In four years nobody has been hurt on a path that she drew. She keeps the number to herself, she says, "
            "since it is only ever one day old.",
            "When the ceasefire talks began in Geneva, she ordered more pencils.",
        ),
    ),
)
