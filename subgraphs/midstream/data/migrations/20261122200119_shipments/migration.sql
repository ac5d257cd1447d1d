-- CreateTable
CREATE TABLE "Shipment" (
    "gsin" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "distributorGln" TEXT NOT NULL,
    "carrier" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "makerMemberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "demandOrigin" TEXT NOT NULL,
    "originUnlocode" TEXT NOT NULL,
    "destinationUnlocode" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "plannedArrival" TIMESTAMPTZ(3) NOT NULL,
    "eta" TIMESTAMPTZ(3) NOT NULL,
    "etaConfidenceBps" INTEGER,
    "otif" BOOLEAN,
    "despatchAdviceId" TEXT,
    "receiptAdviceId" TEXT,
    "bookedAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Shipment_pkey" PRIMARY KEY ("gsin")
);

-- CreateTable
CREATE TABLE "LogisticUnit" (
    "sscc" TEXT NOT NULL,
    "gsin" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "parentSscc" TEXT,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "LogisticUnit_pkey" PRIMARY KEY ("sscc")
);

-- CreateTable
CREATE TABLE "UnitContent" (
    "sscc" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "gsin" TEXT NOT NULL,
    "gtin" TEXT NOT NULL,
    "lotId" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "UnitContent_pkey" PRIMARY KEY ("sscc","position")
);

-- CreateTable
CREATE TABLE "Milestone" (
    "gsin" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3),
    "planned" TIMESTAMPTZ(3),
    "source" TEXT NOT NULL,
    "note" TEXT,

    CONSTRAINT "Milestone_pkey" PRIMARY KEY ("gsin","position")
);

-- CreateTable
CREATE TABLE "ReceiptLine" (
    "gsin" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "gtin" TEXT NOT NULL,
    "lotId" TEXT NOT NULL,
    "good" INTEGER NOT NULL,
    "damaged" INTEGER NOT NULL,

    CONSTRAINT "ReceiptLine_pkey" PRIMARY KEY ("gsin","position")
);

-- CreateTable
CREATE TABLE "Document" (
    "documentId" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "gsin" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "receiverMemberId" TEXT NOT NULL,
    "issuedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Document_pkey" PRIMARY KEY ("documentId")
);

-- CreateTable
CREATE TABLE "DocumentReference" (
    "documentId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "referenceId" TEXT NOT NULL,

    CONSTRAINT "DocumentReference_pkey" PRIMARY KEY ("documentId","position")
);

-- CreateTable
CREATE TABLE "DocumentSeries" (
    "memberId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "last" INTEGER NOT NULL,

    CONSTRAINT "DocumentSeries_pkey" PRIMARY KEY ("memberId","type")
);

-- CreateTable
CREATE TABLE "AllocationCopy" (
    "allocationId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "unitPriceMinor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "originUnlocode" TEXT NOT NULL,
    "destinationUnlocode" TEXT NOT NULL,
    "promisedDate" DATE NOT NULL,
    "status" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AllocationCopy_pkey" PRIMARY KEY ("allocationId")
);

-- CreateTable
CREATE TABLE "LotCopy" (
    "lotId" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "goodQty" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LotCopy_pkey" PRIMARY KEY ("lotId")
);

-- CreateIndex
CREATE INDEX "Shipment_bookedAt_gsin_idx" ON "Shipment"("bookedAt" DESC, "gsin" DESC);

-- CreateIndex
CREATE INDEX "Shipment_distributorGln_bookedAt_gsin_idx" ON "Shipment"("distributorGln", "bookedAt" DESC, "gsin" DESC);

-- CreateIndex
CREATE INDEX "Shipment_allocationId_bookedAt_gsin_idx" ON "Shipment"("allocationId", "bookedAt" DESC, "gsin" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "LogisticUnit_gsin_position_key" ON "LogisticUnit"("gsin", "position");

-- CreateIndex
CREATE INDEX "UnitContent_gsin_idx" ON "UnitContent"("gsin");

-- CreateIndex
CREATE INDEX "UnitContent_lotId_sscc_idx" ON "UnitContent"("lotId", "sscc");

-- CreateIndex
CREATE INDEX "ReceiptLine_lotId_idx" ON "ReceiptLine"("lotId");

-- CreateIndex
CREATE UNIQUE INDEX "Document_memberId_type_number_key" ON "Document"("memberId", "type", "number");
