-- CreateEnum
CREATE TYPE "TrafficDomain" AS ENUM ('PUBLIC', 'PRIVATE');

-- CreateEnum
CREATE TYPE "AllocationStatus" AS ENUM ('PROPOSED', 'OFFERED', 'COUNTERED', 'ACCEPTED', 'FROZEN', 'COMPLETED', 'DECLINED', 'SUPERSEDED');

-- CreateEnum
CREATE TYPE "DecisionOutcome" AS ENUM ('ALLOCATED', 'PARTIAL', 'REFUSED');

-- CreateEnum
CREATE TYPE "LotStatus" AS ENUM ('PLANNED', 'RELEASED', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CLOSED', 'SCRAPPED');

-- CreateEnum
CREATE TYPE "ShipmentStatus" AS ENUM ('BOOKED', 'PICKED_UP', 'IN_TRANSIT', 'CUSTOMS', 'ARRIVED', 'DELIVERED', 'EXCEPTION', 'CANCELLED');

-- CreateTable
CREATE TABLE "TrafficSource" (
    "sourceId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "creatorId" TEXT NOT NULL,
    "platform" "Platform" NOT NULL,
    "handle" TEXT NOT NULL,
    "domain" "TrafficDomain" NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TrafficSource_pkey" PRIMARY KEY ("sourceId")
);

-- CreateTable
CREATE TABLE "TrafficReading" (
    "sourceId" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "views" BIGINT,
    "reactions" BIGINT NOT NULL,
    "clicks" BIGINT,
    "orders" INTEGER,
    "joinedPrivate" INTEGER,
    "followers" BIGINT,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TrafficReading_pkey" PRIMARY KEY ("sourceId","day")
);

-- CreateTable
CREATE TABLE "DemandSignal" (
    "signalId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" "DataOrigin" NOT NULL,
    "styleId" TEXT,
    "sourceId" TEXT,
    "campaignId" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "windowSeconds" INTEGER NOT NULL,
    "views" BIGINT,
    "reactions" BIGINT,
    "addToCarts" BIGINT,
    "deposits" INTEGER,
    "orders" INTEGER,
    "ewmaRate" DOUBLE PRECISION,

    CONSTRAINT "DemandSignal_pkey" PRIMARY KEY ("signalId")
);

-- CreateTable
CREATE TABLE "AllocationCopy" (
    "allocationId" TEXT NOT NULL,
    "demandLineId" TEXT,
    "memberId" TEXT,
    "distributorMemberId" TEXT,
    "origin" "DataOrigin",
    "quantity" INTEGER,
    "status" "AllocationStatus",
    "changedAt" TIMESTAMPTZ(3),
    "lotStatus" "LotStatus",
    "lotGoodQty" INTEGER,
    "lotChangedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AllocationCopy_pkey" PRIMARY KEY ("allocationId")
);

-- CreateTable
CREATE TABLE "ShipmentCopy" (
    "gsin" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "status" "ShipmentStatus",
    "changedAt" TIMESTAMPTZ(3),
    "received" INTEGER,

    CONSTRAINT "ShipmentCopy_pkey" PRIMARY KEY ("gsin")
);

-- CreateTable
CREATE TABLE "ReceivedPieces" (
    "gsin" TEXT NOT NULL,
    "gtin" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "good" INTEGER NOT NULL,

    CONSTRAINT "ReceivedPieces_pkey" PRIMARY KEY ("gsin","gtin")
);

-- CreateTable
CREATE TABLE "DecisionCopy" (
    "demandLineId" TEXT NOT NULL,
    "outcome" "DecisionOutcome",
    "decidedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DecisionCopy_pkey" PRIMARY KEY ("demandLineId")
);

-- CreateIndex
CREATE UNIQUE INDEX "TrafficSource_creatorId_platform_handle_key" ON "TrafficSource"("creatorId", "platform", "handle");

-- CreateIndex
CREATE INDEX "DemandSignal_styleId_at_signalId_idx" ON "DemandSignal"("styleId", "at" DESC, "signalId" DESC);

-- CreateIndex
CREATE INDEX "DemandSignal_sourceId_at_signalId_idx" ON "DemandSignal"("sourceId", "at" DESC, "signalId" DESC);

-- CreateIndex
CREATE INDEX "AllocationCopy_demandLineId_idx" ON "AllocationCopy"("demandLineId");

-- CreateIndex
CREATE INDEX "AllocationCopy_memberId_idx" ON "AllocationCopy"("memberId");

-- CreateIndex
CREATE INDEX "AllocationCopy_distributorMemberId_idx" ON "AllocationCopy"("distributorMemberId");

-- CreateIndex
CREATE INDEX "ShipmentCopy_allocationId_idx" ON "ShipmentCopy"("allocationId");

-- CreateIndex
CREATE INDEX "ReceivedPieces_styleId_at_idx" ON "ReceivedPieces"("styleId", "at");
