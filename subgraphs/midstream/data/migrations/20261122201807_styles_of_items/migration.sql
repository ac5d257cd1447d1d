-- CreateTable
CREATE TABLE "SkuCopy" (
    "gtin" TEXT NOT NULL,
    "styleId" TEXT NOT NULL,

    CONSTRAINT "SkuCopy_pkey" PRIMARY KEY ("gtin")
);
