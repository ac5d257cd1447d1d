// Countries as the order file writes them: ISO 3166-1, and a place of trade of each (UN/LOCODE) for the goods to go to.
// No public file says to which place an order went, so the largest gateway of the country stands for it.

/** Where the seller is; for the two names that are no country. */
const SELLER = { country: 'GB', place: 'GBLON' };

const table: Readonly<Record<string, { readonly country: string; readonly place: string }>> = {
  Australia: { country: 'AU', place: 'AUSYD' },
  Austria: { country: 'AT', place: 'ATVIE' },
  Bahrain: { country: 'BH', place: 'BHBAH' },
  Belgium: { country: 'BE', place: 'BEANR' },
  Brazil: { country: 'BR', place: 'BRSSZ' },
  Canada: { country: 'CA', place: 'CATOR' },
  // Jersey, the largest of them: the islands have no common code
  'Channel Islands': { country: 'JE', place: 'JESTH' },
  Cyprus: { country: 'CY', place: 'CYLCA' },
  'Czech Republic': { country: 'CZ', place: 'CZPRG' },
  Denmark: { country: 'DK', place: 'DKCPH' },
  EIRE: { country: 'IE', place: 'IEDUB' },
  'European Community': SELLER,
  Finland: { country: 'FI', place: 'FIHEL' },
  France: { country: 'FR', place: 'FRPAR' },
  Germany: { country: 'DE', place: 'DEHAM' },
  Greece: { country: 'GR', place: 'GRATH' },
  'Hong Kong': { country: 'HK', place: 'HKHKG' },
  Iceland: { country: 'IS', place: 'ISREY' },
  Israel: { country: 'IL', place: 'ILTLV' },
  Italy: { country: 'IT', place: 'ITMIL' },
  Japan: { country: 'JP', place: 'JPTYO' },
  Lebanon: { country: 'LB', place: 'LBBEY' },
  Lithuania: { country: 'LT', place: 'LTVNO' },
  Malta: { country: 'MT', place: 'MTMLA' },
  Netherlands: { country: 'NL', place: 'NLRTM' },
  Norway: { country: 'NO', place: 'NOOSL' },
  Poland: { country: 'PL', place: 'PLWAW' },
  Portugal: { country: 'PT', place: 'PTLIS' },
  RSA: { country: 'ZA', place: 'ZACPT' },
  'Saudi Arabia': { country: 'SA', place: 'SARUH' },
  Singapore: { country: 'SG', place: 'SGSIN' },
  Spain: { country: 'ES', place: 'ESMAD' },
  Sweden: { country: 'SE', place: 'SESTO' },
  Switzerland: { country: 'CH', place: 'CHZRH' },
  USA: { country: 'US', place: 'USNYC' },
  'United Arab Emirates': { country: 'AE', place: 'AEDXB' },
  'United Kingdom': SELLER,
  Unspecified: SELLER,
};

const byName = new Map(Object.entries(table));

/** ISO code and place of a country's name; null for a name that the file format does not know. */
export const findCountry = (name: string): { readonly country: string; readonly place: string } | null => byName.get(name) ?? null;
