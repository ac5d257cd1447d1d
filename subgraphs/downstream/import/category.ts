// Which kind of product a description names; the first rule that fits counts.
import type { StyleCategory } from '../data/rows.ts';

const rules: readonly (readonly [RegExp, StyleCategory])[] = [
  [/\b(BAGS?|PURSES?|BACKPACK|RUCKSACK|WASHBAG|SHOPPER|TOTE|HANDBAG|BEAUTY CASE)\b/, 'BAG'],
  [
    /\b(CUSHIONS?|TOWELS?|THROW|QUILT|DOIL(E)?Y|DOILIES|DOORSTOP|BLANKET|CURTAIN|TABLECLOTH|NAPKINS?|BUNTING|BOTTLE|OVEN|MATS?|RUG|DUVET|PILLOW)\b/,
    'HOME_TEXTILE',
  ],
  [/\b(SCARF|GLOVES?|APRONS?|SLIPPERS?|SHOES|HAT|SOCKS?|TIE|BELT|SHAWL|SLEEPING)\b/, 'ACCESSORY'],
  [/\b(T-?SHIRT)\b/, 'T_SHIRT'],
  [/\b(DRESS|TUTU)\b/, 'DRESS'],
  [/\b(SKIRT)\b/, 'SKIRT'],
  [/\b(PONCHO|RAINCOAT|COAT|JACKET)\b/, 'JACKET'],
];

export const toCategory = (description: string): StyleCategory =>
  rules.find(([words]) => words.test(description.toUpperCase()))?.[1] ?? 'OTHER';
