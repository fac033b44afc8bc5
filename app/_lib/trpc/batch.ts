/** Calls in one request. A page asks for a handful at once; hundreds would hold every connection to the database. */
export const MAX_BATCH = 20;
