/** The words that example tickets are made of; `{slot}` stands for one entry of `slots`. Invented, about nobody. */

export const slots: Readonly<Record<string, readonly string[]>> = {
  item: [
    "headphones",
    "kettle",
    "jacket",
    "lamp",
    "backpack",
    "keyboard",
    "chair",
    "blender",
    "tent",
    "watch",
    "camera",
    "rug",
  ],
  day: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  month: ["January", "March", "April", "June", "August", "October"],
  amount: ["12 euros", "19 dollars", "30 pounds", "45 euros", "60 dollars", "99 pounds", "240 euros"],
  device: ["phone", "tablet", "laptop", "old computer", "work machine", "browser"],
  page: ["dashboard", "search page", "reports page", "settings page", "map view", "calendar"],
  plan: ["team plan", "starter plan", "yearly plan", "family plan", "school plan"],
  person: ["my manager", "a colleague", "my sister", "our intern", "my partner", "the new hire"],
  city: ["Lyon", "Porto", "Leeds", "Graz", "Turin", "Oslo", "Gdansk", "Austin"],
  count: ["two", "three", "four", "five", "ten", "a dozen", "twenty"],
};

export const openings: readonly string[] = [
  'Hello,', 'Hi there,', 'Hi team,', 'Good morning,', 'Dear support,', 'Hey,', 'Good evening,', 'Hello again,',
]; // prettier-ignore

/** What each queue is about. */
export const issues = {
  billing: [
    'I was charged {amount} twice in {month}.', 'The invoice for {month} shows {amount} too much.', 'My card was charged {amount} for the {plan}.',
    'There is an invoice of {amount} I do not recognise.', 'Please send the {month} invoice with our tax number.', "The {month} invoice doesn't match the {plan}.",
    'A voucher is missing from the invoice of {amount}.', 'The {plan} was charged on {day}, not {day}.',
  ],
  login: [
    "I can't log in on my {device} since {day}.", 'The password mail never arrives, I tried on {day} and {day}.', 'My password is rejected on the {device}.',
    "{person} can't log in from {city}.", '{person} forgot the password.', 'The {device} says wrong password since {day}.',
    "The new password doesn't work on my {device}.", 'I want to log in on my {device} but the form comes back.',
  ],
  delivery: [
    'The parcel with the {item} has not arrived in {city}.', 'Tracking of the {item} parcel has been stuck since {day}.', 'The courier left my {item} in {city} instead.',
    'My {item} parcel was due on {day}.', 'Only {count} of the parcels reached {city}.', "The courier couldn't find our door in {city}.",
    'Where is the parcel with {count} {item} boxes?', 'When does the courier bring the {item} to {city}?',
  ],
  returns: [
    'I want to return the {item} and get a refund.', 'I would like to return the {item} I got on {day}.', 'How do I return {count} of them? The {item} is too small.',
    'The return label for the {item} is missing.', 'I sent the {item} back on {day} but have no refund of {amount}.', 'The {item} has the wrong colour, I would like a refund.',
    'Can I still return a {item} from {month}?', 'The refund for the {item} is {amount} short.',
  ],
  technical: [
    'The {page} shows an error on my {device}.', 'The app gives an error when I open the {page}.', 'The {page} crashes since the update on {day}.',
    'Export from the {page} stops after {count} rows with an error.', 'The app crashes on my {device} since {day}.', 'The {page} crashes for {person}.',
    'After the update the {page} crashes.', 'There is an error on the {page} {count} times a day.',
  ],
  account: [
    'Please change the name on my profile to that of {person}.', 'I want to close my profile at the end of {month}.', 'How can I merge {count} profiles into one?',
    'Please update the address in our profile, we moved to {city}.', 'I need to delete the profile of {person}.', "My new mail address isn't saved in my profile.",
    'Can I change the language of my profile on the {device}?', 'Please move the profile of {person} to the {city} group.',
  ],
  security: [
    'Someone from {city} hacked us on {day}.', 'I got a phishing mail about my {item}.', 'A stranger in {city} seems to have hacked us.', 'A phishing mail came from {city} on {day}.',
    'I see {count} unknown devices, maybe I was hacked.', 'A phishing mail asks {person} for our keys.', 'I think my {device} was hacked on {day}.', '{person} clicked on {count} phishing mails.',
  ],
  sales: [
    'We would like a quote for the {plan} with {count} people.', 'We would like a quote for {count} seats.', 'Can we try the {plan} before we buy it in {month}?',
    'I want to buy the {plan} with {person}.', 'Can we get a quote for a team in {city}?', 'Is it cheaper if we buy {count} seats?',
    'Please send a quote for the {plan} by {day}.', 'Which plan should we buy for {count} offices in {city}?',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>; // prettier-ignore

/** How urgent it is, the only thing that tells the priority; said directly, or only implied. */
export const cues = {
  high: {
    direct: [
      "This is urgent.",
      "Urgent, please.",
      "It is very urgent for us.",
      "This is an emergency.",
      "For us it is an emergency.",
    ],
    implied: ["We need it today.", "Please answer today.", "It has to be today.", "Today would be good."],
  },
  normal: {
    direct: [
      "Next week is fine.",
      "It can wait until next week.",
      "Maybe next week.",
      "Take your time.",
      "Whenever you have time.",
    ],
    implied: ["There is no rush.", "No rush at all.", "Please do not rush.", "Nobody is in a rush here."],
  },
} as const satisfies Readonly<
  Record<string, { readonly direct: readonly string[]; readonly implied: readonly string[] }>
>;

/** Sentences that say nothing about queue or urgency; they make some tickets long. */
export const asides: readonly string[] = [
  'I have been with you since {month} and was happy so far.', 'I already read the help pages with {person} and found nothing about it.',
  'The same happened to {person} in {city} on {day}, by the way.', 'I wrote about it on {day} but got only an automatic reply.',
  'My number is on file, and {person} knows the details as well.', 'We are a small office of {count} people in {city}.',
  'Thank you for the friendly help I got in {month} on my {device}.', 'If you need anything more from {person}, just write back.',
]; // prettier-ignore

export const closings: readonly string[] = [
  "Thanks!",
  "Thank you.",
  "Best regards",
  "Cheers",
  "Many thanks",
  "Kind regards from {city}",
];
