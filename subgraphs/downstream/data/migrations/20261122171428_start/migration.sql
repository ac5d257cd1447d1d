-- CreateEnum
CREATE TYPE "DataOrigin" AS ENUM ('REPORTED', 'IMPORTED', 'GENERATED');

-- CreateEnum
CREATE TYPE "CreatorTier" AS ENUM ('KOL', 'KOC', 'AMATEUR');

-- CreateEnum
CREATE TYPE "StyleCategory" AS ENUM ('T_SHIRT', 'SHIRT', 'SWEATER', 'JACKET', 'DRESS', 'SKIRT', 'TROUSERS', 'SPORTSWEAR', 'UNDERWEAR', 'BAG', 'HOME_TEXTILE', 'ACCESSORY', 'OTHER');

-- CreateEnum
CREATE TYPE "StyleLife" AS ENUM ('PROPOSED', 'SAMPLED', 'TEST_BATCH', 'REORDER', 'CORE', 'MARKDOWN', 'RETIRED');

-- CreateEnum
CREATE TYPE "CampaignStatus" AS ENUM ('DRAFT', 'PRESALE', 'LIVE', 'CLOSED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "DemandKind" AS ENUM ('ORDER', 'PRESALE', 'FORECAST', 'REORDER_TRIGGER');

-- CreateEnum
CREATE TYPE "DemandStatus" AS ENUM ('OPEN', 'PARTIAL', 'ALLOCATED', 'IN_PRODUCTION', 'SHIPPED', 'FULFILLED', 'REFUSED', 'EXPIRED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "CancelReason" AS ENUM ('SOLD_BADLY', 'TOO_LATE', 'FOUND_ELSEWHERE', 'CAMPAIGN_CANCELLED', 'MISTAKE', 'OTHER');

-- CreateEnum
CREATE TYPE "SaleKind" AS ENUM ('SALE', 'RETURN');

-- CreateEnum
CREATE TYPE "Platform" AS ENUM ('TIKTOK', 'FACEBOOK', 'SNAPCHAT', 'INSTAGRAM', 'PINTEREST', 'OWN_COMMUNITY');

-- CreateTable
CREATE TABLE "Creator" (
    "creatorId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "displayName" TEXT NOT NULL,
    "tier" "CreatorTier" NOT NULL,
    "country" TEXT,
    "mcnId" TEXT,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Creator_pkey" PRIMARY KEY ("creatorId")
);

-- CreateTable
CREATE TABLE "Mcn" (
    "mcnId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "name" TEXT NOT NULL,
    "takeRateBps" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Mcn_pkey" PRIMARY KEY ("mcnId")
);

-- CreateTable
CREATE TABLE "Brand" (
    "brandId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "positioning" TEXT NOT NULL,
    "promise" TEXT NOT NULL,
    "slogan" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Brand_pkey" PRIMARY KEY ("brandId")
);

-- CreateTable
CREATE TABLE "BrandSegment" (
    "brandId" TEXT NOT NULL,
    "segmentId" TEXT NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "BrandSegment_pkey" PRIMARY KEY ("brandId","segmentId")
);

-- CreateTable
CREATE TABLE "AudienceSegment" (
    "segmentId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "creatorId" TEXT,
    "name" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "priceFromMinor" BIGINT,
    "priceToMinor" BIGINT,
    "priceCurrency" TEXT,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AudienceSegment_pkey" PRIMARY KEY ("segmentId")
);

-- CreateTable
CREATE TABLE "SegmentSize" (
    "segmentId" TEXT NOT NULL,
    "size" TEXT NOT NULL,
    "shareBps" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "SegmentSize_pkey" PRIMARY KEY ("segmentId","size")
);

-- CreateTable
CREATE TABLE "Style" (
    "styleId" TEXT NOT NULL,
    "gmn" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "name" TEXT NOT NULL,
    "category" "StyleCategory" NOT NULL,
    "brandId" TEXT,
    "creatorId" TEXT,
    "retailPriceMinor" BIGINT NOT NULL,
    "retailPriceCurrency" TEXT NOT NULL,
    "life" "StyleLife" NOT NULL,
    "proposedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Style_pkey" PRIMARY KEY ("styleId")
);

-- CreateTable
CREATE TABLE "Sku" (
    "gtin" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "colour" TEXT NOT NULL,
    "size" TEXT NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "Sku_pkey" PRIMARY KEY ("gtin")
);

-- CreateTable
CREATE TABLE "Campaign" (
    "campaignId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "creatorId" TEXT NOT NULL,
    "brandId" TEXT,
    "title" TEXT NOT NULL,
    "status" "CampaignStatus" NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3),
    "cpsRateBps" INTEGER NOT NULL,
    "slotFeeMinor" BIGINT,
    "slotFeeCurrency" TEXT,
    "currency" TEXT NOT NULL,
    "cancelReason" "CancelReason",
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Campaign_pkey" PRIMARY KEY ("campaignId")
);

-- CreateTable
CREATE TABLE "CampaignStyle" (
    "campaignId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "CampaignStyle_pkey" PRIMARY KEY ("campaignId","styleId")
);

-- CreateTable
CREATE TABLE "CampaignSegment" (
    "campaignId" TEXT NOT NULL,
    "segmentId" TEXT NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "CampaignSegment_pkey" PRIMARY KEY ("campaignId","segmentId")
);

-- CreateTable
CREATE TABLE "Sale" (
    "saleId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "kind" "SaleKind" NOT NULL,
    "gtin" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "unitPriceMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "soldAt" TIMESTAMPTZ(3) NOT NULL,
    "campaignId" TEXT,
    "siteGln" TEXT,
    "segmentId" TEXT,
    "platform" "Platform",
    "buyerHash" TEXT,

    CONSTRAINT "Sale_pkey" PRIMARY KEY ("saleId")
);

-- CreateTable
CREATE TABLE "DemandLine" (
    "demandLineId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "campaignId" TEXT,
    "siteGln" TEXT,
    "styleId" TEXT NOT NULL,
    "kind" "DemandKind" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "segmentId" TEXT,
    "dueDate" DATE NOT NULL,
    "latestDate" DATE NOT NULL,
    "shipToUnlocode" TEXT NOT NULL,
    "requiredCapabilities" TEXT[],
    "requiredCertificates" TEXT[],
    "qualityFloorBps" INTEGER,
    "unitPriceCapMinor" BIGINT,
    "unitMarginMinor" BIGINT NOT NULL,
    "depositPaidMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "status" "DemandStatus" NOT NULL,
    "cancelReason" "CancelReason",
    "submittedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DemandLine_pkey" PRIMARY KEY ("demandLineId")
);

-- CreateTable
CREATE TABLE "DemandSize" (
    "demandLineId" TEXT NOT NULL,
    "gtin" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "DemandSize_pkey" PRIMARY KEY ("demandLineId","gtin")
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

-- CreateTable
CREATE TABLE "ImportProgress" (
    "fileHash" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "nextRow" INTEGER NOT NULL,
    "rowsRead" INTEGER NOT NULL,
    "rowsStored" INTEGER NOT NULL,
    "rowsBad" INTEGER NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ImportProgress_pkey" PRIMARY KEY ("fileHash","format")
);

-- CreateIndex
CREATE INDEX "Creator_displayName_creatorId_idx" ON "Creator"("displayName", "creatorId");

-- CreateIndex
CREATE INDEX "Creator_tier_displayName_creatorId_idx" ON "Creator"("tier", "displayName", "creatorId");

-- CreateIndex
CREATE INDEX "Creator_mcnId_displayName_creatorId_idx" ON "Creator"("mcnId", "displayName", "creatorId");

-- CreateIndex
CREATE INDEX "AudienceSegment_creatorId_idx" ON "AudienceSegment"("creatorId");

-- CreateIndex
CREATE INDEX "AudienceSegment_memberId_idx" ON "AudienceSegment"("memberId");

-- CreateIndex
CREATE UNIQUE INDEX "Style_gmn_key" ON "Style"("gmn");

-- CreateIndex
CREATE INDEX "Style_proposedAt_styleId_idx" ON "Style"("proposedAt" DESC, "styleId" DESC);

-- CreateIndex
CREATE INDEX "Style_category_proposedAt_styleId_idx" ON "Style"("category", "proposedAt" DESC, "styleId" DESC);

-- CreateIndex
CREATE INDEX "Style_brandId_proposedAt_styleId_idx" ON "Style"("brandId", "proposedAt" DESC, "styleId" DESC);

-- CreateIndex
CREATE INDEX "Sku_styleId_place_gtin_idx" ON "Sku"("styleId", "place", "gtin");

-- CreateIndex
CREATE UNIQUE INDEX "Sku_styleId_colour_size_key" ON "Sku"("styleId", "colour", "size");

-- CreateIndex
CREATE INDEX "Campaign_creatorId_startsAt_campaignId_idx" ON "Campaign"("creatorId", "startsAt" DESC, "campaignId" DESC);

-- CreateIndex
CREATE INDEX "CampaignStyle_campaignId_place_styleId_idx" ON "CampaignStyle"("campaignId", "place", "styleId");

-- CreateIndex
CREATE INDEX "Sale_styleId_soldAt_idx" ON "Sale"("styleId", "soldAt");

-- CreateIndex
CREATE INDEX "Sale_campaignId_idx" ON "Sale"("campaignId");

-- CreateIndex
CREATE INDEX "Sale_segmentId_soldAt_idx" ON "Sale"("segmentId", "soldAt");

-- CreateIndex
CREATE INDEX "Sale_segmentId_buyerHash_soldAt_idx" ON "Sale"("segmentId", "buyerHash", "soldAt");

-- CreateIndex
CREATE INDEX "DemandLine_dueDate_demandLineId_idx" ON "DemandLine"("dueDate", "demandLineId");

-- CreateIndex
CREATE INDEX "DemandLine_status_dueDate_demandLineId_idx" ON "DemandLine"("status", "dueDate", "demandLineId");

-- CreateIndex
CREATE INDEX "DemandLine_status_latestDate_idx" ON "DemandLine"("status", "latestDate");

-- CreateIndex
CREATE INDEX "DemandLine_styleId_dueDate_demandLineId_idx" ON "DemandLine"("styleId", "dueDate", "demandLineId");

-- CreateIndex
CREATE INDEX "DemandLine_campaignId_dueDate_demandLineId_idx" ON "DemandLine"("campaignId", "dueDate", "demandLineId");

-- CreateIndex
CREATE INDEX "DemandLine_memberId_dueDate_demandLineId_idx" ON "DemandLine"("memberId", "dueDate", "demandLineId");

-- CreateIndex
CREATE UNIQUE INDEX "Outbox_id_key" ON "Outbox"("id");

-- CreateIndex
CREATE INDEX "Inbox_at_idx" ON "Inbox"("at");

-- CreateIndex
CREATE INDEX "Idempotency_at_idx" ON "Idempotency"("at");
