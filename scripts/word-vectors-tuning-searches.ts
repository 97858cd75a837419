/**
 * Searches on which the weights of reranking were chosen. Written for this project; those that judge are
 * in test/fixtures/searches.json, and only the tests read them.
 */
export interface SearchDocument {
  readonly text: string;
  /** Each should find this document among all of them. */
  readonly searches: readonly string[];
}

/** Some 110 words each; the last two say nothing, in the words that questions are made of. */
export const LONG_DOCUMENTS: readonly SearchDocument[] = [
  {
    text: "For most of history a ship that came home at night had to guess where the land began. People lit fires on hills, and later built towers so that the light could be seen from further out. What changed everything was the lens that Augustin Fresnel designed in the 1820s: rings of glass that bent the rays of one lamp into a single beam, which sailors could see from thirty kilometres away. A keeper lived in the tower with his family, trimmed the wick every few hours and wound the clockwork that turned the lamp. Since the 1980s almost all of them have been replaced by timers and sensors, and what is left to do can be done in an afternoon once a year.",
    searches: [
      "Who invented the lens that made lighthouses so much brighter?",
      "What did a lighthouse keeper have to do all night?",
      "lighthouse automation",
    ],
  },
  {
    text: "You do not need to buy yeast to bake good bread; there is enough of it on the flour and in the air. Stir equal parts of flour and water in a jar, leave it in a warm place, and every day throw half of it away and feed it again. After a week it should smell sour and double in size within a few hours, and then it is ready to raise a loaf. If it smells of nail varnish it is hungry, so feed it more often. If there is a grey liquid on top you can pour it off. Kept in the fridge it will be happy with one meal a week.",
    searches: [
      "How do I make a sourdough starter?",
      "My starter smells strange, what should I do about it?",
      "wild yeast flour water jar",
    ],
  },
  {
    text: "The French tried first, in the 1880s, and gave up after nine years and more than twenty thousand deaths, most of them from yellow fever and malaria. When the Americans took over in 1904 they began with the mosquitoes: swamps were drained, windows got screens, and oil was poured on standing water. They also gave up the idea of a channel at the level of the sea. Instead they dammed a river to make a lake twenty-six metres up, and built locks like stairs on both sides, so that ships are lifted up from one ocean and let down into the other. It opened in August 1914, in the same month as the war.",
    searches: [
      "Why did so many workers die when they built the Panama Canal?",
      "How do ships get across the hills between the two oceans?",
      "canal locks lake 1914",
    ],
  },
  {
    text: "When a forager has found a good meadow she flies home and tells the others where it is. On the comb, in the dark, she runs in a straight line and shakes her body, then circles back and runs again. The angle of the run to the vertical is the angle to keep to the sun, and how long she waggles is how far one has to fly: about a second for each kilometre. The others follow her with their antennae and then leave in the right direction. Karl von Frisch worked this out in the 1940s, and many did not believe him until small radar transmitters proved that he had been right.",
    searches: [
      "How do bees tell each other where the flowers are?",
      "Who was the first to understand the dance of the bees?",
      "waggle dance",
    ],
  },
  {
    text: "When you borrow to buy a home, the house itself is what the bank can take if you do not pay. The less you borrow compared with its value, the lower the rate they will offer you, which is why it pays to have a fifth of the price saved up. With a fixed rate you know what you will have to pay every month, for ten years or for thirty; with a variable one it may be cheaper now and dearer later. In the first years most of what you pay is interest, and only a little goes to the debt itself. Ask what it costs to pay back early, because you may want to sell.",
    searches: [
      "Should I take a fixed or a variable rate when I buy a house?",
      "How much money do I need to have saved before I can get a mortgage?",
      "repay home loan early",
    ],
  },
  {
    text: "If the signal is weak in one room only, it is not the provider's fault. Put the router in the middle of the flat, high up and in the open, because metal, water and thick walls swallow radio waves; a fish tank or a fridge is enough. The 5 GHz band is fast but does not go far, and the 2.4 GHz band goes through walls but shares the air with microwaves and with all of your neighbours. If you have a large house, use a mesh of two or three boxes, best of all joined by a cable. And before you do any of that, turn it off, wait for ten seconds and turn it on again.",
    searches: [
      "Why is the wifi so slow in my bedroom?",
      "Where is the best place for the router to stand?",
      "mesh 5 GHz range",
    ],
  },
  {
    text: "It is while we are asleep that the day is sorted. In deep sleep the hippocampus plays back what has happened, some twenty times faster, and the cortex keeps what seems to matter. People who learn a list of words in the evening and sleep on it remember more of it than those who learn it in the morning and are tested after as many hours awake. Dreams come later in the night, and seem to take the sting out of what upset us. To stay up all night before an exam is about the worst thing that a student can do, since what was read is never filed away.",
    searches: [
      "Does it help to sleep after you have learned something?",
      "Is it a good idea to stay up all night before an exam?",
      "memory consolidation hippocampus",
    ],
  },
  {
    text: "My fellow citizens, there is not a family in this town that does not know someone who had to leave because the rent was more than they could pay. We have talked about it for long enough. Tonight I ask this council to let us build: homes of four floors along every tram line, and on the land where the barracks were. I ask that one flat in three be let at a price that a nurse or a bus driver can pay. There will be those who say that it will spoil the view. I say to them that a city where the young cannot live is not worth looking at.",
    searches: [
      "What does the mayor want to do about high rents?",
      "Why do people have to move away from the town?",
      "affordable housing",
    ],
  },
  {
    text: "Mr. President, I come from a state where we grow more wheat than we could ever eat, and where one farm in ten was sold last year to pay the bank. We are told that the market will take care of it. But the market did not plant the trees that stopped the dust, and it did not bring electric light to the prairie; we did that, together, because we believed that those who feed a nation should not go hungry themselves. I ask the Senate to keep the price at which the government buys what is left over, and to lend to young people who want to take over their parents' land.",
    searches: [
      "Why should the government help farmers?",
      "What happened to the farms that were in debt?",
      "wheat price support senate",
    ],
  },
  {
    text: "You should not run your first one before you have run regularly for a year. Most plans take sixteen weeks and have three or four runs in each of them: one long and slow, one at the speed you want to race at, and the rest easy. Add no more than a tenth a week, and in every fourth week do less. The longest run should be about thirty kilometres, three weeks before the day; after that you rest more and more. Eat and drink in training what you will eat and drink in the race. Whatever happens, do not wear new shoes on the day, and do not start too fast.",
    searches: [
      "How many weeks do I need to train for a marathon?",
      "What should I not do on the day of the race?",
      "longest training run distance",
    ],
  },
  {
    text: "In January 1915 the Endurance was caught in the ice of the Weddell Sea, a day's sail from where she was to land. For ten months she drifted with it, until it crushed her. The men camped on the floes, ate the dogs and the seals, and when the ice broke up took to three small boats and reached Elephant Island, where nobody would ever look for them. With five others Shackleton sailed on, thirteen hundred kilometres across the worst sea in the world, to South Georgia, and then climbed over its mountains to the whaling station. Four months later he came back for the rest. All of them were alive.",
    searches: [
      "What happened to Shackleton's ship?",
      "How did the men get home after they lost their ship in the ice?",
      "Antarctic expedition rescue",
    ],
  },
  {
    text: "We want to be able to drive from one coast to the other without a single light that turns red. Our roads were made for carts; they go through the middle of every town, they kill forty thousand of us each year, and when an army had to cross the country on them in 1919 it took sixty-two days. I therefore ask the Congress to pay for ninety per cent of a system of forty thousand miles of highways, with a tax on gasoline that goes to nothing else. It will cost more than anything that we have built before, and it will have been paid for by those who use it.",
    searches: [
      "Who is going to pay for the new highways?",
      "Why do we need better roads in this country?",
      "gasoline tax",
    ],
  },
  {
    text: "You can send back anything that you bought from us within thirty days of the day it came, as long as it has not been used and the label is still on it. Log in, choose the order, and print the label; you can hand the parcel in at any post office. We will pay for the postage if the fault is ours. The money will be with you five working days after the parcel is with us, in the way in which you paid. Gift cards, underwear and what was made to measure cannot be returned. If something was broken when it came, write to us on the same day and send a photo.",
    searches: [
      "How long do I have to return something that I do not like?",
      "When will I get my money back?",
      "damaged on delivery",
    ],
  },
  {
    text: "We have come a long way, and we have a long way to go. There are those who will tell you that it cannot be done, that it should not be done, or that it is not for us to do it. I say that we can, that we should, and that we will, because that is who we are and that is what we have always done. So let us go forward together, and let us do what we know is right, not for what we can get but for what we can give, and not for ourselves but for those who will come after us and ask us why we did what we did, and what it was that we were for.",
    searches: [],
  },
  {
    text: "What is it, and why should you want to know? How do you get to it, and what do you do when you are there? These are the things that we are asked most of all, and so we have put them here in one place, where anyone can find them. If there is something that you do not see here, do not be afraid to ask us; there is no such thing as a wrong question. You can write to us or call, or come to see us when we are open. Someone will be there for you, and will help you to find what you need and to get where you want to go.",
    searches: [],
  },
];

/** A sentence each. */
export const SHORT_DOCUMENTS: readonly SearchDocument[] = [
  {
    text: "Take the wheel off, find the hole in the inner tube, roughen the rubber and glue a patch on it.",
    searches: ["How do I fix a flat tyre on my bike?", "bicycle puncture repair"],
  },
  {
    text: "Citizens of most European states may stay in Japan for ninety days without a visa for tourism.",
    searches: ["Do I need a visa to go to Japan?", "visa requirements Japan"],
  },
  {
    text: "Direct trains link Vienna and Prague every two hours; the journey takes about four hours.",
    searches: ["How long does it take to get from Vienna to Prague?", "train from Vienna to Prague"],
  },
  {
    text: "Fever, a dry cough, headache and sore muscles are common signs of influenza.",
    searches: ["How do I know if I have the flu?", "symptoms of flu"],
  },
  {
    text: "Painkillers taken early, rest in a dark room and avoiding triggers help most people with migraine.",
    searches: ["What can I do about a migraine?", "treatment of migraine"],
  },
  {
    text: "When a container crashes again and again, look at its logs and at the memory limit of the pod.",
    searches: ["Why does my pod keep restarting?", "kubernetes pod keeps restarting"],
  },
  {
    text: "Use EXPLAIN to see the plan, and add an index on the columns that the query filters by.",
    searches: ["What can I do when a database query is too slow?", "postgres slow query"],
  },
  {
    text: "A comprehension builds a list from a loop in a single expression, with an optional condition.",
    searches: ["python list comprehension"],
  },
  {
    text: "Middlemarch is a novel by George Eliot, set in a provincial English town.",
    searches: ["who wrote Middlemarch", "What is the book Middlemarch about?"],
  },
  {
    text: "Ulaanbaatar is the largest city of Mongolia and the seat of its government.",
    searches: ["What is the capital of Mongolia?", "capital of Mongolia"],
  },
  {
    text: "On average the Moon is 384,000 kilometres away from the Earth.",
    searches: ["How far away is the moon?", "distance from earth to moon"],
  },
  {
    text: "A vaccine shows the immune system a harmless part of a germ, so that it can make antibodies.",
    searches: ["how do vaccines work", "What does a vaccine do in my body?"],
  },
  {
    text: "The central bank expects consumer prices to rise by two percent next year.",
    searches: ["inflation forecast", "Will things be more expensive next year?"],
  },
  {
    text: "From January employers must pay at least thirteen euros an hour.",
    searches: ["minimum wage increase", "How much do I have to pay the people who work for me?"],
  },
  {
    text: "Layer sheets of pasta with spinach, ricotta and tomato sauce, and bake for half an hour.",
    searches: ["vegetarian lasagne", "How do you make a lasagne without meat?"],
  },
  {
    text: "Young cats need several small meals a day of food made for their age.",
    searches: ["feeding a kitten", "How often should I feed my kitten?"],
  },
  {
    text: "Tomatoes in pots want sun, shelter from rain and plenty of water.",
    searches: ["grow tomatoes on a balcony", "Can I grow tomatoes if I do not have a garden?"],
  },
  {
    text: "Sand the wood, let it dry and brush on two coats of weatherproof paint.",
    searches: ["paint a wooden fence", "How should I paint the fence?"],
  },
  {
    text: "Employees may take up to twelve months off after the birth of a child.",
    searches: ["parental leave policy", "How long can I stay at home with my baby?"],
  },
  {
    text: "Hand in receipts for travel costs by the fifth of the following month.",
    searches: ["expense report deadline", "By when do I have to hand in what I paid on my trip?"],
  },
  {
    text: "Ngozi Okonkwo leads the support team and can be reached by phone on weekdays.",
    searches: ["Okonkwo contact", "Who do I call when I need support?"],
  },
  {
    text: "Per Lindqvist leads the design team and can be reached by phone on weekdays.",
    searches: ["Lindqvist contact", "Who is in charge of design?"],
  },
  {
    text: "You may end your subscription at any time in the billing settings.",
    searches: ["cancel my plan", "How do I stop paying for this every month?"],
  },
  {
    text: "The headphones play for thirty hours on one charge with noise cancelling switched on.",
    searches: [
      "noise cancelling headphones battery",
      "How long do the headphones last before I have to charge them?",
    ],
  },
  {
    text: "Error 4012: the file could not be read because another program has it open.",
    searches: ["What does error 4012 mean?", "E4012 file in use"],
  },
  {
    text: "Error 2210: the licence has expired and has to be renewed by an administrator.",
    searches: ["Who can renew the licence when it has expired?", "error 2210"],
  },
];
