// Words the generator makes names and places from. None of them is a real company.

export type Town = {
  readonly province: string;
  readonly county: string;
  readonly unlocode: string;
  readonly lat: number;
  readonly lng: number;
};

export const towns: readonly Town[] = [
  { province: 'Zhejiang', county: 'Xiaoshan', unlocode: 'CNHGH', lat: 30.17, lng: 120.26 },
  { province: 'Zhejiang', county: 'Keqiao', unlocode: 'CNSXG', lat: 30.08, lng: 120.49 },
  { province: 'Jiangsu', county: 'Changshu', unlocode: 'CNCGU', lat: 31.65, lng: 120.74 },
  { province: 'Guangdong', county: 'Panyu', unlocode: 'CNPNY', lat: 22.94, lng: 113.36 },
  { province: 'Guangdong', county: 'Humen', unlocode: 'CNHMN', lat: 22.82, lng: 113.67 },
  { province: 'Fujian', county: 'Shishi', unlocode: 'CNSHS', lat: 24.73, lng: 118.65 },
  { province: 'Shandong', county: 'Jimo', unlocode: 'CNTAO', lat: 36.39, lng: 120.45 },
  { province: 'Hubei', county: 'Hanchuan', unlocode: 'CNWUH', lat: 30.65, lng: 113.84 },
];

export const makerWords = [
  'Blue Heron',
  'Ninth Needle',
  'Long River',
  'Quiet Loom',
  'Red Lantern',
  'East Gate',
  'Silver Thimble',
  'Two Bridges',
  'White Crane',
  'Paper Kite',
  'Jade Spool',
  'Morning Bell',
];
export const makerKinds = ['Garment Works', 'Knitwear', 'Sewing House', 'Apparel Workshop'];
export const distributorWords = ['Harbour Nine', 'Swift Ox', 'Green Ferry', 'Copper Road', 'North Pier', 'Open Sky'];
export const mcnWords = ['Lotus Stage', 'Bright Channel', 'Hundred Voices', 'Tide Studio'];
export const creatorNames = [
  'Aning',
  'Bao Bao Mama',
  'Chen Daily',
  'Dada Wears',
  'Erya',
  'Fanfan Fits',
  'Gaga Zhou',
  'Hui at Home',
  'Ivy Lin',
  'Jiejie Picks',
  'Kelly Sews',
  'Lulu Petite',
  'Momo Runs',
  'Nian Nian',
  'Orange Xu',
  'Pipi Tall',
  'Qiqi Office',
  'Rourou',
  'Susu Retro',
  'Tangtang',
  'Uncle Wu',
  'Vivi Shao',
  'Wawa Yoga',
  'Xiao Mei',
  'Yaya Denim',
  'Zizi Linen',
];
export const brandWords = [
  'Plain Day',
  'Slow Cotton',
  'Half Moon',
  'Cloud Nine Studio',
  'Little Field',
  'Daily Bread Wear',
  'Second Skin',
  'Paper Plane',
];
export const colours = ['white', 'black', 'navy', 'sage', 'oat', 'rust'];
export const adjectives = ['Washed', 'Cropped', 'Boxy', 'Ribbed', 'Pleated', 'Airy', 'Quilted', 'Striped', 'Soft', 'Double-layer'];

export type Kind = {
  readonly category: string;
  readonly noun: string;
  readonly tag: string;
  readonly hsCode: string;
  readonly grams: number;
  readonly sewingMinutes: number;
  readonly priceYuan: number;
  readonly sizes: readonly string[];
};

const letters = ['XS', 'S', 'M', 'L', 'XL'];
const one = ['One size'];

/** Kinds of product with what is usual for them: sewing minutes, packed weight and price are rough trade figures. */
export const kinds: readonly Kind[] = [
  { category: 'T_SHIRT', noun: 'Tee', tag: 'KNIT_OVERLOCK', hsCode: '610910', grams: 180, sewingMinutes: 6, priceYuan: 79, sizes: letters },
  {
    category: 'SHIRT',
    noun: 'Shirt',
    tag: 'WOVEN_LOCKSTITCH',
    hsCode: '620630',
    grams: 240,
    sewingMinutes: 18,
    priceYuan: 159,
    sizes: letters,
  },
  {
    category: 'SWEATER',
    noun: 'Cardigan',
    tag: 'KNIT_LINKING',
    hsCode: '611030',
    grams: 380,
    sewingMinutes: 16,
    priceYuan: 219,
    sizes: letters,
  },
  {
    category: 'JACKET',
    noun: 'Jacket',
    tag: 'WOVEN_TAILORING',
    hsCode: '620433',
    grams: 720,
    sewingMinutes: 42,
    priceYuan: 399,
    sizes: letters,
  },
  {
    category: 'DRESS',
    noun: 'Dress',
    tag: 'WOVEN_LOCKSTITCH',
    hsCode: '620442',
    grams: 330,
    sewingMinutes: 26,
    priceYuan: 239,
    sizes: letters,
  },
  {
    category: 'SKIRT',
    noun: 'Skirt',
    tag: 'WOVEN_LOCKSTITCH',
    hsCode: '620452',
    grams: 260,
    sewingMinutes: 14,
    priceYuan: 139,
    sizes: letters,
  },
  {
    category: 'TROUSERS',
    noun: 'Jeans',
    tag: 'DENIM_HEAVY',
    hsCode: '620462',
    grams: 560,
    sewingMinutes: 22,
    priceYuan: 199,
    sizes: letters,
  },
  {
    category: 'SPORTSWEAR',
    noun: 'Leggings',
    tag: 'KNIT_COVERSTITCH',
    hsCode: '611430',
    grams: 210,
    sewingMinutes: 9,
    priceYuan: 129,
    sizes: letters,
  },
  {
    category: 'UNDERWEAR',
    noun: 'Pyjama set',
    tag: 'LINGERIE_FINE',
    hsCode: '610831',
    grams: 300,
    sewingMinutes: 15,
    priceYuan: 149,
    sizes: letters,
  },
  { category: 'BAG', noun: 'Tote', tag: 'HEM_STRAIGHT', hsCode: '420222', grams: 310, sewingMinutes: 8, priceYuan: 69, sizes: one },
  {
    category: 'HOME_TEXTILE',
    noun: 'Apron',
    tag: 'HEM_STRAIGHT',
    hsCode: '630790',
    grams: 160,
    sewingMinutes: 5,
    priceYuan: 49,
    sizes: one,
  },
  {
    category: 'ACCESSORY',
    noun: 'Bucket hat',
    tag: 'HEM_STRAIGHT',
    hsCode: '650500',
    grams: 90,
    sewingMinutes: 7,
    priceYuan: 59,
    sizes: one,
  },
];

export const certificates = ['OEKO-TEX Standard 100', 'BSCI audit', 'ISO 9001', 'GRS'];
