-- CreateTable
CREATE TABLE "Distributor" (
    "gln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "country" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Distributor_pkey" PRIMARY KEY ("gln")
);

-- CreateTable
CREATE TABLE "Sla" (
    "gln" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "measure" TEXT NOT NULL,
    "targetBps" INTEGER NOT NULL,
    "penaltyMinor" BIGINT,
    "penaltyCurrency" TEXT,

    CONSTRAINT "Sla_pkey" PRIMARY KEY ("gln","position")
);

-- CreateTable
CREATE TABLE "Tariff" (
    "gln" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "service" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "priceMinor" BIGINT NOT NULL,
    "priceCurrency" TEXT NOT NULL,
    "originUnlocode" TEXT,
    "destinationUnlocode" TEXT,
    "transitDays" INTEGER,
    "validFrom" DATE NOT NULL,
    "validTo" DATE,

    CONSTRAINT "Tariff_pkey" PRIMARY KEY ("gln","position")
);

-- CreateTable
CREATE TABLE "Site" (
    "siteGln" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "distributorGln" TEXT,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "unlocode" TEXT NOT NULL,
    "freeCubicMetres" DOUBLE PRECISION NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Site_pkey" PRIMARY KEY ("siteGln")
);

-- CreateTable
CREATE TABLE "InventoryPosition" (
    "siteGln" TEXT NOT NULL,
    "gtin" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "onHand" INTEGER NOT NULL,
    "reserved" INTEGER NOT NULL,
    "inTransit" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "InventoryPosition_pkey" PRIMARY KEY ("siteGln","gtin")
);

-- CreateTable
CREATE TABLE "DailySales" (
    "gtin" TEXT NOT NULL,
    "siteGln" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "pieces" INTEGER NOT NULL,

    CONSTRAINT "DailySales_pkey" PRIMARY KEY ("gtin","siteGln","day")
);

-- CreateTable
CREATE TABLE "Classification" (
    "styleId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "hsCode" TEXT NOT NULL,
    "unitWeightGrams" INTEGER NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Classification_pkey" PRIMARY KEY ("styleId")
);

-- CreateTable
CREATE TABLE "StyleCopy" (
    "styleId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,

    CONSTRAINT "StyleCopy_pkey" PRIMARY KEY ("styleId")
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
CREATE INDEX "Distributor_name_gln_idx" ON "Distributor"("name", "gln");

-- CreateIndex
CREATE INDEX "Distributor_country_name_gln_idx" ON "Distributor"("country", "name", "gln");

-- CreateIndex
CREATE INDEX "Site_name_siteGln_idx" ON "Site"("name", "siteGln");

-- CreateIndex
CREATE INDEX "Site_distributorGln_name_siteGln_idx" ON "Site"("distributorGln", "name", "siteGln");

-- CreateIndex
CREATE INDEX "Site_unlocode_name_siteGln_idx" ON "Site"("unlocode", "name", "siteGln");

-- CreateIndex
CREATE INDEX "InventoryPosition_gtin_siteGln_idx" ON "InventoryPosition"("gtin", "siteGln");

-- CreateIndex
CREATE UNIQUE INDEX "Outbox_id_key" ON "Outbox"("id");

-- CreateIndex
CREATE INDEX "Inbox_at_idx" ON "Inbox"("at");

-- CreateIndex
CREATE INDEX "Idempotency_at_idx" ON "Idempotency"("at");
