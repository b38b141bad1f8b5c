/** The words that example tickets are made of; `{slot}` stands for one entry of `slots`. Invented, about nobody. */

export const slots: Readonly<Record<string, readonly string[]>> = {
  item: ['headphones', 'kettle', 'jacket', 'lamp', 'backpack', 'keyboard', 'chair', 'blender', 'tent', 'watch', 'camera', 'rug'],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  month: ['January', 'March', 'April', 'June', 'August', 'October'],
  amount: ['12 euros', '19 dollars', '30 pounds', '45 euros', '60 dollars', '99 pounds', '240 euros'],
  device: ['phone', 'tablet', 'laptop', 'old computer', 'work machine', 'browser'],
  page: ['dashboard', 'search page', 'reports page', 'settings page', 'map view', 'calendar'],
  plan: ['team plan', 'starter plan', 'yearly plan', 'family plan', 'school plan'],
  person: ['my manager', 'a colleague', 'my sister', 'our intern', 'my partner', 'the new hire'],
  city: ['Lyon', 'Porto', 'Leeds', 'Graz', 'Turin', 'Oslo', 'Gdansk', 'Austin'],
  count: ['two', 'three', 'four', 'five', 'ten', 'a dozen', 'twenty'],
};

export const openings: readonly string[] = [
  'Hello,', 'Hi there,', 'Hi team,', 'Good morning,', 'Dear support,', 'Hey,', 'Good evening,', 'Hello again,',
]; // prettier-ignore

/** What each queue is about. */
export const issues = {
  billing: [
    'I was charged {amount} twice in {month}.', 'The invoice for {month} shows {amount} too much.', 'My card was billed {amount} for the {plan}.',
    'There is a payment of {amount} I do not recognise on my invoice.', 'Please send the {month} invoice with our tax number.',
    "The {month} bill doesn't match the price of the {plan}.", 'A discount is missing from the invoice of {amount}.', 'The payment for the {plan} was charged on {day}, not {day}.',
  ],
  login: [
    "I can't log in on my {device} since {day}.", 'The password reset mail never arrives, I tried on {day} and {day}.', 'My password is rejected on the {device}.',
    'The login code comes too late on my {device}.', '{person} forgot the password and is locked out.', 'Signing in on the {device} just loops back to the login form.',
    "It says wrong password on my {device} although it's right.", "{person} can't sign in from {city}.",
  ],
  delivery: [
    'The parcel with the {item} has not arrived in {city}.', 'Tracking of the {item} has been stuck since {day}.', 'The courier left my {item} parcel in {city} instead.',
    'My {item} shipment was due on {day}.', 'Only {count} of the parcels reached {city}.', "The courier couldn't find our address in {city}.",
    'Where is the shipment of {count} {item} boxes?', 'Please ship the {item} parcel to {city} by {day}.',
  ],
  returns: [
    'I want to return the {item} and get a refund.', 'The {item} I bought on {day} is broken, please exchange it.', 'How do I send back {count} of them? The {item} is too small.',
    'The return label for the {item} is missing.', 'I sent the {item} back on {day} but have no refund of {amount}.', 'The {item} has the wrong colour, I would like to exchange it.',
    'Can I still return a {item} bought in {month}?', 'The refund for the {item} is {amount} short.',
  ],
  technical: [
    'The {page} crashes on my {device}.', 'The app shows an error when I open the {page}.', 'The {page} stays blank since the update on {day}.',
    'Export from the {page} stops after {count} rows with an error.', 'The app is very slow on my {device} since {day}.', "The {page} doesn't load for {person}.",
    'After the update the app freezes on the {page}.', 'An error code appears on the {page} {count} times a day.',
  ],
  account: [
    'Please change the name on my profile to that of {person}.', 'I want to close my profile at the end of {month}.', 'How can I merge {count} profiles into one?',
    'Please update the address in our profile, we moved to {city}.', 'I need to delete the profile of {person}.', "My new mail address isn't saved in my profile.",
    'Can I change the language of my profile on the {device}?', 'Please move the profile of {person} to the {city} group.',
  ],
  security: [
    'Someone from {city} used my access on {day}.', 'I got a phishing mail about my {item}.', 'A stranger in {city} seems to have hacked us.', 'My {device} with your app on it was stolen in {city}.',
    'I see {count} unknown devices in the list, maybe hacked.', 'A suspicious mail asks {person} for our keys.', 'I think our key was leaked on {day}.', 'Someone shared a leaked file of {person} in {city}.',
  ],
  sales: [
    'What does the {plan} cost for {count} people?', 'We would like a quote for {count} seats.', 'Can we try the {plan} before we buy in {month}?',
    'I want to upgrade to the {plan} with {person}.', 'Do you offer a demo for a team in {city}?', 'Is there a discount if we buy {count} seats?',
    'Please send an offer for the {plan} by {day}.', 'Which plan do you recommend for {count} offices in {city}?',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>; // prettier-ignore

/** How urgent it is; the only thing that tells the priority. */
export const cues = {
  high: [
    'This is urgent.', 'We need it today.', 'Please hurry, we are blocked.', 'Our customers are waiting right now.', 'This is an emergency.', 'It must be fixed immediately.',
  ],
  normal: [
    'There is no rush.', 'Whenever you have time.', 'It can wait until next week.', 'Just asking, take your time.', 'It is only a small thing.', 'Low priority for us.',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>; // prettier-ignore

/** Sentences that say nothing about queue or urgency; they make some tickets long. */
export const asides: readonly string[] = [
  'I have been with you since {month} and was happy so far.', 'I already read the help pages with {person} and found nothing about it.',
  'The same happened to {person} in {city} on {day}, by the way.', 'I wrote about it on {day} but got only an automatic reply.',
  'My number is on file, and {person} knows the details as well.', 'We are a small office of {count} people in {city}.',
  'Thank you for the friendly help I got in {month} on my {device}.', 'If you need anything more from {person}, just write back.',
]; // prettier-ignore

export const closings: readonly string[] = ['Thanks!', 'Thank you.', 'Best regards', 'Cheers', 'Many thanks', 'Kind regards from {city}'];
