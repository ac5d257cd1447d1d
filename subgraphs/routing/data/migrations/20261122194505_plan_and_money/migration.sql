-- CreateTable
CREATE TABLE "Policy" (
    "version" TEXT NOT NULL,
    "weights" JSONB NOT NULL,
    "hhiLimit" DOUBLE PRECISION NOT NULL,
    "maxShareBps" INTEGER NOT NULL,
    "frozenDays" INTEGER NOT NULL,
    "unservedPenalty" DECIMAL(18,6) NOT NULL,
    "latenessPenalty" DECIMAL(18,6) NOT NULL,
    "candidateLimit" INTEGER NOT NULL,
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,
    "publishedHash" TEXT NOT NULL,

    CONSTRAINT "Policy_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "FeeSchedule" (
    "version" TEXT NOT NULL,
    "taxBps" INTEGER NOT NULL,
    "paymentFeeBps" INTEGER NOT NULL,
    "returnReserveBps" INTEGER NOT NULL,
    "returnWindowDays" INTEGER NOT NULL,
    "makerDepositBps" INTEGER NOT NULL,
    "hubFeeBps" INTEGER NOT NULL,
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FeeSchedule_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "FxRate" (
    "date" DATE NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    "rate" DECIMAL(24,12) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FxRate_pkey" PRIMARY KEY ("from","to","date")
);

-- CreateTable
CREATE TABLE "Run" (
    "runId" TEXT NOT NULL,
    "memberId" TEXT,
    "trigger" TEXT NOT NULL,
    "triggerRef" TEXT,
    "note" TEXT,
    "status" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "committedAt" TIMESTAMPTZ(3),
    "horizonFrom" DATE NOT NULL,
    "horizonTo" DATE NOT NULL,
    "frozenUntil" DATE NOT NULL,
    "objective" DECIMAL(24,6),
    "bound" DECIMAL(24,6),
    "gap" DOUBLE PRECISION,
    "currency" TEXT NOT NULL,
    "solveMs" INTEGER,
    "inputHash" TEXT,
    "policyVersion" TEXT NOT NULL,
    "seed" TEXT NOT NULL,
    "demandedPieces" INTEGER,
    "placedPieces" INTEGER,
    "unservedPieces" INTEGER,
    "changedLines" INTEGER,
    "nervousness" DOUBLE PRECISION,
    "fairness" JSONB,
    "problems" JSONB NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Run_pkey" PRIMARY KEY ("runId")
);

-- CreateTable
CREATE TABLE "RunInput" (
    "inputHash" TEXT NOT NULL,
    "input" BYTEA NOT NULL,
    "storedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RunInput_pkey" PRIMARY KEY ("inputHash")
);

-- CreateTable
CREATE TABLE "Allocation" (
    "allocationId" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    "decisionId" TEXT NOT NULL,
    "demandLineId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "campaignId" TEXT,
    "distributorGln" TEXT,
    "distributorMemberId" TEXT,
    "quantity" INTEGER NOT NULL,
    "unitPriceMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "originUnlocode" TEXT NOT NULL,
    "destinationUnlocode" TEXT NOT NULL,
    "promisedDate" DATE NOT NULL,
    "status" TEXT NOT NULL,
    "answerBy" TIMESTAMPTZ(3),
    "counterQuantity" INTEGER,
    "counterPriceMinor" BIGINT,
    "counterCurrency" TEXT,
    "counterDate" DATE,
    "counterAt" TIMESTAMPTZ(3),
    "declineReason" TEXT,
    "note" TEXT,
    "settlementId" TEXT,
    "receivedGood" INTEGER NOT NULL DEFAULT 0,
    "receivedDamaged" INTEGER NOT NULL DEFAULT 0,
    "proposedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Allocation_pkey" PRIMARY KEY ("allocationId")
);

-- CreateTable
CREATE TABLE "AllocationSlot" (
    "allocationId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "bucketId" TEXT NOT NULL,
    "minutes" INTEGER NOT NULL,
    "pieces" INTEGER NOT NULL,

    CONSTRAINT "AllocationSlot_pkey" PRIMARY KEY ("allocationId","position")
);

-- CreateTable
CREATE TABLE "PlanChange" (
    "allocationId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "runId" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "fromGln" TEXT,
    "fromQuantity" INTEGER,
    "fromPromisedDate" DATE,
    "fromStatus" TEXT,
    "toGln" TEXT NOT NULL,
    "toQuantity" INTEGER NOT NULL,
    "toPromisedDate" DATE NOT NULL,
    "toStatus" TEXT NOT NULL,

    CONSTRAINT "PlanChange_pkey" PRIMARY KEY ("allocationId","position")
);

-- CreateTable
CREATE TABLE "Decision" (
    "decisionId" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    "demandLineId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "wanted" INTEGER NOT NULL,
    "placed" INTEGER NOT NULL,
    "costMinor" BIGINT NOT NULL,
    "candidates" JSONB NOT NULL,
    "excluded" JSONB NOT NULL,
    "binding" JSONB NOT NULL,
    "facts" JSONB NOT NULL,
    "decidedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Decision_pkey" PRIMARY KEY ("decisionId")
);

-- CreateTable
CREATE TABLE "DecisionReader" (
    "decisionId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,

    CONSTRAINT "DecisionReader_pkey" PRIMARY KEY ("decisionId","memberId")
);

-- CreateTable
CREATE TABLE "ShadowPrice" (
    "priceId" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "bucketId" TEXT,
    "gln" TEXT,
    "memberId" TEXT,
    "demandLineId" TEXT,
    "styleId" TEXT,
    "stage" TEXT,
    "day" DATE,
    "price" DECIMAL(24,9) NOT NULL,
    "currency" TEXT NOT NULL,
    "per" TEXT NOT NULL,
    "validFrom" DECIMAL(24,6),
    "validTo" DECIMAL(24,6),
    "current" BOOLEAN NOT NULL,
    "asOf" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ShadowPrice_pkey" PRIMARY KEY ("priceId")
);

-- CreateTable
CREATE TABLE "Settlement" (
    "settlementId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "campaignId" TEXT,
    "demandLineId" TEXT,
    "status" TEXT NOT NULL,
    "statusBefore" TEXT,
    "feesVersion" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "receivedAt" TIMESTAMPTZ(3),
    "disputeNote" TEXT,
    "openedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Settlement_pkey" PRIMARY KEY ("settlementId")
);

-- CreateTable
CREATE TABLE "Split" (
    "settlementId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "basis" TEXT NOT NULL,
    "payeeKind" TEXT NOT NULL,
    "payeeId" TEXT NOT NULL,
    "payeeMemberId" TEXT NOT NULL,
    "shareBps" INTEGER,
    "amountMinor" BIGINT NOT NULL,
    "originalMinor" BIGINT,
    "originalCurrency" TEXT,
    "rate" DECIMAL(24,12),
    "rateDate" DATE,
    "releaseRule" TEXT NOT NULL,
    "releasedMinor" BIGINT NOT NULL DEFAULT 0,
    "releasedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Split_pkey" PRIMARY KEY ("settlementId","position")
);

-- CreateTable
CREATE TABLE "Freight" (
    "gsin" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "distributorGln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "amountMinor" BIGINT,
    "currency" TEXT,

    CONSTRAINT "Freight_pkey" PRIMARY KEY ("gsin")
);

-- CreateTable
CREATE TABLE "CashFlow" (
    "cashFlowId" TEXT NOT NULL,
    "settlementId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "campaignId" TEXT,
    "creatorId" TEXT,
    "mcnId" TEXT,
    "kind" TEXT NOT NULL,
    "direction" TEXT NOT NULL,
    "amountMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "originalMinor" BIGINT,
    "originalCurrency" TEXT,
    "rate" DECIMAL(24,12),
    "rateDate" DATE,
    "partyKind" TEXT NOT NULL,
    "partyId" TEXT NOT NULL,
    "partyMemberId" TEXT NOT NULL,
    "due" DATE NOT NULL,
    "at" TIMESTAMPTZ(3),
    "documentId" TEXT,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CashFlow_pkey" PRIMARY KEY ("cashFlowId")
);

-- CreateTable
CREATE TABLE "LedgerEntry" (
    "entryId" BIGSERIAL NOT NULL,
    "postingId" TEXT NOT NULL,
    "settlementId" TEXT NOT NULL,
    "cashFlowId" TEXT,
    "account" TEXT NOT NULL,
    "memberId" TEXT,
    "amountMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LedgerEntry_pkey" PRIMARY KEY ("entryId")
);

-- CreateTable
CREATE TABLE "CashPool" (
    "positionId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,

    CONSTRAINT "CashPool_pkey" PRIMARY KEY ("positionId")
);

-- CreateTable
CREATE TABLE "MakerCopy" (
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "country" TEXT NOT NULL,
    "enteredAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "MakerCopy_pkey" PRIMARY KEY ("gln")
);

-- CreateTable
CREATE TABLE "CreatorCopy" (
    "creatorId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "mcnId" TEXT,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CreatorCopy_pkey" PRIMARY KEY ("creatorId")
);

-- CreateTable
CREATE TABLE "McnCopy" (
    "mcnId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "takeRateBps" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "McnCopy_pkey" PRIMARY KEY ("mcnId")
);

-- CreateTable
CREATE TABLE "CampaignCopy" (
    "campaignId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "creatorId" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "cpsRateBps" INTEGER NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3),
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CampaignCopy_pkey" PRIMARY KEY ("campaignId")
);

-- CreateTable
CREATE TABLE "DemandCopy" (
    "demandLineId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT,
    "styleId" TEXT NOT NULL,
    "campaignId" TEXT,
    "kind" TEXT,
    "quantity" INTEGER NOT NULL,
    "dueDate" DATE,
    "latestDate" DATE,
    "status" TEXT NOT NULL,
    "submittedAt" TIMESTAMPTZ(3),
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DemandCopy_pkey" PRIMARY KEY ("demandLineId")
);

-- CreateTable
CREATE TABLE "CapacityFact" (
    "bucketId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "actualMinutes" INTEGER NOT NULL,
    "committedMinutes" INTEGER NOT NULL,
    "heldMinutes" INTEGER NOT NULL,
    "efficiencyBps" INTEGER NOT NULL,
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,
    "bookedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CapacityFact_pkey" PRIMARY KEY ("bucketId")
);

-- CreateTable
CREATE TABLE "WorkFact" (
    "styleId" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "smv" DECIMAL(12,4) NOT NULL,

    CONSTRAINT "WorkFact_pkey" PRIMARY KEY ("styleId","stage")
);

-- CreateTable
CREATE TABLE "LotFact" (
    "lotId" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "plannedQty" INTEGER NOT NULL,
    "goodQty" INTEGER NOT NULL,
    "scrapQty" INTEGER NOT NULL,
    "createdAt" TIMESTAMPTZ(3),
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LotFact_pkey" PRIMARY KEY ("lotId")
);

-- CreateTable
CREATE TABLE "LotStageFact" (
    "lotId" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "qtyOut" INTEGER NOT NULL,
    "scrap" INTEGER NOT NULL,
    "startedAt" TIMESTAMPTZ(3),
    "completedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LotStageFact_pkey" PRIMARY KEY ("lotId","stage")
);

-- CreateTable
CREATE TABLE "ReceiptFact" (
    "gsin" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "distributorGln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "good" INTEGER NOT NULL,
    "damaged" INTEGER NOT NULL,
    "onTime" BOOLEAN NOT NULL,
    "documentsMatch" BOOLEAN NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ReceiptFact_pkey" PRIMARY KEY ("gsin")
);

-- CreateTable
CREATE TABLE "SaleFact" (
    "styleId" TEXT NOT NULL,
    "campaignId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "currency" TEXT NOT NULL,
    "piecesSold" INTEGER NOT NULL,
    "piecesReturned" INTEGER NOT NULL,
    "gmvMinor" BIGINT NOT NULL,

    CONSTRAINT "SaleFact_pkey" PRIMARY KEY ("styleId","campaignId","memberId","day","currency")
);

-- CreateIndex
CREATE INDEX "Policy_publishedAt_version_idx" ON "Policy"("publishedAt" DESC, "version");

-- CreateIndex
CREATE INDEX "FeeSchedule_publishedAt_version_idx" ON "FeeSchedule"("publishedAt" DESC, "version");

-- CreateIndex
CREATE INDEX "Run_startedAt_runId_idx" ON "Run"("startedAt" DESC, "runId" DESC);

-- CreateIndex
CREATE INDEX "Run_status_idx" ON "Run"("status");

-- CreateIndex
CREATE INDEX "Run_committedAt_idx" ON "Run"("committedAt");

-- CreateIndex
CREATE INDEX "Allocation_proposedAt_allocationId_idx" ON "Allocation"("proposedAt" DESC, "allocationId" DESC);

-- CreateIndex
CREATE INDEX "Allocation_demandLineId_quantity_allocationId_idx" ON "Allocation"("demandLineId", "quantity" DESC, "allocationId");

-- CreateIndex
CREATE INDEX "Allocation_runId_idx" ON "Allocation"("runId");

-- CreateIndex
CREATE INDEX "Allocation_gln_proposedAt_allocationId_idx" ON "Allocation"("gln", "proposedAt" DESC, "allocationId" DESC);

-- CreateIndex
CREATE INDEX "Allocation_distributorGln_proposedAt_allocationId_idx" ON "Allocation"("distributorGln", "proposedAt" DESC, "allocationId" DESC);

-- CreateIndex
CREATE INDEX "Allocation_settlementId_idx" ON "Allocation"("settlementId");

-- CreateIndex
CREATE INDEX "Allocation_status_idx" ON "Allocation"("status");

-- CreateIndex
CREATE INDEX "AllocationSlot_bucketId_idx" ON "AllocationSlot"("bucketId");

-- CreateIndex
CREATE INDEX "Decision_runId_costMinor_decisionId_idx" ON "Decision"("runId", "costMinor" DESC, "decisionId");

-- CreateIndex
CREATE INDEX "Decision_demandLineId_decidedAt_idx" ON "Decision"("demandLineId", "decidedAt" DESC);

-- CreateIndex
CREATE INDEX "Decision_decidedAt_decisionId_idx" ON "Decision"("decidedAt" DESC, "decisionId" DESC);

-- CreateIndex
CREATE INDEX "DecisionReader_memberId_idx" ON "DecisionReader"("memberId");

-- CreateIndex
CREATE INDEX "ShadowPrice_runId_price_priceId_idx" ON "ShadowPrice"("runId", "price" DESC, "priceId");

-- CreateIndex
CREATE INDEX "ShadowPrice_bucketId_current_idx" ON "ShadowPrice"("bucketId", "current");

-- CreateIndex
CREATE INDEX "ShadowPrice_current_day_idx" ON "ShadowPrice"("current", "day");

-- CreateIndex
CREATE UNIQUE INDEX "Settlement_campaignId_key" ON "Settlement"("campaignId");

-- CreateIndex
CREATE UNIQUE INDEX "Settlement_demandLineId_key" ON "Settlement"("demandLineId");

-- CreateIndex
CREATE INDEX "Settlement_openedAt_settlementId_idx" ON "Settlement"("openedAt" DESC, "settlementId" DESC);

-- CreateIndex
CREATE INDEX "Settlement_memberId_idx" ON "Settlement"("memberId");

-- CreateIndex
CREATE INDEX "Split_payeeMemberId_idx" ON "Split"("payeeMemberId");

-- CreateIndex
CREATE INDEX "Freight_allocationId_idx" ON "Freight"("allocationId");

-- CreateIndex
CREATE INDEX "CashFlow_settlementId_due_cashFlowId_idx" ON "CashFlow"("settlementId", "due", "cashFlowId");

-- CreateIndex
CREATE INDEX "CashFlow_campaignId_idx" ON "CashFlow"("campaignId");

-- CreateIndex
CREATE INDEX "CashFlow_creatorId_idx" ON "CashFlow"("creatorId");

-- CreateIndex
CREATE INDEX "CashFlow_mcnId_idx" ON "CashFlow"("mcnId");

-- CreateIndex
CREATE INDEX "CashFlow_partyMemberId_idx" ON "CashFlow"("partyMemberId");

-- CreateIndex
CREATE INDEX "LedgerEntry_settlementId_idx" ON "LedgerEntry"("settlementId");

-- CreateIndex
CREATE INDEX "LedgerEntry_postingId_idx" ON "LedgerEntry"("postingId");

-- CreateIndex
CREATE UNIQUE INDEX "CashPool_kind_subjectId_key" ON "CashPool"("kind", "subjectId");

-- CreateIndex
CREATE INDEX "CreatorCopy_mcnId_idx" ON "CreatorCopy"("mcnId");

-- CreateIndex
CREATE INDEX "CampaignCopy_creatorId_idx" ON "CampaignCopy"("creatorId");

-- CreateIndex
CREATE INDEX "DemandCopy_styleId_dueDate_idx" ON "DemandCopy"("styleId", "dueDate");

-- CreateIndex
CREATE INDEX "DemandCopy_dueDate_idx" ON "DemandCopy"("dueDate");

-- CreateIndex
CREATE INDEX "CapacityFact_day_stage_idx" ON "CapacityFact"("day", "stage");

-- CreateIndex
CREATE INDEX "LotFact_allocationId_idx" ON "LotFact"("allocationId");

-- CreateIndex
CREATE INDEX "LotStageFact_completedAt_idx" ON "LotStageFact"("completedAt");

-- CreateIndex
CREATE INDEX "ReceiptFact_allocationId_idx" ON "ReceiptFact"("allocationId");

-- CreateIndex
CREATE INDEX "ReceiptFact_receivedAt_idx" ON "ReceiptFact"("receivedAt");
