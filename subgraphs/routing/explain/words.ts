// The words of decisions in English and Chinese. Both languages say the same with the same numbers.
import { createError } from '../../../lib/errors/errors.ts';
import { toMajor } from '../minor-units.ts';
import type { CostKind, ExclusionReason, PlannedDecision, Stage } from '../model/types.ts';

export type Language = 'en' | 'zh';

/** The language of a locale such as en, en-GB, zh or zh-CN. */
export function readLanguage(locale: string): Language {
  const language = /^(en|zh)(-[A-Za-z0-9]{1,8})*$/.exec(locale)?.[1];
  if (language === 'en' || language === 'zh') return language;
  throw createError('BAD_USER_INPUT', `a decision is told in en and zh, got ${JSON.stringify(locale.slice(0, 40))}`);
}

type Because = NonNullable<PlannedDecision['unserved']>['because'];

export type Words = {
  readonly stage: Readonly<Record<Stage, string>>;
  readonly term: Readonly<Record<CostKind, string>>;
  readonly reason: Readonly<Record<ExclusionReason, string>>;
  readonly because: Readonly<Record<Because, string>>;
  readonly rival: string;
};

const english: Words = {
  stage: {
    FABRIC_PREP: 'Fabric preparation',
    CUTTING: 'Cutting',
    PRINTING: 'Printing',
    EMBROIDERY: 'Embroidery',
    SEWING: 'Sewing',
    FINISHING: 'Finishing',
    QC: 'Inspection',
    PACKING: 'Packing',
  },
  term: {
    EX_WORKS: 'price of the pieces',
    FREIGHT: 'carriage',
    DUTY: 'duty',
    SETUP: 'set-up for a new style',
    QUALITY_RISK: 'expected cost of defects',
    LATENESS: 'coming after the due day',
  },
  reason: {
    MAKER_NOT_ACTIVE: 'taking no work now',
    DECLINED_BEFORE: 'having declined this order before',
    CAPABILITY_MISSING: 'without a skill that it needs',
    CERTIFICATE_MISSING: 'without a certificate that it needs',
    QUALITY_UNDER_FLOOR: 'under the quality asked for',
    BELOW_MOQ: 'making only larger lots',
    NO_EXCHANGE_RATE: 'asking a price in a currency without an exchange rate',
    PRICE_OVER_CAP: 'asking more than may be paid',
    CAPACITY_SHORT: 'with too few free minutes',
    TOO_LATE: 'unable to deliver by the latest day',
    NOT_NEAR: 'dearer than those looked at',
  },
  because: {
    NO_CANDIDATE: 'no maker could take them',
    NO_MINUTES: 'the makers that could take them have no free minutes left in time',
    DEARER_THAN_NOT_SERVING: 'making them would cost more than not serving them',
    SHARE_CAP: 'their makers already have the largest share of the work that one maker may get',
    TIME_LIMIT: 'the time for planning was up',
  },
  rival: 'another maker',
};

const chinese: Words = {
  stage: {
    FABRIC_PREP: '面料准备',
    CUTTING: '裁剪',
    PRINTING: '印花',
    EMBROIDERY: '刺绣',
    SEWING: '缝制',
    FINISHING: '后整',
    QC: '质检',
    PACKING: '包装',
  },
  term: {
    EX_WORKS: '货款',
    FREIGHT: '运费',
    DUTY: '关税',
    SETUP: '换款费用',
    QUALITY_RISK: '预计次品损失',
    LATENESS: '晚于需求日的损失',
  },
  reason: {
    MAKER_NOT_ACTIVE: '目前不接单',
    DECLINED_BEFORE: '此前谢绝过这笔需求',
    CAPABILITY_MISSING: '缺少所需工艺',
    CERTIFICATE_MISSING: '缺少所需证书',
    QUALITY_UNDER_FLOOR: '质量未达要求',
    BELOW_MOQ: '起订量高于这笔数量',
    NO_EXCHANGE_RATE: '报价币种没有汇率',
    PRICE_OVER_CAP: '价格超过上限',
    CAPACITY_SHORT: '空闲工时不足',
    TOO_LATE: '赶不上最晚交期',
    NOT_NEAR: '成本高于入选比较的工厂',
  },
  because: {
    NO_CANDIDATE: '没有工厂可以承接',
    NO_MINUTES: '可以承接的工厂在交期内没有空闲工时',
    DEARER_THAN_NOT_SERVING: '生产的成本高于不供货的损失',
    SHARE_CAP: '可以承接的工厂已达到单家工厂的份额上限',
    TIME_LIMIT: '规划时间已用完',
  },
  rival: '另一家工厂',
};

export const WORDS: Readonly<Record<Language, Words>> = { en: english, zh: chinese };

/** Decimals that the cost of a piece is told with. */
export const PIECE_DIGITS = 4;

/** How one language writes numbers, money and days. */
export type Format = {
  readonly count: (value: number) => string;
  readonly money: (amountMinor: number) => string;
  /** The cost of one piece in major units, at most four decimals. */
  readonly piece: (amount: number) => string;
  /** A price of scarcity in major units with as many decimals as it needs, at most six. */
  readonly price: (amount: number) => string;
  readonly day: (day: string) => string;
};

const formats = new Map<string, Format>();

/** The format of a language for amounts of a currency. */
export function formatOf(language: Language, currency: string): Format {
  const key = `${language} ${currency}`;
  const known = formats.get(key) ?? createFormat(language, currency);
  formats.set(key, known);
  return known;
}

function createFormat(language: Language, currency: string): Format {
  const locale = language === 'en' ? 'en' : 'zh-CN';
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'code' });
  const piece = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'code',
    maximumFractionDigits: PIECE_DIGITS,
  });
  const price = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'code', maximumFractionDigits: 6 });
  const day = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', year: 'numeric', month: 'long', day: 'numeric' });
  // the space between code and amount must not break, which plain text need not know
  const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
  return {
    count: (value) => count.format(value),
    money: (amountMinor) => plain(money.format(toMajor(amountMinor, currency))),
    piece: (amount) => plain(piece.format(amount)),
    price: (amount) => plain(price.format(amount)),
    day: (text) => day.format(new Date(`${text}T00:00:00.000Z`)),
  };
}
