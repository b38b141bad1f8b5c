/** A small handbook of an invented parcel service; ids are what a ranking lists. */
export const CORPUS: readonly { readonly id: string; readonly title: string; readonly text: string }[] = [
  [
    "returns-start",
    "Sending something back",
    "Open the order, choose the items and print the label. Returns are free for thirty days after delivery.",
  ],
  [
    "returns-money",
    "When the money arrives",
    "We pay refunds within five working days after the parcel reached our warehouse, to the card you paid with.",
  ],
  [
    "returns-gift",
    "Presents",
    "Whoever received a gift can send it back for a voucher. The buyer is not told.",
  ],
  [
    "returns-late",
    "After thirty days",
    "Goods with a fault are taken back for two years. Other late returns need the consent of support.",
  ],
  [
    "damage",
    "Broken on arrival",
    "Take photos of the box and of the damaged item on the day it comes, and send them to support. Keep the packaging.",
  ],
  [
    "lost",
    "Missing parcels",
    "A parcel counts as lost when tracking has not moved for seven days. We then send a replacement or refund the price.",
  ],
  [
    "track",
    "Following a parcel",
    "The tracking page shows each scan. It can lag by a day, and shows nothing before the first depot.",
  ],
  [
    "address",
    "Changing the address",
    "The delivery address can be changed until the parcel has left the warehouse, in the order's details.",
  ],
  [
    "pickup",
    "Pick-up points",
    "Parcels can be sent to a shop near you. Bring an identity card; they are kept for ten days.",
  ],
  [
    "neighbour",
    "Delivery to a neighbour",
    "If nobody is at home, the courier may leave the parcel next door. You can forbid this in your profile.",
  ],
  [
    "express",
    "Express delivery",
    "Orders before noon arrive the next working day. It costs nine euros and is not offered for bulky goods.",
  ],
  [
    "bulky",
    "Furniture and large items",
    "A forwarder calls to agree on a day. Two people carry it to the room of your choice.",
  ],
  [
    "abroad",
    "Shipping to other countries",
    "We deliver to all countries of the European Union, and to Norway and Switzerland with customs papers.",
  ],
  [
    "customs",
    "Duties and customs",
    "Outside the European Union the receiver pays import duty to the courier before the handover.",
  ],
  ["fees", "Postage", "Orders from fifty euros are shipped free. Below that postage is four euros ninety."],
  [
    "pay-card",
    "Paying by card",
    "We take credit and debit cards. The amount is reserved at once and taken when the parcel leaves.",
  ],
  [
    "pay-invoice",
    "Paying by invoice",
    "Known customers may pay within fourteen days after delivery. The bill comes by e-mail.",
  ],
  [
    "pay-late",
    "Overdue bills",
    "After fourteen days we send a reminder without a fee, after a second reminder five euros are added.",
  ],
  [
    "pay-fail",
    "A payment was declined",
    "Ask your bank, try another card, or choose invoice. The order is kept for two days.",
  ],
  [
    "voucher",
    "Vouchers and codes",
    "One code for each order. A voucher's rest stays on your account; it cannot be paid out in cash.",
  ],
  [
    "price",
    "Price changes",
    "The price at the time of ordering holds. If it falls within a week, support credits the difference.",
  ],
  [
    "login",
    "Trouble signing in",
    "Reset the password with the link on the sign-in page. After five wrong tries the account is locked for an hour.",
  ],
  [
    "two-step",
    "Two-step verification",
    "A code from an app is asked for at sign-in. Ten recovery codes help if the phone is lost.",
  ],
  [
    "email",
    "New e-mail address",
    "Change it in the profile and confirm the message sent to the new address within a day.",
  ],
  [
    "delete",
    "Closing the account",
    "All personal data is erased within thirty days. Invoices are kept for ten years, as the law asks.",
  ],
  [
    "data",
    "What we know about you",
    "Download all data of your account as one archive in the privacy settings.",
  ],
  ["newsletter", "Newsletter", "Every issue has a link to unsubscribe. It takes effect at once."],
  [
    "warranty",
    "Guarantee and repair",
    "Devices are repaired for two years. Send them with the receipt; a repair takes about three weeks.",
  ],
  ["spare", "Spare parts", "Screws, feet and shelves can be ordered by the number in the manual."],
  ["manual", "Instructions", "Manuals of all products are on their pages as files to print."],
  [
    "cancel",
    "Cancelling an order",
    "Orders can be cancelled until they are packed. After that refuse the parcel or send it back.",
  ],
  [
    "change",
    "Adding to an order",
    "Nothing can be added once an order is placed. A second order is shipped in the same box if it comes within the hour.",
  ],
  [
    "stock",
    "Out of stock",
    "Leave your address on the product's page and we write when it is available again.",
  ],
  [
    "business",
    "Customers with a company",
    "Companies order with their tax number, without value-added tax across borders.",
  ],
  [
    "complaint",
    "Complaints",
    "Write to support first. If that does not help, the ombudsman of the trade decides within six weeks.",
  ],
  [
    "phone",
    "Calling us",
    "The telephone is answered from eight to six on weekdays. The chat is open until ten at night.",
  ],
].map(([id = "", title = "", text = ""]) => ({ id, title, text }));
