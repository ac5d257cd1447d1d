-- CreateTable
CREATE TABLE "Maker" (
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "sourceKey" TEXT,
    "osId" TEXT,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "country" TEXT NOT NULL,
    "province" TEXT,
    "county" TEXT,
    "address" TEXT NOT NULL,
    "lat" DOUBLE PRECISION,
    "lng" DOUBLE PRECISION,
    "unlocode" TEXT,
    "supplierGroup" TEXT,
    "lineWorkers" INTEGER,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Maker_pkey" PRIMARY KEY ("gln")
);

-- CreateTable
CREATE TABLE "Capability" (
    "gln" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "tag" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "evidence" TEXT,

    CONSTRAINT "Capability_pkey" PRIMARY KEY ("gln","position")
);

-- CreateTable
CREATE TABLE "MakerTerm" (
    "gln" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "category" TEXT,
    "moq" INTEGER NOT NULL,
    "acceptsShortLots" BOOLEAN NOT NULL,
    "leadTimeDays" INTEGER NOT NULL,
    "minutePrice" DECIMAL(18,9) NOT NULL,
    "currency" TEXT NOT NULL,
    "setupCostMinor" BIGINT NOT NULL,

    CONSTRAINT "MakerTerm_pkey" PRIMARY KEY ("gln","position")
);

-- CreateTable
CREATE TABLE "CapacityBucket" (
    "bucketId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "actualMinutes" INTEGER NOT NULL,
    "maximumMinutes" INTEGER NOT NULL,
    "committedMinutes" INTEGER NOT NULL,
    "heldMinutes" INTEGER NOT NULL,
    "efficiencyBps" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CapacityBucket_pkey" PRIMARY KEY ("bucketId")
);

-- CreateTable
CREATE TABLE "MakerQuote" (
    "quoteId" TEXT NOT NULL,
    "demandLineId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "unitPriceMinor" BIGINT NOT NULL,
    "setupCostMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "minQty" INTEGER NOT NULL,
    "earliestFinish" DATE NOT NULL,
    "validUntil" TIMESTAMPTZ(3) NOT NULL,
    "givenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "MakerQuote_pkey" PRIMARY KEY ("quoteId")
);

-- CreateTable
CREATE TABLE "StyleWork" (
    "styleId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "smvTotal" DECIMAL(12,4) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StyleWork_pkey" PRIMARY KEY ("styleId")
);

-- CreateTable
CREATE TABLE "Operation" (
    "styleId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "smv" DECIMAL(12,4) NOT NULL,
    "capability" TEXT NOT NULL,

    CONSTRAINT "Operation_pkey" PRIMARY KEY ("styleId","position")
);

-- CreateTable
CREATE TABLE "Inspection" (
    "inspectionId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "pieces" INTEGER NOT NULL,
    "firstPassPieces" INTEGER NOT NULL,
    "rejected" BOOLEAN NOT NULL,
    "onTime" BOOLEAN NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Inspection_pkey" PRIMARY KEY ("inspectionId")
);

-- CreateTable
CREATE TABLE "Quality" (
    "gln" TEXT NOT NULL,
    "lots" INTEGER NOT NULL,
    "pieces" BIGINT NOT NULL,
    "firstPassPieces" BIGINT NOT NULL,
    "rejectedLots" INTEGER NOT NULL,
    "onTimeLots" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Quality_pkey" PRIMARY KEY ("gln")
);

-- CreateTable
CREATE TABLE "StyleCopy" (
    "styleId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "category" TEXT,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StyleCopy_pkey" PRIMARY KEY ("styleId")
);

-- CreateTable
CREATE TABLE "DemandCopy" (
    "demandLineId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "dueDate" DATE,
    "latestDate" DATE,
    "status" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DemandCopy_pkey" PRIMARY KEY ("demandLineId")
);

-- CreateTable
CREATE TABLE "Outbox" (
    "position" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "event" JSONB NOT NULL,

    CONSTRAINT "Outbox_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "Inbox" (
    "eventId" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Inbox_pkey" PRIMARY KEY ("eventId")
);

-- CreateTable
CREATE TABLE "Idempotency" (
    "memberId" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "inputHash" TEXT NOT NULL,
    "answer" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Idempotency_pkey" PRIMARY KEY ("memberId","mutation","key")
);

-- CreateTable
CREATE TABLE "FeedPosition" (
    "topic" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "FeedPosition_pkey" PRIMARY KEY ("topic")
);

-- CreateIndex
CREATE UNIQUE INDEX "Maker_sourceKey_key" ON "Maker"("sourceKey");

-- CreateIndex
CREATE INDEX "Maker_name_gln_idx" ON "Maker"("name", "gln");

-- CreateIndex
CREATE INDEX "Maker_country_province_county_idx" ON "Maker"("country", "province", "county");

-- CreateIndex
CREATE INDEX "Maker_memberId_idx" ON "Maker"("memberId");

-- CreateIndex
CREATE INDEX "Capability_tag_gln_idx" ON "Capability"("tag", "gln");

-- CreateIndex
CREATE INDEX "Capability_stage_gln_idx" ON "Capability"("stage", "gln");

-- CreateIndex
CREATE INDEX "CapacityBucket_gln_day_idx" ON "CapacityBucket"("gln", "day");

-- CreateIndex
CREATE INDEX "CapacityBucket_day_gln_idx" ON "CapacityBucket"("day", "gln");

-- CreateIndex
CREATE UNIQUE INDEX "CapacityBucket_gln_stage_day_key" ON "CapacityBucket"("gln", "stage", "day");

-- CreateIndex
CREATE INDEX "MakerQuote_demandLineId_gln_givenAt_idx" ON "MakerQuote"("demandLineId", "gln", "givenAt");

-- CreateIndex
CREATE INDEX "MakerQuote_gln_idx" ON "MakerQuote"("gln");

-- CreateIndex
CREATE INDEX "Inspection_gln_day_idx" ON "Inspection"("gln", "day");

-- CreateIndex
CREATE UNIQUE INDEX "Outbox_id_key" ON "Outbox"("id");

-- CreateIndex
CREATE INDEX "Inbox_at_idx" ON "Inbox"("at");

-- CreateIndex
CREATE INDEX "Idempotency_at_idx" ON "Idempotency"("at");
