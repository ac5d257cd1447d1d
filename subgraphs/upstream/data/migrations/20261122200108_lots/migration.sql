-- CreateTable
CREATE TABLE "ProductionLot" (
    "lotId" TEXT NOT NULL,
    "epcClass" TEXT NOT NULL,
    "allocationId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "holdReason" TEXT,
    "scrapNote" TEXT,
    "plannedQty" INTEGER NOT NULL,
    "goodQty" INTEGER NOT NULL DEFAULT 0,
    "scrapQty" INTEGER NOT NULL DEFAULT 0,
    "neededBy" DATE NOT NULL,
    "openedAt" TIMESTAMPTZ(3) NOT NULL,
    "completedAt" TIMESTAMPTZ(3),
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ProductionLot_pkey" PRIMARY KEY ("lotId")
);

-- CreateTable
CREATE TABLE "LotStage" (
    "lotId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "smv" DECIMAL(12,4) NOT NULL,
    "qtyIn" INTEGER NOT NULL DEFAULT 0,
    "qtyOut" INTEGER NOT NULL DEFAULT 0,
    "scrap" INTEGER NOT NULL DEFAULT 0,
    "startedAt" TIMESTAMPTZ(3),
    "reportedAt" TIMESTAMPTZ(3),
    "completedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LotStage_pkey" PRIMARY KEY ("lotId","position")
);

-- CreateTable
CREATE TABLE "AllocationCopy" (
    "allocationId" TEXT NOT NULL,
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "demandMemberId" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "promisedDate" DATE NOT NULL,
    "status" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AllocationCopy_pkey" PRIMARY KEY ("allocationId")
);

-- CreateTable
CREATE TABLE "AllocationSlot" (
    "allocationId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "bucketId" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "minutes" INTEGER NOT NULL,

    CONSTRAINT "AllocationSlot_pkey" PRIMARY KEY ("allocationId","position")
);

-- CreateTable
CREATE TABLE "Carriage" (
    "allocationId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,

    CONSTRAINT "Carriage_pkey" PRIMARY KEY ("allocationId","memberId")
);

-- CreateIndex
CREATE UNIQUE INDEX "ProductionLot_epcClass_key" ON "ProductionLot"("epcClass");

-- CreateIndex
CREATE UNIQUE INDEX "ProductionLot_allocationId_key" ON "ProductionLot"("allocationId");

-- CreateIndex
CREATE INDEX "ProductionLot_openedAt_lotId_idx" ON "ProductionLot"("openedAt", "lotId");

-- CreateIndex
CREATE INDEX "ProductionLot_gln_openedAt_lotId_idx" ON "ProductionLot"("gln", "openedAt", "lotId");

-- CreateIndex
CREATE INDEX "ProductionLot_memberId_openedAt_lotId_idx" ON "ProductionLot"("memberId", "openedAt", "lotId");

-- CreateIndex
CREATE INDEX "ProductionLot_demandMemberId_openedAt_lotId_idx" ON "ProductionLot"("demandMemberId", "openedAt", "lotId");

-- CreateIndex
CREATE INDEX "AllocationSlot_bucketId_idx" ON "AllocationSlot"("bucketId");

-- CreateIndex
CREATE INDEX "Carriage_memberId_idx" ON "Carriage"("memberId");
