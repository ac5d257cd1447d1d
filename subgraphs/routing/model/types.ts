// What the model of routing reads and what it answers. Plain JSON data: it is stored, hashed and solved again from what was stored.
//
// This list is closed: a term that stands nowhere here cannot move a decision. No fee, price of a place or level of membership is in it.
// Amounts are in major units of `currency`, days are calendar days YYYY-MM-DD in the zone of the hub, minutes are standard minutes
// unless said otherwise.

export type Stage = 'FABRIC_PREP' | 'CUTTING' | 'PRINTING' | 'EMBROIDERY' | 'SEWING' | 'FINISHING' | 'QC' | 'PACKING';

/** Terms of cost that the model knows, in the order in which they are shown. */
export type CostKind = 'EX_WORKS' | 'FREIGHT' | 'DUTY' | 'SETUP' | 'QUALITY_RISK' | 'LATENESS';

/** Why a maker was not considered for a line, in the order in which they are tested; a maker counts under the first that holds. */
export type ExclusionReason =
  | 'MAKER_NOT_ACTIVE'
  | 'DECLINED_BEFORE'
  | 'CAPABILITY_MISSING'
  | 'CERTIFICATE_MISSING'
  | 'QUALITY_UNDER_FLOOR'
  | 'BELOW_MOQ'
  | 'NO_EXCHANGE_RATE'
  | 'PRICE_OVER_CAP'
  | 'CAPACITY_SHORT'
  | 'TOO_LATE'
  | 'NOT_NEAR';

/** One demand line that is open, or the part of it that is. */
export type InputLine = {
  readonly id: string;
  readonly memberId: string;
  readonly origin: string;
  readonly styleId: string;
  readonly styleName: string;
  readonly campaignId: string | null;
  /** Pieces still to place. */
  readonly quantity: number;
  readonly dueDay: string;
  readonly latestDay: string;
  readonly shipTo: string;
  readonly requiredCapabilities: readonly string[];
  readonly requiredCertificates: readonly string[];
  readonly qualityFloorBps: number | null;
  /** Most that may be paid per piece ex works; null: no cap. */
  readonly priceCap: number | null;
  /** Margin lost with a piece that is not served. */
  readonly margin: number;
  /** Work on one piece by stage, in standard minutes; each stage once, with the tags of its operations. */
  readonly work: readonly { readonly stage: Stage; readonly minutes: number; readonly tags: readonly string[] }[];
  readonly category: string;
  readonly unitWeightGrams: number | null;
  readonly hsCode: string | null;
  /** Makers (GLN) that declined this line. */
  readonly declinedBy: readonly string[];
  /** What makers bound themselves to for this line. */
  readonly bids: readonly Bid[];
};

/** A binding quote or a counter-offer: it takes the place of the published terms. */
export type Bid = {
  readonly kind: 'QUOTE' | 'COUNTER';
  readonly id: string;
  readonly gln: string;
  /** Price of one piece ex works. */
  readonly unitPrice: number;
  readonly setupCost: number;
  /** Smallest lot; null: any. */
  readonly minQuantity: number | null;
  /** Most pieces; null: any. */
  readonly maxQuantity: number | null;
  /** First day the goods can leave (QUOTE) or the day at the destination (COUNTER). */
  readonly day: string;
};

export type InputTerm = {
  /** Kind of product; null: all others. */
  readonly category: string | null;
  readonly moq: number;
  readonly acceptsShortLots: boolean;
  /** Price of one standard minute; null: its currency has no exchange rate. */
  readonly minutePrice: number | null;
  readonly setupCost: number | null;
};

export type InputMaker = {
  readonly gln: string;
  readonly memberId: string;
  readonly name: string;
  readonly status: string;
  readonly country: string;
  /** Place the goods start from; null when unknown. */
  readonly unlocode: string | null;
  /** Days since it was entered, for the share of new makers. */
  readonly daysKnown: number;
  readonly capabilities: readonly string[];
  readonly certificates: readonly string[];
  /** 0 (worst) to 1 (best); null before the first lot. */
  readonly qualityScore: number | null;
  readonly terms: readonly InputTerm[];
};

export type InputBucket = {
  readonly id: string;
  readonly gln: string;
  readonly stage: Stage;
  readonly day: string;
  /** Minutes of work that are free (whole number); a standard minute takes 10,000 / efficiencyBps of them. */
  readonly freeMinutes: number;
  readonly efficiencyBps: number;
};

/** Carriage between two places by the cheapest tariff. */
export type InputLane = {
  readonly origin: string;
  readonly destination: string;
  readonly transitDays: number;
  /** Fixed amount of one consignment. */
  readonly perConsignment: number;
  readonly perKilogram: number;
  readonly perPiece: number;
};

export type InputPolicy = {
  readonly version: string;
  readonly hash: string;
  /** Weight of each cost term; 1 is neutral. */
  readonly weights: Readonly<Record<CostKind, number>>;
  readonly hhiLimit: number;
  readonly maxShareBps: number;
  readonly frozenDays: number;
  readonly unservedPenalty: number;
  readonly latenessPenalty: number;
  readonly candidateLimit: number;
};

export type RoutingInput = {
  readonly version: 1;
  readonly currency: string;
  readonly horizonFrom: string;
  readonly horizonTo: string;
  readonly policy: InputPolicy;
  readonly lines: readonly InputLine[];
  readonly makers: readonly InputMaker[];
  readonly buckets: readonly InputBucket[];
  readonly lanes: readonly InputLane[];
};

// ---- The answer ----

export type PlanStatus = 'OPTIMAL' | 'FEASIBLE' | 'TIME_LIMIT';

export type PlannedSlot = {
  readonly stage: Stage;
  readonly day: string;
  readonly bucketId: string;
  /** Minutes of the bucket (whole number); the slots of a bucket never add up to more than it had. */
  readonly minutes: number;
  readonly pieces: number;
};

export type PlannedAllocation = {
  readonly lineId: string;
  readonly gln: string;
  readonly quantity: number;
  /** Price of one piece ex works, its part of the set-up of a short lot included. */
  readonly unitPrice: number;
  /** Place the goods start from. */
  readonly origin: string;
  /** Day at the destination of the last of the pieces. */
  readonly promisedDay: string;
  readonly slots: readonly PlannedSlot[];
  /** Bid that was taken; null: by published terms. */
  readonly bidId: string | null;
};

export type PlannedCandidate = {
  readonly gln: string;
  /** Pieces given to it; 0 when not chosen. */
  readonly quantity: number;
  /** Cost of the pieces it was given; of all pieces of the line when it was not chosen. The sum of `terms`. */
  readonly totalCost: number;
  /** What one piece would have to fall by to be chosen at the prices of scarcity; 0 when chosen. */
  readonly reducedCost: number;
  readonly terms: readonly { readonly kind: CostKind; readonly amount: number }[];
};

export type PlannedDecision = {
  readonly lineId: string;
  readonly outcome: 'ALLOCATED' | 'PARTIAL' | 'REFUSED';
  readonly placed: number;
  /** Cheapest first, at most the candidate limit of the policy plus those chosen. */
  readonly candidates: readonly PlannedCandidate[];
  /** All other makers under one reason each; with the candidates they are all makers of the input. */
  readonly excluded: readonly { readonly reason: ExclusionReason; readonly makers: number; readonly examples: readonly string[] }[];
  /** Places in `prices` of the limits that made it dearer, dearest first. */
  readonly binding: readonly number[];
  /** Why pieces were not placed; null when all were. */
  readonly unserved: {
    readonly pieces: number;
    readonly because: 'NO_CANDIDATE' | 'NO_MINUTES' | 'DEARER_THAN_NOT_SERVING' | 'SHARE_CAP' | 'TIME_LIMIT';
  } | null;
};

export type PlannedPrice = {
  readonly kind: 'DEMAND' | 'CAPACITY' | 'SHARE_CAP';
  /** Set for DEMAND. */
  readonly lineId: string | null;
  /** Set for CAPACITY. */
  readonly bucketId: string | null;
  /** Set for CAPACITY and SHARE_CAP. */
  readonly gln: string | null;
  /** CAPACITY and SHARE_CAP: cost saved by one more minute; DEMAND: cost of one more piece. Never below zero for the first two. */
  readonly price: number;
  /** Amounts of the limit between which the price was seen to hold; null: not known. */
  readonly validFrom: number | null;
  readonly validTo: number | null;
};

export type Fairness = {
  readonly hhi: number;
  readonly hhiNormalised: number;
  readonly hhiLimit: number;
  readonly largestShareBps: number;
  readonly gini: number;
  readonly newMakerShareBps: number;
};

export type RoutingPlan = {
  readonly status: PlanStatus;
  /** Cost of the plan in whole pieces. */
  readonly objective: number;
  /** No plan can cost less. */
  readonly bound: number;
  /** (objective - bound) / objective; 0 when both are 0. */
  readonly gap: number;
  readonly solveMs: number;
  readonly demandedPieces: number;
  readonly placedPieces: number;
  readonly unservedPieces: number;
  readonly allocations: readonly PlannedAllocation[];
  readonly decisions: readonly PlannedDecision[];
  /** Dearest first; only those above zero. */
  readonly prices: readonly PlannedPrice[];
  readonly fairness: Fairness;
};

/** `seed` draws ties and is no part of the input; `limitMs` bounds the time of solving. */
export type SolveOptions = { readonly seed: string; readonly limitMs: number };
