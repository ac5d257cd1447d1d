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
